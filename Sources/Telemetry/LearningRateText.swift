/// How a person writes a change of the learning rate: `3e-4`, `*0.3`, `/10`, `schedule`.
extension LearningRateChange {
  /// Reads the text; nil where it is none of these forms, or not a positive finite number.
  package init?(text: String) {
    let trimmed = String(text.filter { !$0.isWhitespace })
    if trimmed == "schedule" {
      self = .schedule
      return
    }
    let operators: Set<Character> = ["*", "×", "/"]
    let first = trimmed.first
    let hasOperator = first.map(operators.contains) ?? false
    guard
      let number = Double(hasOperator ? String(trimmed.dropFirst()) : trimmed),
      number > 0, number.isFinite
    else { return nil }
    switch first {
    case "*", "×": self = .multiply(number)
    case "/": self = .multiply(1 / number)
    default: self = .set(number)
    }
  }
}
