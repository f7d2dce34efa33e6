import Foundation
import Testing

@testable import Kernels

@Suite
struct LocalResponseTests {
  @Test(arguments: [(1, 1, 5), (7, 3, 5), (5, 40, 4), (900, 64, 5), (3, 17, 1), (2, 9, 12)])
  func `values and gradients agree with the reference`(rows: Int, channels: Int, size: Int) {
    // Terms so large that the neighbours matter.
    let layer = LocalResponse(size: size, alpha: 1.5, beta: 0.75, k: 2)
    var noise = Noise(rows + channels)
    let values = noise.values(rows * channels).map { $0 * 3 }
    let gradients = noise.values(values.count)
    let wanted = layer.reference(channels: channels, input: values, outputGradient: gradients)
    let input = GuardedFloats(values)
    let results = onThreadCounts { pool in
      let workspace = GuardedFloats(
        count: layer.workspaceCount(rows: rows, channels: channels)
      )
      let output = GuardedFloats(count: values.count)
      layer.forward(
        rows: rows,
        channels: channels,
        input: input.elements,
        output: output.elements,
        workspace: workspace.floats,
        pool: pool
      )
      #expect(largestError(output.values, wanted.output) < 1e-6)
      var bits = output.bits
      for accumulate in [true, false] {
        let gradient = GuardedFloats(gradients)
        let into = accumulate ? GuardedFloats(values) : gradient
        layer.backward(
          rows: rows,
          channels: channels,
          input: input.elements,
          outputGradient: gradient.elements,
          inputGradient: into.elements,
          accumulate: accumulate,
          workspace: workspace.floats,
          pool: pool
        )
        let sums = zip(values, wanted.inputGradient).map { (accumulate ? Double($0) : 0) + $1 }
        #expect(largestError(into.values, sums) < 1e-6)
        #expect(into.isIntact && workspace.isIntact && output.isIntact)
        bits += into.bits
      }
      return bits
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test
  func `the logarithm is right from the smallest normal value to the largest`() {
    var worst = 0.0
    for power in stride(from: -37.9, through: 38.5, by: 0.01) {
      let x = Float(Foundation.pow(10, power))
      let value = Transcendental.logarithm(Lanes(repeating: x))[3]
      let wanted = Foundation.log(Double(x))
      worst = max(worst, abs(Double(value) - wanted) / max(1, abs(wanted)))
    }
    #expect(worst < 1.5e-7, "\(worst)")
  }
}
