/// Turns feature maps between the engine's order (channels last) and PyTorch's (channels first).
package enum ChannelOrder {
  /// [batch][channels][height·width] to [batch][height·width][channels].
  package static func channelsLast<Element>(
    _ values: [Element],
    batch: Int,
    channels: Int
  ) -> [Element] {
    let positions = values.count / (batch * channels)
    return transposed(values, batch: batch, rows: channels, columns: positions)
  }

  /// [batch][height·width][channels] to [batch][channels][height·width].
  package static func channelsFirst<Element>(
    _ values: [Element],
    batch: Int,
    channels: Int
  ) -> [Element] {
    let positions = values.count / (batch * channels)
    return transposed(values, batch: batch, rows: positions, columns: channels)
  }

  private static func transposed<Element>(
    _ values: [Element],
    batch: Int,
    rows: Int,
    columns: Int
  ) -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(values.count)
    for sample in 0..<batch {
      for column in 0..<columns {
        for row in 0..<rows {
          result.append(values[(sample * rows + row) * columns + column])
        }
      }
    }
    return result
  }
}
