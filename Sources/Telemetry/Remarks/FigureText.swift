/// How remarks write figures.
enum FigureText {
  /// A share as `80.9 %`.
  static func percent(_ share: Double) -> String {
    decimal(share * 100, places: 1) + " %"
  }

  /// A loss or a norm: `0.583`, `12.4`; with an exponent where that would be all noughts or long.
  static func loss(_ value: Double) -> String {
    guard abs(value) >= 0.01, abs(value) < 1000 else { return LearningRateText.string(value) }
    return decimal(value, places: abs(value) < 10 ? 3 : 1)
  }

  /// With that many digits behind the point, rounded.
  static func decimal(_ value: Double, places: Int) -> String {
    let scale = (0..<places).reduce(1) { product, _ in product * 10 }
    let scaled = (abs(value) * Double(scale)).rounded()
    guard let whole = Int(exactly: scaled) else { return String(describing: value) }
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard places > 0 else { return sign + String(whole) }
    let digits = String(whole % scale)
    let fraction = String(repeating: "0", count: places - digits.count) + digits
    return "\(sign)\(whole / scale).\(fraction)"
  }

  /// `1 epoch`, `3 epochs`.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
