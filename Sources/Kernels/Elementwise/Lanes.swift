/// Sixteen f32 values that are worked on together: one 512-bit register, or several narrower ones.
typealias Lanes = SIMD16<Float>

extension UnsafeMutablePointer where Pointee: Element {
  /// The sixteen values from `offset` on; the address needs no alignment.
  @inline(__always)
  func lanes(_ offset: Int) -> Lanes {
    Pointee.lanes(at: self + offset)
  }

  /// Writes sixteen values from `offset` on.
  @inline(__always)
  func setLanes(_ offset: Int, _ value: Lanes) {
    Pointee.setLanes(value, at: self + offset)
  }

  /// The `count` values from `offset` on, at most sixteen, followed by zeros.
  @inline(__always)
  func lanes(_ offset: Int, count: Int) -> Lanes {
    Pointee.lanes(at: self + offset, count: count)
  }

  /// Writes the first `count` values of `value` from `offset` on, and nothing behind them.
  @inline(__always)
  func setLanes(_ offset: Int, _ value: Lanes, count: Int) {
    Pointee.setLanes(value, at: self + offset, count: count)
  }
}
