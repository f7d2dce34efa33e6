#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension Attention {
  /// Plain loops in f64 that say what the fast ones must give.
  ///
  /// Operands are [batch][tokens][channels], the channels of one head after those of another.
  package enum Reference {
    package struct Gradients: Sendable {
      package var query: [Double]
      package var key: [Double]
      package var value: [Double]
    }

    /// The index of channel 0 of a head in a token.
    private static func place(_ shape: AttentionShape, _ block: Int, _ token: Int) -> Int {
      (block / shape.heads * shape.tokens + token) * shape.channels
        + block % shape.heads * shape.headWidth
    }

    /// softmax(q · kᵀ / √headWidth) of one query.
    private static func shares(
      _ shape: AttentionShape,
      _ block: Int,
      _ token: Int,
      _ query: [Float],
      _ key: [Float]
    ) -> [Double] {
      let own = place(shape, block, token)
      let scores = (0..<shape.tokens).map { other in
        (0..<shape.headWidth).reduce(0.0) { sum, channel in
          let product =
            Double(query[own + channel]) * Double(key[place(shape, block, other) + channel])
          return sum + product
        } / Double(shape.headWidth).squareRoot()
      }
      return softmax(scores)
    }

    /// Shares of one from scores.
    static func softmax(_ scores: [Double]) -> [Double] {
      let peak = scores.max() ?? 0
      let powers = scores.map { exp($0 - peak) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }

    package static func forward(
      _ shape: AttentionShape,
      query: [Float],
      key: [Float],
      value: [Float]
    ) -> [Double] {
      var output = [Double](repeating: 0, count: query.count)
      for block in 0..<shape.blocks {
        for token in 0..<shape.tokens {
          let shares = shares(shape, block, token, query, key)
          for (other, share) in shares.enumerated() {
            for channel in 0..<shape.headWidth {
              output[place(shape, block, token) + channel] +=
                share * Double(value[place(shape, block, other) + channel])
            }
          }
        }
      }
      return output
    }

    package static func backward(
      _ shape: AttentionShape,
      query: [Float],
      key: [Float],
      value: [Float],
      outputGradient: [Float]
    ) -> Gradients {
      let zeros = [Double](repeating: 0, count: query.count)
      var result = Gradients(query: zeros, key: zeros, value: zeros)
      let scale = 1 / Double(shape.headWidth).squareRoot()
      for block in 0..<shape.blocks {
        for token in 0..<shape.tokens {
          let own = place(shape, block, token)
          let shares = shares(shape, block, token, query, key)
          var slopes = [Double](repeating: 0, count: shape.tokens)
          for other in 0..<shape.tokens {
            let theirs = place(shape, block, other)
            for channel in 0..<shape.headWidth {
              let gradient = Double(outputGradient[own + channel])
              slopes[other] += gradient * Double(value[theirs + channel])
              result.value[theirs + channel] += shares[other] * gradient
            }
          }
          let mean = zip(shares, slopes).reduce(0) { $0 + $1.0 * $1.1 }
          for other in 0..<shape.tokens {
            let theirs = place(shape, block, other)
            let gradient = shares[other] * (slopes[other] - mean) * scale
            for channel in 0..<shape.headWidth {
              result.query[own + channel] += gradient * Double(key[theirs + channel])
              result.key[theirs + channel] += gradient * Double(query[own + channel])
            }
          }
        }
      }
      return result
    }
  }
}
