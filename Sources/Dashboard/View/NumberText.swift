import Foundation
import Telemetry

/// Numbers as every screen writes them.
///
/// No locale: a point for decimals, commas for thousands.
nonisolated package enum NumberText {
  /// A loss with four significant digits: `0.3412`, `12.31`, `1234`, `3.1e-5`.
  package static func loss(_ value: Double) -> String {
    guard value.isFinite else { return notFinite(value) }
    let size = abs(value)
    if size == 0 { return "0" }
    if size < 0.001 || size >= 100_000 { return scientific(value, places: 1) }
    let whole = Int(log10(size).rounded(.down)) + 1
    return String(format: "%.\(max(0, min(4, 4 - whole)))f", value)
  }

  /// A share from 0 to 1 as percent with one decimal: `97.3 %`.
  package static func percent(_ share: Double) -> String {
    share.isFinite ? String(format: "%.1f %%", share * 100) : notFinite(share)
  }

  /// A whole number with commas between thousands: `620,362`.
  package static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return value < 0 ? "-" + text : text
  }

  /// Bytes in powers of 1024, three significant digits: `412 MiB`, `1.21 GiB`.
  package static func bytes(_ value: Int) -> String {
    if value < 1024 { return "\(value) B" }
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB"]
    var amount = Double(value) / 1024
    var unit = 0
    while amount >= 999.5, unit < units.count - 1 {
      amount /= 1024
      unit += 1
    }
    return threeDigits(amount) + " " + units[unit]
  }

  /// A large count in three digits and a unit: `620 k`, `11.2 M`, `1.82 G`.
  package static func short(_ value: Int) -> String {
    if abs(value) < 1000 { return String(value) }
    let units = ["k", "M", "G", "T", "P"]
    var amount = Double(value) / 1000
    var unit = 0
    while abs(amount) >= 999.5, unit < units.count - 1 {
      amount /= 1000
      unit += 1
    }
    return threeDigits(amount) + " " + units[unit]
  }

  /// A time that passed or is left: `0.84 s`, `12.3 s`, `3 min 12 s`, `1 h 04 min`, `2 d 03 h`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite else { return notFinite(seconds) }
    if seconds < 0 { return "-" + duration(-seconds) }
    if seconds < 0.000_999_5 { return String(format: "%.0f µs", seconds * 1e6) }
    if seconds < 0.099_95 { return String(format: "%.1f ms", seconds * 1e3) }
    if seconds < 9.995 { return String(format: "%.2f s", seconds) }
    if seconds < 59.95 { return String(format: "%.1f s", seconds) }
    let whole = Int(min(seconds.rounded(), 1e15))
    if whole < 3600 { return String(format: "%d min %02d s", whole / 60, whole % 60) }
    if whole < 86_400 { return String(format: "%d h %02d min", whole / 3600, whole / 60 % 60) }
    return String(format: "%d d %02d h", whole / 86_400, whole / 3600 % 24)
  }

  /// A range of times: `11.3–12.9 s`, `58.2 s – 1 min 02 s`.
  package static func durations(from low: Double, to high: Double) -> String {
    let texts = [duration(low), duration(high)]
    if texts[0] == texts[1] { return texts[0] }
    let parts = texts.map { $0.split(separator: " ") }
    guard parts.allSatisfy({ $0.count == 2 }), parts[0][1] == parts[1][1] else {
      return texts.joined(separator: " – ")
    }
    return "\(parts[0][0])–\(texts[1])"
  }

  /// A learning rate with up to three significant digits: `0.05`, `0.025`, `3e-4`, `1.25e-3`.
  package static func learningRate(_ value: Double) -> String {
    guard value.isFinite else { return notFinite(value) }
    return LearningRateText.string(value)
  }

  /// `3.1e-5`: C's form without the padding of the exponent.
  private static func scientific(_ value: Double, places: Int) -> String {
    let parts = String(format: "%.\(places)e", value).split(separator: "e")
    return parts[0] + "e" + String(Int(parts[1]) ?? 0)
  }

  static func notFinite(_ value: Double) -> String {
    value.isNaN ? "NaN" : value > 0 ? "inf" : "-inf"
  }

  private static func threeDigits(_ value: Double) -> String {
    let decimals = abs(value) < 9.995 ? 2 : abs(value) < 99.95 ? 1 : 0
    return String(format: "%.\(decimals)f", value)
  }
}
