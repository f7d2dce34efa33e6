/// Convolution and its gradients by plain loops, summed in f64: what the fast ones are held to.
///
/// Layouts are those of `Convolution`.
package enum ReferenceConvolution {
  package static func forward(
    _ shape: ConvolutionShape,
    input: Floats,
    weights: Floats,
    bias: Floats?,
    activation: Activation,
    output: Floats
  ) {
    var sums = [Double](repeating: 0, count: shape.outputCount)
    forEachProduct(shape) { sums[$2] += Double(input[$0]) * Double(weights[$1]) }
    for index in 0..<sums.count {
      var sum = sums[index]
      if let bias { sum += Double(bias[index % shape.outputChannels]) }
      output[index] = Float(activation == .relu ? max(sum, 0) : sum)
    }
  }

  package static func backwardInput(
    _ shape: ConvolutionShape,
    outputGradient: Floats,
    weights: Floats,
    inputGradient: Floats,
    accumulate: Bool
  ) {
    var sums = [Double](repeating: 0, count: shape.inputCount)
    if accumulate { for index in 0..<sums.count { sums[index] = Double(inputGradient[index]) } }
    forEachProduct(shape) { sums[$0] += Double(outputGradient[$2]) * Double(weights[$1]) }
    for index in 0..<sums.count { inputGradient[index] = Float(sums[index]) }
  }

  package static func backwardWeights(
    _ shape: ConvolutionShape,
    input: Floats,
    outputGradient: Floats,
    weightsGradient: Floats,
    biasGradient: Floats?
  ) {
    var sums = [Double](repeating: 0, count: shape.weightsCount)
    forEachProduct(shape) { sums[$1] += Double(input[$0]) * Double(outputGradient[$2]) }
    for index in 0..<sums.count { weightsGradient[index] = Float(sums[index]) }
    guard let biasGradient else { return }
    var totals = [Double](repeating: 0, count: shape.outputChannels)
    for index in 0..<shape.outputCount {
      totals[index % shape.outputChannels] += Double(outputGradient[index])
    }
    for index in 0..<totals.count { biasGradient[index] = Float(totals[index]) }
  }

  /// Calls `body` with the indices (input, weight, output) of every product of a convolution.
  private static func forEachProduct(_ shape: ConvolutionShape, _ body: (Int, Int, Int) -> Void) {
    let (height, width) = (shape.outputHeight, shape.outputWidth)
    for pixel in 0..<shape.batch * height * width {
      let (image, y, x) = (pixel / width / height, pixel / width % height, pixel % width)
      for tap in 0..<shape.kernelHeight * shape.kernelWidth {
        let tapY = tap / shape.kernelWidth
        let tapX = tap % shape.kernelWidth
        let sourceY = y * shape.strideY - shape.padTop + tapY * shape.dilationY
        let sourceX = x * shape.strideX - shape.padLeft + tapX * shape.dilationX
        if sourceY < 0 || sourceY >= shape.inputHeight { continue }
        if sourceX < 0 || sourceX >= shape.inputWidth { continue }
        let source = (image * shape.inputHeight + sourceY) * shape.inputWidth + sourceX
        for channel in 0..<shape.outputChannels {
          let firstInput = channel / shape.groupOutputs * shape.groupInputs
          for k in 0..<shape.groupInputs {
            body(
              source * shape.inputChannels + firstInput + k,
              (tap * shape.groupInputs + k) * shape.outputChannels + channel,
              pixel * shape.outputChannels + channel
            )
          }
        }
      }
    }
  }
}
