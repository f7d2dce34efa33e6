package import Telemetry

/// The columns of the table of runs, in their order on the screen.
nonisolated package enum RunColumn: String, Hashable, Sendable, CaseIterable {
  case number
  case state
  case name
  case architecture
  case data
  case epoch
  case bestLoss
  case bestAccuracy
  case parameters
  case secondsPerEpoch
  case learningRate
  case started

  package var title: String {
    switch self {
    case .number: "#"
    case .state: "state"
    case .name: "name"
    case .architecture: "architecture"
    case .data: "data"
    case .epoch: "epoch"
    case .bestLoss: "best loss"
    case .bestAccuracy: "accuracy @ epoch"
    case .parameters: "parameters"
    case .secondsPerEpoch: "s/epoch"
    case .learningRate: "LR"
    case .started: "started"
    }
  }

  /// Columns given up where the screen is too narrow, the first to go first.
  ///
  /// What is never given up: state, name, epoch and the best accuracy.
  package static let droppingOrder: [RunColumn] = [
    .data, .parameters, .learningRate, .architecture, .started, .secondsPerEpoch, .number,
    .bestLoss,
  ]

  /// Numbers stand at the right of their column.
  package var isRightAligned: Bool {
    switch self {
    case .state, .name, .architecture, .data: false
    case .number, .epoch, .bestLoss, .bestAccuracy, .parameters, .secondsPerEpoch, .learningRate,
      .started:
      true
    }
  }

  /// Whether the first press sorts from large to small: where the large ones are of interest.
  package var startsDescending: Bool {
    switch self {
    case .number, .epoch, .bestAccuracy, .parameters, .started: true
    case .state, .name, .architecture, .data, .bestLoss, .secondsPerEpoch, .learningRate: false
    }
  }

  /// What a run is sorted by; runs without a value come last in either direction.
  package func sortValue(of run: RunSummary) -> SortValue? {
    switch self {
    case .number: .number(Double(run.id.number))
    case .state: .text(RunState(run.status).rawValue)
    case .name: .text(run.description.name)
    case .architecture: .text(run.description.recipe.architecture)
    case .data: .text(run.description.recipe.data)
    case .epoch: .number(Double(run.epoch))
    case .bestLoss: run.bestValidationLoss.map { .number($0) }
    case .bestAccuracy: run.bestValidationAccuracy.map { .number($0) }
    case .parameters: .number(Double(run.description.parameters.total))
    case .secondsPerEpoch: run.secondsPerEpoch.map { .number($0) }
    case .learningRate: .number(run.learningRate)
    case .started: .number(run.description.startedAt)
    }
  }
}

/// A value of one column; all values of a column are of the same kind.
nonisolated package enum SortValue: Hashable, Sendable, Comparable {
  case number(Double)
  case text(String)

  /// Not a number sorts behind every number, as if it were missing.
  package static func < (left: SortValue, right: SortValue) -> Bool {
    switch (left, right) {
    case (.number(let left), .number(let right)):
      left.isNaN ? false : right.isNaN ? true : left < right
    case (.text(let left), .text(let right)): left.lowercased() < right.lowercased()
    case (.number, .text): true
    case (.text, .number): false
    }
  }
}
