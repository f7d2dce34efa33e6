package import Terminal

/// Where keys are being listened to.
nonisolated package enum KeyContext: String, Hashable, Sendable, CaseIterable {
  /// The screens, while no popup is open, but not where letters are typed.
  case everywhere
  case runs
  case run
  case newRun
  case compare
  case quitDialog
  case confirmation
  case divergence
  case rangeTest
  case prompt
  case help

  /// The heading of the context's keys in the help and in the documentation.
  package var title: String {
    switch self {
    case .everywhere: "Everywhere"
    case .runs: "Runs screen"
    case .run: "Run screen"
    case .newRun: "New-run screen"
    case .compare: "Compare screen"
    case .quitDialog: "Leaving while a run trains"
    case .confirmation: "Questions"
    case .divergence: "When the loss goes wrong"
    case .rangeTest: "Learning-rate range test"
    case .prompt: "Typing a value"
    case .help: "Help"
    }
  }
}

/// One key and what it does.
nonisolated package struct KeyStroke: Hashable, Sendable {
  package var key: Key
  package var action: Action

  package init(_ key: Key, _ action: Action) {
    self.key = key
    self.action = action
  }
}

/// One row of the key table: keys that belong together, such as `+` and `-`.
///
/// Dispatch, footer hints, the help and docs/KEYBINDINGS.md are all made from these rows.
nonisolated package struct KeyBinding: Hashable, Sendable {
  package var context: KeyContext
  /// Rows of one context are shown under these headings.
  package var section: String
  package var strokes: [KeyStroke]
  /// Two or three words for the footer.
  package var title: String
  /// A sentence for the help.
  package var explanation: String
  /// Whether it does something only while the shown run is being trained.
  package var needsLiveRun: Bool
  /// Order in the footer, smallest first; nil keeps the row out of it.
  package var hintRank: Int?

  package init(
    _ context: KeyContext,
    _ section: String,
    _ strokes: [KeyStroke],
    title: String,
    _ explanation: String,
    needsLiveRun: Bool = false,
    hintRank: Int? = nil
  ) {
    self.context = context
    self.section = section
    self.strokes = strokes
    self.title = title
    self.explanation = explanation
    self.needsLiveRun = needsLiveRun
    self.hintRank = hintRank
  }

  /// The keys as people read them: `+ -`.
  package var label: String {
    strokes.map { keyName($0.key) }.joined(separator: " ")
  }

  /// The keys as the footer shows them: one for each thing they do.
  package var shortLabel: String {
    var told: Set<Action> = []
    return strokes.filter { told.insert($0.action).inserted }
      .map { keyName($0.key) }.joined(separator: " ")
  }
}

/// How a key is written in hints, help and documents.
nonisolated package func keyName(_ key: Key) -> String {
  switch key {
  case .character(" "): "Space"
  case .character(let character): String(character)
  case .control(let letter): "Ctrl-\(letter.uppercased())"
  case .enter: "Enter"
  case .escape: "Esc"
  case .tab: "Tab"
  case .backTab: "Shift-Tab"
  case .backspace: "Backspace"
  case .delete: "Del"
  case .insert: "Ins"
  case .up: "↑"
  case .down: "↓"
  case .left: "←"
  case .right: "→"
  case .home: "Home"
  case .end: "End"
  case .pageUp: "PgUp"
  case .pageDown: "PgDn"
  case .function(let number): "F\(number)"
  case .resize: "Resize"
  case .mouse: "Mouse"
  }
}
