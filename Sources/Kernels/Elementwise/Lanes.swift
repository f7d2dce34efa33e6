/// Sixteen f32 values that are worked on together: one 512-bit register, or several narrower ones.
typealias Lanes = SIMD16<Float>

extension UnsafeMutablePointer where Pointee == Float {
  /// The sixteen values from `offset` on; the address needs no alignment.
  @inline(__always)
  func lanes(_ offset: Int) -> Lanes {
    UnsafeRawPointer(self + offset).loadUnaligned(as: Lanes.self)
  }

  /// Writes sixteen values from `offset` on.
  @inline(__always)
  func setLanes(_ offset: Int, _ value: Lanes) {
    UnsafeMutableRawPointer(self + offset).storeBytes(of: value, as: Lanes.self)
  }

  /// The `count` values from `offset` on, at most sixteen, followed by zeros.
  @inline(__always)
  func lanes(_ offset: Int, count: Int) -> Lanes {
    count == Lanes.scalarCount ? lanes(offset) : partialLanes(self + offset, count)
  }

  /// Writes the first `count` values of `value` from `offset` on, and nothing behind them.
  @inline(__always)
  func setLanes(_ offset: Int, _ value: Lanes, count: Int) {
    if count == Lanes.scalarCount {
      setLanes(offset, value)
    } else {
      setPartialLanes(self + offset, value, count)
    }
  }
}

@inline(never)
private func partialLanes(_ source: UnsafeMutablePointer<Float>, _ count: Int) -> Lanes {
  var value = Lanes.zero
  withUnsafeMutableBytes(of: &value) { bytes in
    bytes.copyMemory(from: UnsafeRawBufferPointer(start: source, count: count * 4))
  }
  return value
}

@inline(never)
private func setPartialLanes(
  _ destination: UnsafeMutablePointer<Float>,
  _ value: Lanes,
  _ count: Int
) {
  withUnsafeBytes(of: value) { bytes in
    UnsafeMutableRawBufferPointer(start: destination, count: count * 4)
      .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<(count * 4)]))
  }
}
