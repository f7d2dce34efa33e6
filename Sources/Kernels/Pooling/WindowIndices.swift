import CIntrinsics

extension UnsafeMutablePointer where Pointee == UInt8 {
  /// Sixteen bytes from `offset` on, or the `count` there are and zeros.
  @inline(__always)
  func indices(_ offset: Int, count: Int) -> SIMD16<UInt8> {
    if count == 16 {
      return UnsafeRawPointer(self + offset).loadUnaligned(as: SIMD16<UInt8>.self)
    }
    var value = SIMD16<UInt8>.zero
    for lane in 0..<count { value[lane] = self[offset + lane] }
    return value
  }

  /// Writes the first `count` values from `offset` on, each in a byte.
  @inline(__always)
  func setIndices(_ offset: Int, _ value: SIMD16<Int32>, count: Int) {
    if count == 16 {
      let bytes = narrow_to_bytes_16(value)
      UnsafeMutableRawPointer(self + offset).storeBytes(of: bytes, as: SIMD16<UInt8>.self)
      return
    }
    for lane in 0..<count { self[offset + lane] = UInt8(truncatingIfNeeded: value[lane]) }
  }
}
