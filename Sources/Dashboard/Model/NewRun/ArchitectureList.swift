package import Telemetry

/// The architectures of the New-run screen: which are shown, and which one the user stands on.
///
/// The selection is an architecture, not a row: it stays when the filter changes and lets it
/// through.
nonisolated package struct ArchitectureList: Sendable {
  /// All of them, families together, each in the place of its first member.
  package private(set) var entries: [ArchitectureEntry] = []
  /// Those the filter lets through.
  package private(set) var visible: [ArchitectureEntry] = []
  package var filter = "" {
    didSet { arrange() }
  }
  package private(set) var selected: String?
  /// The first row on the screen.
  package private(set) var top = 0
  /// Rows the screen has room for.
  package var pageRows = 1 {
    didSet { scroll() }
  }

  package init() {}

  package var selectedRow: Int? {
    visible.firstIndex { $0.name == selected }
  }

  package var selectedEntry: ArchitectureEntry? {
    selectedRow.map { visible[$0] }
  }

  package mutating func load(_ architectures: [ArchitectureEntry]) {
    var families: [String] = []
    for entry in architectures where !families.contains(entry.family) {
      families.append(entry.family)
    }
    entries = families.flatMap { family in architectures.filter { $0.family == family } }
    arrange()
  }

  package mutating func move(by rows: Int) {
    move(toRow: (selectedRow ?? 0) + rows)
  }

  package mutating func move(toRow row: Int) {
    guard !visible.isEmpty else { return }
    selected = visible[min(max(0, row), visible.count - 1)].name
    scroll()
  }

  private mutating func arrange() {
    visible = matches(of: filter, in: entries)
    if selectedRow == nil { selected = visible.first?.name }
    scroll()
  }

  private mutating func scroll() {
    let row = selectedRow ?? 0
    let rows = max(1, pageRows)
    top = min(top, row)
    top = max(top, row - rows + 1)
    top = max(0, min(top, visible.count - rows))
  }
}

/// The architectures whose name or family has every word of the filter.
///
/// Hyphens, dots and capitals do not count: `vgg16bn` finds `vgg16-bn`. Where nothing has the
/// words, names that have their letters in this order do: `rsnt50` finds `resnet50`.
nonisolated private func matches(
  of filter: String,
  in entries: [ArchitectureEntry]
) -> [ArchitectureEntry] {
  let words = filter.split(whereSeparator: \.isWhitespace).map { plain(String($0)) }
  guard words.contains(where: { !$0.isEmpty }) else { return entries }
  let found = entries.filter { entry in
    let texts = [plain(entry.name), plain(entry.family)]
    return words.allSatisfy { word in
      word.isEmpty || texts.contains { $0.contains(word) }
    }
  }
  guard found.isEmpty else { return found }
  return entries.filter { entry in
    words.allSatisfy { hasInOrder(plain(entry.name), $0) }
  }
}

/// Letters and digits alone, in lower case.
nonisolated private func plain(_ text: String) -> String {
  text.lowercased().filter { $0.isLetter || $0.isNumber }
}

/// Whether the text has all letters of the word, in the word's order.
nonisolated private func hasInOrder(_ text: String, _ word: String) -> Bool {
  var rest = Substring(text)
  for letter in word {
    guard let place = rest.firstIndex(of: letter) else { return false }
    rest = rest[rest.index(after: place)...]
  }
  return true
}
