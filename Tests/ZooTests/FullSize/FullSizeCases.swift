import Testing

/// One stored reference and the architecture that must equal it.
struct FullSizeCase: CustomTestStringConvertible, Sendable {
  /// The file's name without its ending.
  let file: String
  let architecture: String
  var translation = Translation.sameNames
  /// Beginnings of names of parameters that the reference leaves as they are at first.
  var constants: [String] = []

  var testDescription: String { "\(architecture) as \(file)" }

  /// Those that take about a second each: part of every test run.
  static let quick = [
    FullSizeCase(file: "resnet18.torch", architecture: "resnet18")
  ]

  /// Those with hundreds of megabytes of weights.
  static let slow: [FullSizeCase] = []
}
