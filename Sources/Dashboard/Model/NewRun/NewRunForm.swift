import Foundation
package import Telemetry

/// The settings of the New-run screen as they are typed.
///
/// What was not typed keeps its default, which may depend on the rest: every optimizer has its own
/// learning rate.
nonisolated package struct NewRunForm: Sendable {
  /// More epochs than anybody waits for; beyond it a slip of the finger is likelier than a wish.
  package static let mostEpochs = 1_000_000

  package private(set) var defaults: NewRunDefaults
  package private(set) var optimizer: OptimizerSettings.Kind
  package private(set) var precision: Recipe.Precision
  private var typed: [NewRunField: String] = [:]

  private static let sizeAsRead = "as read"
  /// What stepping goes through.
  private static let sizes = [sizeAsRead, "28", "32", "64", "96", "128", "224", "280"]
  private static let augmentations = [
    "none", "flip", "crop,flip", "rotate,shift,zoom", "crop,flip,rotate,zoom",
  ]

  package init(defaults: NewRunDefaults) {
    self.defaults = defaults
    optimizer = defaults.optimizer
    precision = defaults.precision
  }

  // MARK: Reading

  /// The field's text: what was typed, else the default.
  package func text(of field: NewRunField) -> String {
    typed[field] ?? defaultText(of: field)
  }

  package func isDefault(_ field: NewRunField) -> Bool {
    switch field {
    case .optimizer: optimizer == defaults.optimizer
    case .precision: precision == defaults.precision
    default: typed[field] == nil
    }
  }

  private func defaultText(of field: NewRunField) -> String {
    switch field {
    case .data: defaults.data
    case .imageSize: Self.sizeAsRead
    case .augmentation: "none"
    case .learningRate: NumberText.learningRate(defaults.learningRates[optimizer] ?? 0)
    case .batchSize: String(defaults.batchSize)
    case .epochs: String(defaults.epochs)
    case .optimizer: optimizer.rawValue
    case .precision: precision.rawValue
    case .architecture, .start: ""
    }
  }

  package var data: String { trimmed(.data) }

  /// The size that was typed; nil for the data's own, and for what is no size.
  package var imageSize: ImageSize? {
    typed[.imageSize] == nil ? nil : ImageSize(text: trimmed(.imageSize))
  }

  private var isImageSizeReadable: Bool { typed[.imageSize] == nil || imageSize != nil }

  package var augmentation: AugmentationSettings? {
    AugmentationSettings(text: trimmed(.augmentation))
  }

  package var learningRate: Double? {
    Double(trimmed(.learningRate)).flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
  }

  package var batchSize: Int? { count(.batchSize) }

  package var epochs: Int? { count(.epochs).flatMap { $0 <= Self.mostEpochs ? $0 : nil } }

  private func count(_ field: NewRunField) -> Int? {
    Int(trimmed(field)).flatMap { $0 >= 1 ? $0 : nil }
  }

  private func trimmed(_ field: NewRunField) -> String {
    text(of: field).trimmingCharacters(in: .whitespaces)
  }

  /// What the costs depend on; nil while batch or image size is none.
  package var question: CostQuestion? {
    guard let batchSize, isImageSizeReadable else { return nil }
    return CostQuestion(
      data: data,
      imageSize: imageSize,
      batchSize: batchSize,
      optimizer: optimizer,
      precision: precision
    )
  }

  /// What is wrong with the field's text; nil where it will do.
  ///
  /// `description` is that of the data, where they are known.
  package func problem(of field: NewRunField, description: DataDescription?) -> String? {
    switch field {
    case .data:
      return data.isEmpty ? "names a data set, such as digits or mnist:DIRECTORY" : nil
    case .imageSize:
      return isImageSizeReadable ? nil : "must be a side such as 64, or 48x64"
    case .augmentation:
      guard augmentation == nil else { return nil }
      return "must be none, or such as crop,flip,rotate:10"
    case .learningRate:
      return learningRate == nil ? "must be a number above zero, such as 0.02 or 3e-4" : nil
    case .batchSize:
      guard let batchSize else { return "must be a whole number of images, 1 or more" }
      guard let count = description?.trainCount, batchSize > count else { return nil }
      return "must be at most \(NumberText.count(count)): there are no more training images"
    case .epochs:
      guard epochs == nil else { return nil }
      return "must be a whole number from 1 to \(NumberText.count(Self.mostEpochs))"
    case .architecture, .optimizer, .precision, .start:
      return nil
    }
  }

  /// The run as it stands in the form; nil while a value is wrong.
  package func request(architecture: String) -> RunRequest? {
    guard let learningRate, let batchSize, let epochs, !data.isEmpty, isImageSizeReadable,
      let augmentation
    else { return nil }
    return RunRequest(
      architecture: architecture,
      data: data,
      imageSize: imageSize,
      learningRate: learningRate,
      batchSize: batchSize,
      epochs: epochs,
      optimizer: optimizer,
      precision: precision,
      augmentation: augmentation
    )
  }

  // MARK: Typing

  /// The first character takes the place of a default; the next ones follow it.
  package mutating func type(_ character: Character, into field: NewRunField) {
    switch field {
    case .optimizer: optimizer = next(behind: optimizer, beginning: character)
    case .precision: precision = next(behind: precision, beginning: character)
    default: if field.isTyped { typed[field, default: ""].append(character) }
    }
  }

  /// Takes the last character away, of a default as well.
  package mutating func eraseCharacter(of field: NewRunField) {
    guard field.isTyped else { return }
    typed[field] = String(text(of: field).dropLast())
  }

  package mutating func eraseAll(of field: NewRunField) {
    guard field.isTyped else { return }
    typed[field] = ""
  }

  /// An empty field has its default again.
  package mutating func leave(_ field: NewRunField) {
    if typed[field] == "" { typed[field] = nil }
  }

  package mutating func set(_ field: NewRunField, to text: String) {
    guard field.isTyped else { return }
    typed[field] = text == defaultText(of: field) ? nil : text
  }

  // MARK: Stepping

  /// The next value up, or down for a negative direction: twice the batch, one epoch more, the
  /// next of 1, 2, 5 and 10 for the learning rate, the next of `dataChoices`,
  /// the next usual size or augmentation, the next optimizer or precision.
  package mutating func step(_ field: NewRunField, up: Bool, dataChoices: [String]) {
    switch field {
    case .data:
      set(.data, to: neighbour(of: data, in: dataChoices, up: up))
    case .imageSize:
      set(.imageSize, to: neighbour(of: trimmed(.imageSize), in: Self.sizes, up: up))
    case .augmentation:
      set(.augmentation, to: neighbour(of: trimmed(.augmentation), in: Self.augmentations, up: up))
    case .learningRate:
      guard let learningRate else { return }
      set(.learningRate, to: NumberText.learningRate(roundRate(beside: learningRate, up: up)))
    case .batchSize:
      guard let batchSize else { return }
      set(.batchSize, to: String(up ? min(batchSize, 1 << 20) * 2 : max(1, batchSize / 2)))
    case .epochs:
      guard let epochs else { return }
      set(.epochs, to: String(min(Self.mostEpochs, max(1, epochs + (up ? 1 : -1)))))
    case .optimizer:
      optimizer = neighbour(of: optimizer, in: OptimizerSettings.Kind.allCases, up: up)
    case .precision:
      precision = neighbour(of: precision, in: Recipe.Precision.allCases, up: up)
    case .architecture, .start:
      break
    }
  }
}

