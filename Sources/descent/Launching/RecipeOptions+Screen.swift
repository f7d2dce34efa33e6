import ArgumentParser
import Telemetry

/// The options of a run that is put together on the screen: what it leaves open has the command
/// line's defaults.
extension RecipeOptions {
  /// The command line's defaults for this data set.
  init(data: String) throws {
    self = try RecipeOptions.parse(["--data=digits"])
    self.data = data
  }

  init(_ request: RunRequest) throws {
    try self.init(data: request.data)
    lr = String(request.learningRate)
    batchSize = request.batchSize
    epochs = request.epochs
    optimizer = request.optimizer.rawValue
    precision = request.precision.rawValue
  }

  /// What the screen's form begins with.
  static var newRunDefaults: NewRunDefaults {
    let rates = OptimizerSettings.Kind.allCases.map { ($0, $0.defaultLearningRate) }
    let options = try? RecipeOptions(data: "digits")
    return NewRunDefaults(
      data: "digits",
      batchSize: options?.batchSize ?? 64,
      epochs: options?.epochs ?? 10,
      optimizer: options.flatMap { OptimizerSettings.Kind(rawValue: $0.optimizer) } ?? .sgd,
      precision: options.flatMap { Recipe.Precision(rawValue: $0.precision) } ?? .f32,
      learningRates: Dictionary(uniqueKeysWithValues: rates),
      schedule: Schedule.defaultSummary
    )
  }
}
