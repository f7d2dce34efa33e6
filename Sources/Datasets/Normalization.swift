/// How pixels become what a network reads: `(pixel / scale - mean) / deviation`, a channel.
package struct Normalization: Hashable, Sendable {
  /// The pixel value that counts as 1.
  package let scale: Float
  /// Of `pixel / scale`, one a channel.
  package let mean: [Float]
  /// Of `pixel / scale`, one a channel; 1 for a channel that never changes.
  package let deviation: [Float]

  package init(scale: Float, mean: [Float], deviation: [Float]) {
    self.scale = scale
    self.mean = mean
    self.deviation = deviation
  }

  /// Measures mean and standard deviation on the training split only, summing in 64 bits; of the
  /// images as they are kept, so that another size is no other normalisation.
  package init(measuring set: ImageSet) {
    let sums = ChannelSums(of: set)
    let scale = Double(set.scale)
    var mean: [Float] = []
    var deviation: [Float] = []
    for channel in 0..<set.channels {
      let average = sums.sum[channel] / sums.count
      let variance = max(0, sums.squares[channel] / sums.count - average * average)
      mean.append(Float(average / scale))
      deviation.append(variance > 0 ? Float(variance.squareRoot() / scale) : 1)
    }
    self.init(scale: set.scale, mean: mean, deviation: deviation)
  }

  /// The pixels as bytes would have them, from 0 to 255, and nothing else.
  package static func bytes(of set: ImageSet) -> Normalization {
    Normalization(
      scale: set.scale / 255,
      mean: Array(repeating: 0, count: set.channels),
      deviation: Array(repeating: 1, count: set.channels)
    )
  }

  /// One pixel of the channel.
  package func normalized(_ pixel: Float, channel: Int) -> Float {
    (pixel / scale - mean[channel]) / deviation[channel]
  }

  /// The same as a product and a sum.
  func line(channel: Int) -> (factor: Float, offset: Float) {
    (1 / (scale * deviation[channel]), -mean[channel] / deviation[channel])
  }

  /// The result for every byte: 256 values for channel 0, then channel 1 and so on.
  func table() -> [Float] {
    mean.indices.flatMap { channel in
      (0..<256).map { normalized(Float($0), channel: channel) }
    }
  }
}

/// Sums over the pixels of the training split, a channel, unscaled.
private struct ChannelSums {
  var sum: [Double]
  var squares: [Double]
  /// Pixels of one channel.
  let count: Double

  init(of set: ImageSet) {
    sum = Array(repeating: 0, count: set.channels)
    squares = sum
    count = Double(set.train.count * set.storedHeight * set.storedWidth)
    switch set.pixels {
    case .bytes(let bytes): addBytes(bytes, of: set)
    case .floats(let floats): addFloats(floats, of: set)
    }
  }

  /// Counts how often each byte occurs: whole numbers, so the sums are exact.
  private mutating func addBytes(_ bytes: [UInt8], of set: ImageSet) {
    let (channels, size) = (set.channels, set.storedSize)
    var occurrences = [Int](repeating: 0, count: 256 * channels)
    bytes.withUnsafeBufferPointer { bytes in
      occurrences.withUnsafeMutableBufferPointer { occurrences in
        for image in set.train {
          for element in 0..<size {
            let channel = channels == 1 ? 0 : element % channels
            occurrences[256 * channel + Int(bytes[image * size + element])] += 1
          }
        }
      }
    }
    for channel in 0..<channels {
      for value in 0..<256 {
        let total = Double(occurrences[256 * channel + value]) * Double(value)
        sum[channel] += total
        squares[channel] += total * Double(value)
      }
    }
  }

  private mutating func addFloats(_ floats: [Float], of set: ImageSet) {
    let size = set.storedSize
    for image in set.train {
      for element in 0..<size {
        let value = Double(floats[image * size + element])
        sum[element % set.channels] += value
        squares[element % set.channels] += value * value
      }
    }
  }
}
