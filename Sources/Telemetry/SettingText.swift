/// How a person writes a change of a setting: `momentum 0.5`, `batch 32`, `freeze layer1`.
extension SettingChange {
  /// The forms there are, for those who ask.
  package static let spellings =
    "momentum 0.5, weight-decay 1e-4, dropout 0.3, batch 32, epochs 20, epochs +5, threads 2, "
    + "augment flip+rotate, freeze layer1, unfreeze layer1"

  /// Reads the text; nil where it is none of these forms.
  package init?(text: String) {
    let words = text.split { $0.isWhitespace || $0 == "=" }.map(String.init)
    guard words.count == 2 else { return nil }
    let (name, value) = (words[0].lowercased(), words[1])
    let number = Double(value).flatMap { $0.isFinite ? $0 : nil }
    let count = Int(value)
    let change: SettingChange? =
      switch name {
      case "momentum": number.map { .momentum($0) }
      case "weight-decay", "decay": number.map { .weightDecay($0) }
      case "dropout": number.map { .dropout($0) }
      case "batch", "batch-size": count.map { .batchSize($0) }
      case "epochs" where value.hasPrefix("+") || value.hasPrefix("-"):
        count.map { .moreEpochs($0) }
      case "epochs": count.map { .epochs($0) }
      case "threads": count.map { .threads($0) }
      case "augment": AugmentationSettings(text: value).map { .augmentation($0) }
      case "freeze": .freeze(value)
      case "unfreeze": .unfreeze(value)
      default: nil
      }
    guard let change else { return nil }
    self = change
  }
}

extension ForkRequest {
  /// Reads what is to be other in a fork: a learning rate (`3e-4`, `*0.3`), a setting
  /// (`momentum 0.5`), or several with commas between; nothing is nothing.
  ///
  /// Nil where a part is neither.
  package init?(text: String, run: RunID) {
    self.init(run: run)
    for part in text.split(separator: ",") where !part.allSatisfy(\.isWhitespace) {
      let part = String(part)
      let rate = part.split(separator: " ").first == "lr" ? String(part.dropFirst(3)) : part
      if let change = LearningRateChange(text: rate) {
        learningRate = change
      } else if let change = SettingChange(text: part) {
        changes.append(change)
      } else {
        return nil
      }
    }
  }
}
