extension BatchNormalization {
  /// Plain loops in f64 that say what the fast ones must give.
  package enum Reference {
    /// One channel's mean and variance over rows.
    package static func moments(
      rows: Int,
      channels: Int,
      channel: Int,
      input: [Float]
    ) -> (mean: Double, variance: Double) {
      var sum = 0.0
      for row in 0..<rows { sum += Double(input[row * channels + channel]) }
      let mean = sum / Double(rows)
      var squares = 0.0
      for row in 0..<rows {
        let deviation = Double(input[row * channels + channel]) - mean
        squares += deviation * deviation
      }
      return (mean, squares / Double(rows))
    }

    package static func forwardTraining(
      rows: Int,
      channels: Int,
      input: [Float],
      scale: [Float],
      shift: [Float],
      epsilon: Float,
      relu: Bool
    ) -> [Double] {
      var output = [Double](repeating: 0, count: rows * channels)
      for channel in 0..<channels {
        let batch = moments(rows: rows, channels: channels, channel: channel, input: input)
        let factor = Double(scale[channel]) / (batch.variance + Double(epsilon)).squareRoot()
        for row in 0..<rows {
          let index = row * channels + channel
          let value = (Double(input[index]) - batch.mean) * factor + Double(shift[channel])
          output[index] = relu && value < 0 ? 0 : value
        }
      }
      return output
    }

    package static func forwardInference(
      rows: Int,
      channels: Int,
      input: [Float],
      scale: [Float],
      shift: [Float],
      runningMean: [Float],
      runningVariance: [Float],
      epsilon: Float,
      relu: Bool
    ) -> [Double] {
      var output = [Double](repeating: 0, count: rows * channels)
      for index in output.indices {
        let channel = index % channels
        let variance = Double(runningVariance[channel]) + Double(epsilon)
        let factor = Double(scale[channel]) / variance.squareRoot()
        let deviation = Double(input[index]) - Double(runningMean[channel])
        let value = deviation * factor + Double(shift[channel])
        output[index] = relu && value < 0 ? 0 : value
      }
      return output
    }

    /// - Parameters:
    ///   - rows: batch · height · width.
    ///   - channels: values in a row.
    ///   - input: the values.
    ///   - output: the forward's output when it was rectified, nil when it was not.
    ///   - outputGradient: the gradient of the forward's output.
    ///   - scale: [channels], the forward's.
    ///   - epsilon: added to the variance.
    /// - Returns: the gradients of the input, the scale and the shift.
    package static func backward(
      rows: Int,
      channels: Int,
      input: [Float],
      output: [Float]?,
      outputGradient: [Float],
      scale: [Float],
      epsilon: Float
    ) -> (inputGradient: [Double], scaleGradient: [Double], shiftGradient: [Double]) {
      var inputGradient = [Double](repeating: 0, count: rows * channels)
      var scaleGradient = [Double](repeating: 0, count: channels)
      var shiftGradient = [Double](repeating: 0, count: channels)
      for channel in 0..<channels {
        let batch = moments(rows: rows, channels: channels, channel: channel, input: input)
        let inverse = 1 / (batch.variance + Double(epsilon)).squareRoot()
        let places = stride(from: channel, to: rows * channels, by: channels)
        func gradient(_ index: Int) -> Double {
          if let output, !(output[index] > 0) { return 0 }
          return Double(outputGradient[index])
        }
        func normalised(_ index: Int) -> Double { (Double(input[index]) - batch.mean) * inverse }
        for index in places {
          shiftGradient[channel] += gradient(index)
          scaleGradient[channel] += gradient(index) * normalised(index)
        }
        for index in places {
          let mean = shiftGradient[channel] / Double(rows)
          let slope = normalised(index) * scaleGradient[channel] / Double(rows)
          let factor = Double(scale[channel]) * inverse
          inputGradient[index] = factor * (gradient(index) - mean - slope)
        }
      }
      return (inputGradient, scaleGradient, shiftGradient)
    }
  }
}
