import CIntrinsics

/// A normalisation that is applied by whoever reads the values: y = (x - mean) · factor + shift,
/// channel by channel, rectified if wanted.
///
/// Zeros around an image are zeros of y.
package struct ChannelTransform: Sendable {
  /// [channels], as are `factor` and `shift`.
  package let mean: Floats
  package let factor: Floats
  package let shift: Floats
  package let relu: Bool

  package init(mean: Floats, factor: Floats, shift: Floats, relu: Bool) {
    self.mean = mean
    self.factor = factor
    self.shift = shift
    self.relu = relu
  }

  /// What `count` values become that lie from `channel` on.
  @inline(__always)
  func apply<Kind: Element>(
    _ source: UnsafePointer<Kind>,
    channel: Int,
    count: Int
  ) -> Lanes {
    let least = Lanes(repeating: relu ? 0 : -.infinity)
    let value = multiply_add_16(
      Kind.lanes(at: source, count: count) - load_part_16(mean.base + channel, count),
      load_part_16(factor.base + channel, count),
      load_part_16(shift.base + channel, count)
    )
    let kept = value.replacing(with: least, where: value .< least)
    // Rounded as it would be if it were written, which matrix tiles of bf16 need.
    return Kind.type == .bf16 ? widen_bfloat_16(narrow_to_bfloat_16(kept)) : kept
  }
}
