#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension ChannelScale {
  /// Plain loops in f64 that say what the fast ones must give.
  package enum Reference {
    package static func forward(
      groups: Int,
      channels: Int,
      input: [Float],
      scale: [Float]
    ) -> [Double] {
      let image = groups == 0 ? 1 : input.count / groups
      return input.indices.map { index in
        Double(input[index]) * Double(scale[index / image * channels + index % channels])
      }
    }

    /// The gradient of the factors; the input's is `forward` of the output's.
    package static func scaleGradient(
      groups: Int,
      channels: Int,
      input: [Float],
      outputGradient: [Float]
    ) -> [Double] {
      let image = groups == 0 ? 1 : input.count / groups
      var sums = [Double](repeating: 0, count: groups * channels)
      for index in input.indices {
        sums[index / image * channels + index % channels] +=
          Double(input[index]) * Double(outputGradient[index])
      }
      return sums
    }
  }
}

extension LocalResponse {
  /// The normalised values, and the input's gradient, in f64.
  package func reference(
    channels: Int,
    input: [Float],
    outputGradient: [Float]
  ) -> (output: [Double], inputGradient: [Double]) {
    var output: [Double] = []
    var inputGradient = [Double](repeating: 0, count: input.count)
    for index in input.indices {
      let row = index - index % channels
      let first = index % channels - size / 2
      let neighbours = max(first, 0)..<min(first + size, channels)
      let squares = neighbours.reduce(0.0) {
        $0 + Double(input[row + $1]) * Double(input[row + $1])
      }
      let share = Double(alpha) / Double(size)
      let base = Double(k) + share * squares
      let value = Double(input[index])
      let gradient = Double(outputGradient[index])
      output.append(value * pow(base, -Double(beta)))
      inputGradient[index] += gradient * pow(base, -Double(beta))
      let slope = -Double(beta) * pow(base, -Double(beta) - 1) * value * gradient
      for neighbour in neighbours {
        inputGradient[row + neighbour] += slope * share * 2 * Double(input[row + neighbour])
      }
    }
    return (output, inputGradient)
  }
}

extension Elementwise.Reference {
  /// Which samples `dropSamples` keeps.
  package static func keptSamples(_ samples: Int, rate: Float, key: Random.Key) -> [Bool] {
    (0..<samples).map { sample in
      Double(Random.bits(key, block: UInt64(sample)).x)
        >= (Double(rate) * 4_294_967_296).rounded(.down)
    }
  }

  /// A map with a border more or less.
  package static func addBorder(
    _ border: Border,
    images: Int,
    height: Int,
    width: Int,
    channels: Int,
    input: [Float]
  ) -> [Float] {
    var output: [Float] = []
    for image in 0..<images {
      for y in -border.top..<height + border.bottom {
        for x in -border.left..<width + border.right {
          let isInside = y >= 0 && y < height && x >= 0 && x < width
          for channel in 0..<channels {
            let place = ((image * height + y) * width + x) * channels + channel
            output.append(isInside ? input[place] : 0)
          }
        }
      }
    }
    return output
  }

  /// Channels dealt out again, one of each group in turn.
  package static func shuffle(_ input: [Float], channels: Int, groups: Int) -> [Float] {
    input.indices.map { index in
      let channel = index % channels
      let source = channel % groups * (channels / groups) + channel / groups
      return input[index - channel + source]
    }
  }

  /// (x - mean) / max(√variance, 1e-7).
  package static func standardize(
    _ input: [Float],
    mean: [Float],
    variance: [Float]
  ) -> [Double] {
    input.enumerated().map { index, value in
      let channel = index % mean.count
      let deviation = Double(variance[channel]).squareRoot()
      return (Double(value) - Double(mean[channel])) / max(deviation, 1e-7)
    }
  }
}

extension Pooling.Reference {
  package static func adaptiveAverage(_ shape: AdaptivePoolingShape, input: [Float]) -> [Double] {
    var output = [Double](repeating: 0, count: shape.outputCount)
    forEachPair(shape) { from, to, share in output[to] += Double(input[from]) * share }
    return output
  }

  package static func adaptiveAverageBackward(
    _ shape: AdaptivePoolingShape,
    outputGradient: [Float]
  ) -> [Double] {
    var gradient = [Double](repeating: 0, count: shape.inputCount)
    forEachPair(shape) { from, to, share in gradient[from] += Double(outputGradient[to]) * share }
    return gradient
  }

  /// Calls `body(input index, output index, share)` for every place under every window.
  private static func forEachPair(
    _ shape: AdaptivePoolingShape,
    _ body: (Int, Int, Double) -> Void
  ) {
    func window(_ index: Int, _ count: Int, _ size: Int) -> [Int] {
      let ratio = Double(size) / Double(count)
      let start = (Double(index) * ratio + 1e-9).rounded(.down)
      let end = (Double(index + 1) * ratio - 1e-9).rounded(.up)
      return Array(Int(start)..<Int(end))
    }
    for image in 0..<shape.batch {
      for row in 0..<shape.outputHeight {
        for column in 0..<shape.outputWidth {
          let ys = window(row, shape.outputHeight, shape.inputHeight)
          let xs = window(column, shape.outputWidth, shape.inputWidth)
          let to =
            ((image * shape.outputHeight + row) * shape.outputWidth + column) * shape.channels
          for y in ys {
            for x in xs {
              let from = ((image * shape.inputHeight + y) * shape.inputWidth + x) * shape.channels
              for channel in 0..<shape.channels {
                body(from + channel, to + channel, 1 / Double(ys.count * xs.count))
              }
            }
          }
        }
      }
    }
  }
}
