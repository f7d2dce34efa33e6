package import Telemetry

/// What lies over the screen and takes the keys, one at a time.
nonisolated package enum Popup: Hashable, Sendable {
  case help(HelpReader)
  case prompt(Prompt)
  case confirmation(Confirmation)
  /// The loss of the run has gone wrong, and it waits: what was said of it.
  case divergence(RunID, String)
  /// What a range test of the run has found.
  case rangeTest(RunID, RangeTest)
  /// What should become of the runs that train here.
  case quitDialog

  package var context: KeyContext {
    switch self {
    case .help: .help
    case .prompt: .prompt
    case .confirmation: .confirmation
    case .divergence: .divergence
    case .rangeTest: .rangeTest
    case .quitDialog: .quitDialog
    }
  }
}

/// The help: all keys, scrolled and searched.
nonisolated package struct HelpReader: Hashable, Sendable {
  package var search = ""
  package var top = 0

  package init() {}
}

/// A line the user types.
nonisolated package struct Prompt: Hashable, Sendable {
  package enum Purpose: Hashable, Sendable {
    case learningRate
    case setting
    case fork
    case filter
  }

  package var purpose: Purpose
  package var text: String
  /// What is wrong with the text; cleared by the next key.
  package var error: String?
  /// The text before the prompt opened, for a cancel.
  package let original: String

  package init(_ purpose: Purpose, text: String = "") {
    self.purpose = purpose
    self.text = text
    original = text
  }
}

/// A question answered with yes or no.
nonisolated package enum Confirmation: Hashable, Sendable {
  case stop(RunID)
  case delete([RunID])
  /// The chosen batch does not fit into the machine's memory, this one does.
  case smallerBatch(Int, architecture: String)
}

/// One line of what just happened.
nonisolated package struct Message: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case information
    case warning
    case error
  }

  package var kind: Kind
  package var text: String

  package init(_ text: String, kind: Kind = .information) {
    self.kind = kind
    self.text = text
  }
}
