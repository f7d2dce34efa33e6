import Telemetry

/// Writes a recipe as TOML, every setting of it.
enum RecipeWriter {
  /// The file's text; what is off stands in it as `none`.
  static func text(of recipe: Recipe) -> String {
    var lines: [String] = []
    var section: String?
    for key in RecipeKey.allCases {
      if key.section != section {
        section = key.section
        lines += ["", "[\(key.section ?? "")]"]
      }
      lines.append("\(key.name) = \(value(of: key, in: recipe))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func value(of key: RecipeKey, in recipe: Recipe) -> String {
    let optimizer = recipe.optimizer
    let regularization = recipe.regularization
    let stopping = recipe.stopping
    return switch key {
    case .architecture: quoted(recipe.architecture)
    case .data: quoted(recipe.data)
    case .classes: "\(recipe.classes)"
    case .imageSize: quoted(recipe.imageSize?.description ?? none)
    case .validationSplit: "\(recipe.validationSplit)"
    case .epochs: "\(recipe.epochs)"
    case .batchSize: "\(recipe.batchSize)"
    case .accumulation: "\(recipe.accumulation)"
    case .schedule: quoted(recipe.schedule.description)
    case .warmup: quoted(recipe.warmup?.description ?? none)
    case .freeze: "[\(recipe.frozen.map(quoted).joined(separator: ", "))]"
    case .pretrained: quoted(recipe.pretrained?.path ?? none)
    case .precision: quoted(recipe.precision.rawValue)
    // Beyond the integers of TOML, a text does as well.
    case .seed: Int64(exactly: recipe.seed).map { "\($0)" } ?? quoted("\(recipe.seed)")
    case .threads: "\(recipe.threads)"
    case .memoryLimit: quoted(recipe.memory.map { "\($0.limit)B" } ?? none)
    case .onDivergence: quoted(recipe.onDivergence.rawValue)
    case .optimizer: quoted(optimizer.kind.rawValue)
    case .learningRate: "\(optimizer.learningRate)"
    case .momentum: "\(optimizer.momentum)"
    case .weightDecay: "\(optimizer.weightDecay)"
    case .decoupledDecay: "\(optimizer.decoupledDecay)"
    case .augment: quoted(recipe.augmentation.description)
    case .labelSmoothing: "\(regularization.labelSmoothing)"
    case .classWeights: weights(regularization.classWeights)
    case .clipNorm: number(regularization.clipNorm)
    case .clipValue: number(regularization.clipValue)
    case .averageWeights: number(regularization.averageDecay)
    case .earlyStop: stopping.patience.map { "\($0)" } ?? quoted(none)
    case .stopMetric: quoted(stopping.metric.rawValue)
    case .minimumDelta: "\(stopping.minimumDelta)"
    case .restoreBest: "\(stopping.restoreBest)"
    case .maximumSeconds: number(stopping.seconds)
    case .targetAccuracy: number(stopping.targetAccuracy)
    }
  }

  private static let none = "none"

  private static func number(_ value: Double?) -> String {
    value.map { "\($0)" } ?? quoted(none)
  }

  private static func weights(_ weights: ClassWeights?) -> String {
    switch weights {
    case nil: quoted(none)
    case .balanced: quoted("balanced")
    case .given(let values): "[\(values.map { "\($0)" }.joined(separator: ", "))]"
    }
  }

  /// A basic string of TOML.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
