/// Sums of a matrix' columns over blocks of its rows, made by whoever wrote the matrix: its
/// channels' statistics without another pass.
package struct ChannelSums: Sendable {
  /// [blocks][2][channels]: of every block the sums of the deviations from `shift`, then of their
  /// squares.
  ///
  /// A block has so few rows (2048 at most) that f32 is enough.
  package let values: Floats
  package let blocks: Int
  package let channels: Int
  /// [channels], a rough mean of every channel; nil where it is zero.
  ///
  /// The variance loses the digits of (mean - shift)² / variance.
  package let shift: Floats?

  package init(values: Floats, blocks: Int, channels: Int, shift: Floats? = nil) {
    require(
      values.count >= blocks * 2 * channels && shift?.count ?? channels == channels,
      "sums of \(blocks) blocks of \(channels) channels in \(values.count) values"
    )
    self.values = values
    self.blocks = blocks
    self.channels = channels
    self.shift = shift
  }
}
