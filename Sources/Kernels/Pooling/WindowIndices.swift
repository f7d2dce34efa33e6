import CIntrinsics

extension UnsafeMutablePointer where Pointee == UInt8 {
  /// Sixteen bytes from `offset` on, or the `count` there are and zeros.
  @inline(__always)
  func indices(_ offset: Int, count: Int) -> SIMD16<UInt8> {
    load_part_bytes_16(self + offset, count)
  }

  /// Writes the first `count` values from `offset` on, each in a byte.
  @inline(__always)
  func setIndices(_ offset: Int, _ value: SIMD16<Int32>, count: Int) {
    store_part_bytes_16(narrow_to_bytes_16(value), self + offset, count)
  }
}
