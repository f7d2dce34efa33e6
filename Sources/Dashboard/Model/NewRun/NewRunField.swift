/// Where the user can stand on the New-run screen, in the order Tab goes through them.
nonisolated package enum NewRunField: Hashable, Sendable, CaseIterable {
  /// The list of architectures.
  case architecture
  case data
  case imageSize
  case learningRate
  case batchSize
  case epochs
  case optimizer
  case precision
  case augmentation
  /// Not a value: here Enter starts the run.
  case start

  package var title: String {
    switch self {
    case .architecture: "architecture"
    case .data: "data"
    case .imageSize: "image size"
    case .learningRate: "learning rate"
    case .batchSize: "batch size"
    case .epochs: "epochs"
    case .optimizer: "optimizer"
    case .precision: "precision"
    case .augmentation: "augmentation"
    case .start: "Start the run"
    }
  }

  /// The fields beside the list, from top to bottom.
  package static let form: [NewRunField] = [
    .data, .imageSize, .learningRate, .batchSize, .epochs, .optimizer, .precision, .augmentation,
    .start,
  ]

  /// Whether letters and digits go into it.
  package var isTyped: Bool {
    switch self {
    case .data, .imageSize, .learningRate, .batchSize, .epochs, .augmentation: true
    case .architecture, .optimizer, .precision, .start: false
    }
  }
}
