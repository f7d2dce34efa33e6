/// Sums of a matrix' columns over blocks of its rows, made by whoever wrote the matrix, as a
/// convolution's epilogue does: its channels' statistics without another pass.
package struct ChannelSums: Sendable {
  /// [blocks][1 + 3 · channels]: of every block the number of its rows, then of every channel a
  /// value near its mean, the sums of the differences from it, and the sums of their squares.
  ///
  /// A block without rows counts nothing. One has so few (2048 at most) that f32 is enough.
  package let values: Floats
  package let blocks: Int
  package let channels: Int

  package init(values: Floats, blocks: Int, channels: Int) {
    require(
      values.count >= blocks * (1 + 3 * channels),
      "sums of \(blocks) blocks of \(channels) channels in \(values.count) values"
    )
    self.values = values
    self.blocks = blocks
    self.channels = channels
  }

  /// Sums in all of some memory: as many blocks as it holds.
  package init(values: Floats, channels: Int) {
    self.init(values: values, blocks: values.count / (1 + 3 * channels), channels: channels)
  }

  /// Rows of a block.
  func rows(_ block: Int) -> Double { Double(values[block * (1 + 3 * channels)]) }

  /// A block's value near the first channel's mean; its sums and their squares are `channels` and
  /// 2 · `channels` further on.
  func shifts(_ block: Int) -> UnsafeMutablePointer<Float> {
    values.base + (block * (1 + 3 * channels) + 1)
  }
}
