/// A 64-bit checksum of bytes that come in pieces, for finding damage (not for secrets).
///
/// Four lanes of 8 bytes are mixed by xor, multiplication by an odd constant and rotation, so that
/// one flipped bit changes the result and 32 bytes cost a few instructions. Pieces are closed one
/// by one: the result depends on where they end.
struct ContentHash {
  private var lanes = SIMD4<UInt64>(
    0x243f_6a88_85a3_08d3,
    0x1319_8a2e_0370_7344,
    0xa409_3822_299f_31d0,
    0x082e_fa98_ec4e_6c89
  )

  private static let multiplier: UInt64 = 0x9e37_79b9_7f4a_7c15

  /// Takes one piece.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    let whole = bytes.count & ~31
    var sums = lanes
    var offset = 0
    while offset < whole {
      let block = bytes.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
      sums = Self.mixed(sums ^ block)
      offset += 32
    }
    if offset < bytes.count {
      var rest = SIMD4<UInt64>()
      withUnsafeMutableBytes(of: &rest) { buffer in
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset...]))
      }
      sums = Self.mixed(sums ^ rest)
    }
    // The length too, so that zeros at the end count.
    lanes = Self.mixed(sums ^ SIMD4(repeating: UInt64(bytes.count)))
  }

  /// The checksum of all pieces so far.
  var value: UInt64 {
    (0..<4).reduce(0) { result, lane in
      let mixed = (result ^ lanes[lane]) &* Self.multiplier
      return mixed ^ (mixed >> 29)
    }
  }

  /// `value` as 16 hexadecimal digits.
  var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  // Every step can be undone, so two different inputs of a lane never meet by the mixing alone.
  private static func mixed(_ lanes: SIMD4<UInt64>) -> SIMD4<UInt64> {
    let product = lanes &* SIMD4(repeating: multiplier)
    return (product &<< 29) | (product &>> 35)
  }
}