/// The value before or behind; what is not among them has the first one beside it.
nonisolated private func neighbour<Value: Equatable>(
  of value: Value,
  in values: [Value],
  up: Bool
) -> Value {
  guard let index = values.firstIndex(of: value) else { return values.first ?? value }
  return values[(index + (up ? 1 : values.count - 1)) % values.count]
}

/// The choice whose name begins with the letter: behind the value, then from the first one on.
///
/// Without such a name it stays the same.
nonisolated private func next<Choice: CaseIterable & RawRepresentable & Equatable>(
  behind value: Choice,
  beginning letter: Character
) -> Choice where Choice.RawValue == String {
  let choices = Array(Choice.allCases)
  let following = choices.drop { $0 != value }.dropFirst() + choices
  return following.first { $0.rawValue.hasPrefix(letter.lowercased()) } ?? value
}

/// The next rate up or down among 1, 2 and 5 times a power of ten, from 1e-8 to 100.
nonisolated private func roundRate(beside rate: Double, up: Bool) -> Double {
  let rates = (-8...2).flatMap { exponent in
    // Read, not computed: 2e-3 and no neighbour of it.
    [1, 2, 5].compactMap { Double("\($0)e\(exponent)") }
  }
  // A rate is its own neighbour within a rounding.
  let next =
    up ? rates.first { $0 > rate * 1.000_1 } : rates.last { $0 < rate * 0.999_9 }
  return next ?? rate
}
