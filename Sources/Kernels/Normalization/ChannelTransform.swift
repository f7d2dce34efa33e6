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
}
