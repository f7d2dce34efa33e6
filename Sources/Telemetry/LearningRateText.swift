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
    var (digits, exponent) = threeDigits(abs(rate))
    while digits.isMultiple(of: 10), digits > 0 { digits /= 10 }
    let sign = rate < 0 ? "-" : ""
    let text = String(digits)
    guard (-2...2).contains(exponent) else {
      return sign + withPoint(text, after: 1) + "e\(exponent)"
    }
    return sign + withPoint(text, after: exponent + 1)
  }

  /// The first three digits, rounded, and the power of ten of the first.
  private static func threeDigits(_ value: Double) -> (digits: Int, exponent: Int) {
    var mantissa = value
    var exponent = 0
    while mantissa >= 10 {
      mantissa /= 10
      exponent += 1
    }
    while mantissa < 1 {
      mantissa *= 10
      exponent -= 1
    }
    let digits = Int((mantissa * 100).rounded())
    return digits == 1000 ? (100, exponent + 1) : (digits, exponent)
  }

  /// The digits with a decimal point behind the first `count`, which may be none or too many.
  private static func withPoint(_ digits: String, after count: Int) -> String {
    if count <= 0 { return "0." + String(repeating: "0", count: -count) + digits }
    if digits.count <= count { return digits + String(repeating: "0", count: count - digits.count) }
    return digits.prefix(count) + "." + digits.dropFirst(count)
  }
}
