extension Convolution {
  /// Multiply-adds that a pass computes: those of the shape, or fewer where it multiplies
  /// transformed values.
  package static func computedMultiplyAdds(
    _ shape: ConvolutionShape,
    _ pass: ConvolutionBenchmarks.Pass
  ) -> Int {
    let squares =
      switch pass {
      case .forward: WinogradProduct(forward: shape)?.squares
      case .backwardInput: WinogradProduct(gradient: shape)?.squares
      case .backwardWeights: WinogradWeights(shape)?.squares
      }
    guard let squares else { return shape.multiplyAdds }
    return squares.count * squares.planes * shape.inputChannels * shape.outputChannels
  }
}
