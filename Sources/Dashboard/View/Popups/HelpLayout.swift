package import Terminal

/// Which lines the help has for a search, and how many of them fit.
nonisolated package struct HelpLayout: Sendable {
  /// One line of the help.
  package enum Line: Hashable, Sendable {
    case heading(String)
    /// The label is empty where an explanation goes on.
    case keys(label: String, explanation: String)
    case blank
  }

  package static let widest = 100

  package let lines: [Line]
  package let visibleRows: Int
  package let width: Int
  /// Columns for the keys, left of their explanations.
  package let labelWidth: Int

  /// The keys of the shown screen come first.
  package init(
    size: Size,
    screen: KeyContext,
    search: String,
    table: KeyTable = .standard
  ) {
    width = min(size.columns, Self.widest)
    // Two columns for the frame, two beside it.
    let inner = max(1, width - 4)
    labelWidth = min(18, inner / 3)
    // Two rows for the frame and one for the search.
    visibleRows = max(1, size.rows - 3)
    let first: [KeyContext] = [screen, .everywhere]
    let order = first + KeyContext.allCases.filter { !first.contains($0) }
    lines = helpLines(search, table, order, columns: max(1, inner - labelWidth - 1))
  }

  /// The first line shown when scrolled to the end.
  package var lastTop: Int { max(0, lines.count - visibleRows) }
}

/// All keys that match every word of the search, under their headings.
nonisolated private func helpLines(
  _ search: String,
  _ table: KeyTable,
  _ order: [KeyContext],
  columns: Int
) -> [HelpLayout.Line] {
  let words = search.lowercased().split(separator: " ")
  var lines: [HelpLayout.Line] = []
  for context in order {
    let rows = table.bindings.filter { $0.context == context && matches($0, words) }
    for section in sections(of: rows) {
      if !lines.isEmpty { lines.append(.blank) }
      lines.append(.heading("\(context.title): \(section.lowercased())"))
      for row in rows where row.section == section {
        let live = row.needsLiveRun ? " (live run)" : ""
        for (index, part) in wrapped(row.explanation + live, to: columns).enumerated() {
          lines.append(.keys(label: index == 0 ? row.label : "", explanation: part))
        }
      }
    }
  }
  return lines
}

nonisolated private func matches(_ row: KeyBinding, _ words: [Substring]) -> Bool {
  let keys = row.strokes.map { keyName($0.key).lowercased() }
  let text = "\(row.title) \(row.explanation) \(row.section) \(row.context.title)".lowercased()
  return words.allSatisfy { word in keys.contains(String(word)) || text.contains(word) }
}

/// Breaks a sentence at blanks into lines of so many columns; a longer word keeps its own line.
nonisolated func wrapped(_ text: String, to columns: Int) -> [String] {
  var lines: [String] = []
  for word in text.split(separator: " ") {
    if let last = lines.last, displayWidth(of: last) + 1 + displayWidth(of: String(word)) <= columns
    {
      lines[lines.count - 1] = last + " " + word
    } else {
      lines.append(String(word))
    }
  }
  return lines
}
