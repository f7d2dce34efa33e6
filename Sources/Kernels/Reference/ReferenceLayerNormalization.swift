extension LayerNormalization {
  /// Plain loops in f64 that say what the fast ones must give.
  package enum Reference {
    /// The normalised values of one row, and its 1 / sqrt(variance + epsilon).
    private static func normalise(
      _ row: ArraySlice<Float>,
      _ epsilon: Float
    ) -> (values: [Double], inverse: Double) {
      let values = row.map(Double.init)
      let mean = values.reduce(0, +) / Double(values.count)
      let variance =
        values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      let inverse = 1 / (variance + Double(epsilon)).squareRoot()
      return (values.map { ($0 - mean) * inverse }, inverse)
    }

    package static func forward(
      rows: Int,
      channels: Int,
      input: [Float],
      scale: [Float],
      shift: [Float],
      epsilon: Float
    ) -> [Double] {
      (0..<rows).flatMap { row in
        let normal = normalise(input[row * channels..<(row + 1) * channels], epsilon).values
        return (0..<channels).map { normal[$0] * Double(scale[$0]) + Double(shift[$0]) }
      }
    }

    /// The gradients of the input, the scale and the shift.
    package static func backward(
      rows: Int,
      channels: Int,
      input: [Float],
      outputGradient: [Float],
      scale: [Float],
      epsilon: Float
    ) -> (inputGradient: [Double], scaleGradient: [Double], shiftGradient: [Double]) {
      var inputGradient: [Double] = []
      var scaleGradient = [Double](repeating: 0, count: channels)
      var shiftGradient = [Double](repeating: 0, count: channels)
      for row in 0..<rows {
        let first = row * channels
        let (normal, inverse) = normalise(input[first..<first + channels], epsilon)
        var mean = 0.0
        var slope = 0.0
        for channel in 0..<channels {
          let gradient = Double(outputGradient[first + channel])
          shiftGradient[channel] += gradient
          scaleGradient[channel] += gradient * normal[channel]
          mean += gradient * Double(scale[channel]) / Double(channels)
          slope += gradient * Double(scale[channel]) * normal[channel] / Double(channels)
        }
        for channel in 0..<channels {
          let scaled = Double(outputGradient[first + channel]) * Double(scale[channel])
          inputGradient.append(inverse * (scaled - mean - normal[channel] * slope))
        }
      }
      return (inputGradient, scaleGradient, shiftGradient)
    }
  }
}
