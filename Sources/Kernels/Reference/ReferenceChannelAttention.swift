extension ChannelAttention {
  /// Plain loops in f64 that say what the fast ones must give.
  ///
  /// Operands are [batch][tokens][channels], the channels of one head after those of another.
  package enum Reference {
    private static func place(_ shape: AttentionShape, _ block: Int, _ token: Int) -> Int {
      (block / shape.heads * shape.tokens + token) * shape.channels
        + block % shape.heads * shape.headWidth
    }

    /// Row i of aᵀ · b of one head.
    private static func products(
      _ shape: AttentionShape,
      _ block: Int,
      _ i: Int,
      _ a: [Float],
      _ b: [Float]
    ) -> [Double] {
      (0..<shape.headWidth).map { j in
        (0..<shape.tokens).reduce(0.0) { sum, token in
          let start = place(shape, block, token)
          return sum + Double(a[start + i]) * Double(b[start + j])
        }
      }
    }

    package static func forward(
      _ shape: AttentionShape,
      query: [Float],
      key: [Float],
      value: [Float],
      scale: Double
    ) -> [Double] {
      var output = [Double](repeating: 0, count: query.count)
      for block in 0..<shape.blocks {
        for i in 0..<shape.headWidth {
          let scores = products(shape, block, i, query, key).map { $0 * scale }
          let shares = Attention.Reference.softmax(scores)
          for token in 0..<shape.tokens {
            let start = place(shape, block, token)
            for j in 0..<shape.headWidth {
              output[start + i] += shares[j] * Double(value[start + j])
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
      scale: Double,
      outputGradient: [Float]
    ) -> Attention.Reference.Gradients {
      let zeros = [Double](repeating: 0, count: query.count)
      var result = Attention.Reference.Gradients(query: zeros, key: zeros, value: zeros)
      for block in 0..<shape.blocks {
        for i in 0..<shape.headWidth {
          let scores = products(shape, block, i, query, key).map { $0 * scale }
          let shares = Attention.Reference.softmax(scores)
          let slopes = products(shape, block, i, outputGradient, value)
          let mean = zip(shares, slopes).reduce(0) { $0 + $1.0 * $1.1 }
          for token in 0..<shape.tokens {
            let start = place(shape, block, token)
            for j in 0..<shape.headWidth {
              let gradient = shares[j] * (slopes[j] - mean) * scale
              result.query[start + i] += gradient * Double(key[start + j])
              result.key[start + j] += gradient * Double(query[start + i])
              result.value[start + j] += shares[j] * Double(outputGradient[start + i])
            }
          }
        }
      }
      return result
    }
  }
}
