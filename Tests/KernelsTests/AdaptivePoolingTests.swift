import Testing

@testable import Kernels

@Suite
struct AdaptivePoolingTests {
  static let shapes: [AdaptivePoolingShape] = {
    var noise = Noise(41)
    return (0..<24).map { _ in
      AdaptivePoolingShape(
        batch: noise.pick(1...3),
        inputHeight: noise.pick(1...17),
        inputWidth: noise.pick(1...17),
        channels: noise.pick(1...40),
        outputHeight: noise.pick(1...9),
        outputWidth: noise.pick(1...9)
      )
    }
  }()

  @Test(arguments: shapes)
  func `means and their gradients agree with the reference`(shape: AdaptivePoolingShape) {
    var noise = Noise(shape.inputCount)
    let values = noise.values(shape.inputCount)
    let gradients = noise.values(shape.outputCount)
    let wanted = Pooling.Reference.adaptiveAverage(shape, input: values)
    let slopes = Pooling.Reference.adaptiveAverageBackward(shape, outputGradient: gradients)
    let input = GuardedFloats(values)
    let gradient = GuardedFloats(gradients)
    let results = onThreadCounts { pool in
      let output = GuardedFloats(count: shape.outputCount)
      Pooling.adaptiveAverage(shape, input: input.elements, output: output.elements, pool: pool)
      #expect(largestError(output.values, wanted) < 1e-6)
      #expect(output.isIntact)
      for accumulate in [false, true] {
        let into = GuardedFloats(values)
        Pooling.adaptiveAverageBackward(
          shape,
          outputGradient: gradient.elements,
          inputGradient: into.elements,
          accumulate: accumulate,
          pool: pool
        )
        let sums = zip(values, slopes).map { (accumulate ? Double($0) : 0) + $1 }
        #expect(largestError(into.values, sums) < 1e-6)
        #expect(into.isIntact)
      }
      return output.bits
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }
}
