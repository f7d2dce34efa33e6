import CIntrinsics

/// Sixteen f64 values: totals of many f32 sums.
struct DoubleLanes {
  var first: SIMD8<Double>
  var last: SIMD8<Double>

  @inline(__always)
  init(_ values: Lanes) {
    first = widen_first_8(values)
    last = widen_last_8(values)
  }

  @inline(__always)
  init(first: SIMD8<Double>, last: SIMD8<Double>) {
    self.first = first
    self.last = last
  }

  @inline(__always)
  static var zero: DoubleLanes { DoubleLanes(first: .zero, last: .zero) }

  /// The nearest f32 values.
  @inline(__always)
  var lanes: Lanes { narrow_16(first, last) }

  @inline(__always)
  static func + (a: DoubleLanes, b: DoubleLanes) -> DoubleLanes {
    DoubleLanes(first: a.first + b.first, last: a.last + b.last)
  }

  @inline(__always)
  static func - (a: DoubleLanes, b: DoubleLanes) -> DoubleLanes {
    DoubleLanes(first: a.first - b.first, last: a.last - b.last)
  }

  @inline(__always)
  static func * (a: DoubleLanes, b: DoubleLanes) -> DoubleLanes {
    DoubleLanes(first: a.first * b.first, last: a.last * b.last)
  }

  @inline(__always)
  static func * (a: DoubleLanes, b: Double) -> DoubleLanes {
    DoubleLanes(first: a.first * b, last: a.last * b)
  }

  @inline(__always)
  static func += (a: inout DoubleLanes, b: DoubleLanes) { a = a + b }
}
