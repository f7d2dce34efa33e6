/// Columns a terminal gives to characters, after Unicode's East Asian Width (UAX #11, version 15)
/// and the habits of `wcwidth`.
package enum CharacterWidth {
  /// Blocks whose characters are wide, unassigned gaps inside them included.
  ///
  /// Emoji outside of these are found by Swift's own Unicode tables.
  private static let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x3247, 0x3250...0x4DBF,
    0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19,
    0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF,
    0x1F200...0x1F265, 0x20000...0x2FFFD, 0x30000...0x3FFFD,
  ]

  /// Columns of one scalar: 0 for marks that join the character before, 1, or 2.
  ///
  /// Control characters count 0: they are never sent as they are.
  package static func columns(of scalar: Unicode.Scalar) -> Int {
    let value = scalar.value
    if value < 0x300 { return value >= 0x20 && !(0x7F..<0xA0).contains(value) ? 1 : 0 }
    if joins(scalar) { return 0 }
    if value < 0x1100 { return 1 }
    if isInWideRange(value) { return 2 }
    let isRegional = (0x1F1E6...0x1F1FF).contains(value)
    return scalar.properties.isEmojiPresentation && !isRegional ? 2 : 1
  }

  /// Whether the scalar takes no column of its own.
  static func joins(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    // The vowels and final consonants that follow a leading consonant of Hangul.
    case 0x1160...0x11FF, 0xD7B0...0xD7FB: return true
    case 0xAD: return false
    default: break
    }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return true
    default: return false
    }
  }

  private static func isInWideRange(_ value: UInt32) -> Bool {
    var low = 0
    var high = wideRanges.count
    while low < high {
      let middle = (low + high) / 2
      if wideRanges[middle].upperBound < value { low = middle + 1 } else { high = middle }
    }
    return low < wideRanges.count && wideRanges[low].contains(value)
  }
}
