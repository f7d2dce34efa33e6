import Foundation

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

/// How a learning rate is written everywhere: `0.025`, `3e-4`.
package enum LearningRateText {
  /// Three significant digits: plain from 0.01 to 999, else with an exponent without padding.
  package static func string(_ rate: Double) -> String {
    guard rate.isFinite, rate != 0 else { return rate == 0 ? "0" : String(describing: rate) }
    if (0.01..<999.5).contains(abs(rate)) { return String(format: "%.3g", rate) }
    let parts = String(format: "%.2e", rate).split(separator: "e")
    var digits = String(parts[0])
    while digits.hasSuffix("0") { digits.removeLast() }
    if digits.hasSuffix(".") { digits.removeLast() }
    return digits + "e" + String(Int(parts[1]) ?? 0)
  }
}
