extension UnsafeMutablePointer where Pointee == UInt8 {
  /// Sixteen bytes from `offset` on, or the `count` there are, widened.
  @inline(__always)
  func indices(_ offset: Int, count: Int) -> SIMD16<Int32> {
    if count == 16 {
      let bytes = UnsafeRawPointer(self + offset).loadUnaligned(as: SIMD16<UInt8>.self)
      return SIMD16<Int32>(truncatingIfNeeded: bytes)
    }
    var value = SIMD16<Int32>.zero
    for lane in 0..<count { value[lane] = Int32(self[offset + lane]) }
    return value
  }

  /// Writes the first `count` values from `offset` on, each in a byte.
  @inline(__always)
  func setIndices(_ offset: Int, _ value: SIMD16<Int32>, count: Int) {
    if count == 16 {
      let bytes = SIMD16<UInt8>(truncatingIfNeeded: value)
      UnsafeMutableRawPointer(self + offset).storeBytes(of: bytes, as: SIMD16<UInt8>.self)
      return
    }
    for lane in 0..<count { self[offset + lane] = UInt8(truncatingIfNeeded: value[lane]) }
  }
}
