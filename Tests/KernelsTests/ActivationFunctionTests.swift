import Foundation
import Testing

@testable import Kernels

@Suite
struct ActivationFunctionTests {
  /// Every size of value, dense where the functions bend.
  static let points: [Float] = {
    var points: [Float] = [0, -0.0, 3, -3, 6, 1e-30, -1e-30, 87, -87, 1000, -1000]
    for step in -40_000...40_000 { points.append(Float(step) / 4000) }
    var noise = Noise(77)
    points += noise.values(20_000).map { $0 * 30 }
    return points
  }()

  @Test(arguments: ActivationFunction.allCases)
  func `every value is within a few units in the last place`(function: ActivationFunction) {
    let points = ActivationFunctionTests.points
    let input = GuardedFloats(points)
    let output = GuardedFloats(count: points.count)
    Elementwise.activate(function, input.elements, into: output.elements, pool: pool)
    var worst = 0.0
    for (x, value) in zip(points, output.values) {
      worst = max(worst, ulps(value, function.referenceValue(Double(x))))
    }
    #expect(worst < 6, "\(function): \(worst) ulp")
    #expect(input.isIntact && output.isIntact)
  }

  @Test(arguments: ActivationFunction.allCases)
  func `the slope is the function's own`(function: ActivationFunction) {
    // The corners of clipped functions have no slope.
    let points = ActivationFunctionTests.points.filter { ![-3, 0, 3, 6].contains($0) }
    let input = GuardedFloats(points)
    let output = GuardedFloats(count: points.count)
    Elementwise.activate(function, input.elements, into: output.elements, pool: pool)
    let known = function.slopeNeedsInput ? input : output
    var noise = Noise(5)
    let gradient = GuardedFloats(noise.values(points.count))
    let wanted = zip(points, gradient.values).map {
      function.referenceSlope(Double($0)) * Double($1)
    }
    let before = noise.values(points.count)
    let added = GuardedFloats(before)
    Elementwise.activateBackward(
      function,
      known: known.elements,
      outputGradient: gradient.elements,
      inputGradient: added.elements,
      accumulate: true,
      pool: pool
    )
    #expect(largestError(added.values, zip(before, wanted).map { Double($0) + $1 }) < 5e-7)
    Elementwise.activateBackward(
      function,
      known: known.elements,
      outputGradient: gradient.elements,
      inputGradient: gradient.elements,
      accumulate: false,
      pool: pool
    )
    #expect(largestError(gradient.values, wanted) < 5e-7)
    #expect(added.isIntact && gradient.isIntact)
  }

  @Test(arguments: ActivationFunction.allCases)
  func `any length, in place, is the same bits at any thread count`(function: ActivationFunction) {
    for count in [0, 1, 7, 16, 33, 70_001] {
      var noise = Noise(count)
      let values = noise.values(count).map { $0 * 8 }
      let results = onThreadCounts { pool in
        let memory = GuardedFloats(values)
        Elementwise.activate(function, memory.elements, into: memory.elements, pool: pool)
        #expect(memory.isIntact)
        return memory.bits
      }
      #expect(results.allSatisfy { $0 == results[0] })
    }
  }

  @Test(arguments: ActivationFunction.allCases)
  func `NaN stays NaN`(function: ActivationFunction) {
    let values = GuardedFloats([.nan, 1])
    Elementwise.activate(function, values.elements, into: values.elements, pool: pool)
    #expect(values.values[0].isNaN && !values.values[1].isNaN)
  }

  @Test
  func `the exponential is right over its whole range, and ends in zero and infinity`() {
    var worst = 0.0
    for step in -870...882 {
      var x = Lanes(repeating: Float(step) / 10)
      for lane in x.indices { x[lane] += Float(lane) / 160 }
      let value = Transcendental.exponential(x)
      for lane in x.indices {
        worst = max(worst, ulps(value[lane], exp(Double(x[lane]))))
      }
    }
    #expect(worst < 2, "\(worst) ulp")
    for (x, wanted) in [(-Float.infinity, 0), (-200, 0), (0, 1), (200, Float.infinity)] {
      #expect(Transcendental.exponential(Lanes(repeating: x)) == Lanes(repeating: wanted))
    }
  }

  private let pool = WorkerPool(threads: 2)

  /// How many steps of f32 lie between a value and the true one; steps below 2^-126 count as one
  /// there, as such values may become zero.
  private func ulps(_ value: Float, _ wanted: Double) -> Double {
    let step = max(Float(wanted).ulp, Float.leastNormalMagnitude)
    return abs(Double(value) - wanted) / Double(step)
  }
}
