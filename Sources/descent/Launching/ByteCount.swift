import Foundation

/// A number of bytes as people write it: `800MiB`, `2 GiB`, `1.5GB`.
struct ByteCount: Hashable {
  let bytes: Int

  private static let units: [(name: String, bytes: Double)] = [
    ("kib", 0x1p10), ("mib", 0x1p20), ("gib", 0x1p30), ("tib", 0x1p40), ("kb", 1e3), ("mb", 1e6),
    ("gb", 1e9), ("tb", 1e12), ("k", 0x1p10), ("m", 0x1p20), ("g", 0x1p30), ("t", 0x1p40),
    ("b", 1),
  ]

  /// Reads a number with its unit; without one it would be bytes, which nobody means.
  ///
  /// - Throws: `UsageError.unreadable`, where `label` says whose value it is.
  init(_ text: String, label: String) throws {
    let plain = text.lowercased().filter { !$0.isWhitespace }
    let unit = ByteCount.units.first { plain.hasSuffix($0.name) }
    guard let unit, let number = Double(plain.dropLast(unit.name.count)), number > 0,
      number * unit.bytes < 0x1p60
    else {
      throw UsageError.unreadable(
        option: label,
        value: text,
        wanted: "a size like 800MiB or 2GiB"
      )
    }
    bytes = Int(number * unit.bytes)
  }
}
