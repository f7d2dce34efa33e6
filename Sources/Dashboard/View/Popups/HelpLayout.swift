package import Terminal

/// Which lines the help has for a search, and how many of them fit.
nonisolated package struct HelpLayout: Sendable {
  /// One line of the help.
  package enum Line: Hashable, Sendable {
    case heading(String)
    case keys(label: String, explanation: String)
    case blank
  }

  /// Columns for the keys, left of their explanations.
  package static let labelWidth = 18
  package static let widest = 100

  package let lines: [Line]
  package let visibleRows: Int
  package let width: Int

  package init(size: Size, search: String, table: KeyTable = .standard) {
    lines = helpLines(search, table)
    width = min(size.columns, Self.widest)
    // Two for the frame and one for the search.
    visibleRows = max(1, size.rows - 3)
  }

  /// The first line shown when scrolled to the end.
  package var lastTop: Int { max(0, lines.count - visibleRows) }
}

/// All keys that match every word of the search, under their headings.
nonisolated private func helpLines(_ search: String, _ table: KeyTable) -> [HelpLayout.Line] {
  let words = search.lowercased().split(separator: " ")
  var lines: [HelpLayout.Line] = []
  for context in KeyContext.allCases {
    let rows = table.bindings.filter { $0.context == context && matches($0, words) }
    for section in sections(of: rows) {
      if !lines.isEmpty { lines.append(.blank) }
      lines.append(.heading("\(context.title): \(section.lowercased())"))
      for row in rows where row.section == section {
        let live = row.needsLiveRun ? " (live run)" : ""
        lines.append(.keys(label: row.label, explanation: row.explanation + live))
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
