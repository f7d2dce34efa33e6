import Testing

@testable import Kernels

/// In 16 bits, kernels that treat values one by one give what they give in 32 bits on the same
/// numbers, rounded once.
@Suite
struct PointwiseElementTests {
  static let counts = [1, 15, 64, 1000, 70_001]
  private let pool = WorkerPool(threads: 2)

  /// What `body` leaves in three arrays [count] of either type: an input, a second one, and one
  /// that is read and written.
  private func expectRounded(
    _ count: Int,
    _ body: (_ first: Elements, _ second: Elements, _ result: Elements) -> Void
  ) {
    var noise = Noise(count)
    let starts = (0..<3).map { _ in noise.values(count).map { 4 * $0 }.rounded }
    func results(_ type: ElementType) -> [[Float]] {
      let memory = starts.map { GuardedElements($0, type) }
      body(memory[0].elements, memory[1].elements, memory[2].elements)
      #expect(memory.allSatisfy { $0.isIntact })
      return memory.map(\.values)
    }
    #expect(results(.bf16) == results(.f32).map { $0.rounded })
  }

  @Test(arguments: ActivationFunction.allCases, counts)
  func `activation functions and their gradients`(_ function: ActivationFunction, _ count: Int) {
    expectRounded(count) { input, _, output in
      Elementwise.activate(function, input, into: output, pool: pool)
    }
    for accumulate in [false, true] {
      expectRounded(count) { known, gradient, result in
        Elementwise.activateBackward(
          function,
          known: known,
          outputGradient: gradient,
          inputGradient: result,
          accumulate: accumulate,
          pool: pool
        )
      }
    }
  }

  @Test(arguments: counts)
  func `dropout, of values and of samples, forward and backward`(_ count: Int) {
    let key = Random.Key(seed: 3, purpose: .dropout, stream: 8, step: 1)
    let samples = count % 5 == 0 ? 5 : 1
    expectRounded(count) { input, gradient, result in
      Elementwise.dropout(input, rate: 0.3, key: key, into: input, pool: pool)
      Elementwise.dropoutBackward(
        outputGradient: gradient,
        rate: 0.3,
        key: key,
        inputGradient: result,
        accumulate: true,
        pool: pool
      )
    }
    for accumulate in [false, true] {
      expectRounded(count) { input, _, result in
        Elementwise.dropSamples(
          input,
          samples: samples,
          rate: 0.4,
          key: key,
          into: result,
          accumulate: accumulate,
          pool: pool
        )
      }
    }
  }

  @Test(arguments: [(1, 1), (6, 3), (116, 2), (33, 11)], [false, true])
  func `copies of rows, borders, shuffles and windows`(
    _ sizes: (channels: Int, groups: Int),
    _ accumulate: Bool
  ) {
    let (channels, groups) = sizes
    expectRounded(20 * 9 * channels) { input, _, result in
      Elementwise.shuffle(
        input,
        channels: channels,
        groups: groups,
        into: result,
        accumulate: accumulate,
        pool: pool
      )
    }
    expectRounded(20 * 9 * channels) { input, second, result in
      Elementwise.copyRows(
        input,
        sourceStride: 9 * channels,
        sourceOffset: channels,
        into: result,
        destinationStride: 9 * channels,
        destinationOffset: 0,
        rows: 20,
        width: 7 * channels,
        accumulate: accumulate,
        pool: pool
      )
      Elementwise.addBorder(
        Border(top: -1, left: 2, bottom: 1, right: -2),
        images: 5,
        height: 4,
        width: 9,
        channels: channels,
        input: input,
        output: second,
        accumulate: accumulate,
        pool: pool
      )
    }
    let grid = WindowGrid(height: 4, width: 9, channels: channels, window: 3)
    let map = 0..<5 * 4 * 9 * channels
    expectRounded(5 * 6 * 9 * channels) { windows, maps, result in
      grid.merge(windows, into: result[map], batch: 5, accumulate: accumulate, pool: pool)
      grid.partition(maps[map], into: windows, batch: 5, accumulate: accumulate, pool: pool)
    }
  }

  @Test(arguments: counts, [1, 3])
  func `rescaling, given statistics and tables`(_ count: Int, _ batch: Int) {
    var noise = Noise(count)
    let mean = GuardedFloats(noise.values(count))
    let variance = GuardedFloats(noise.values(count).map { $0 * $0 + 0.1 })
    let workspace = GuardedFloats(count: Elementwise.standardizeWorkspaceCount(channels: count))
    for accumulate in [false, true] {
      expectRounded(batch * count) { input, gradient, result in
        Elementwise.rescale(input, scale: 3, offset: 0.5, into: input, pool: pool)
        Elementwise.rescaleBackward(
          outputGradient: gradient,
          scale: 3,
          inputGradient: result,
          accumulate: accumulate,
          pool: pool
        )
      }
      expectRounded(batch * count) { input, gradient, result in
        Elementwise.standardize(
          input,
          mean: mean.floats,
          variance: variance.floats,
          into: input,
          workspace: workspace.floats,
          pool: pool
        )
        Elementwise.standardizeBackward(
          outputGradient: gradient,
          mean: mean.floats,
          variance: variance.floats,
          inputGradient: result,
          accumulate: accumulate,
          workspace: workspace.floats,
          pool: pool
        )
      }
    }
    expectRounded(batch * count) { input, gradient, result in
      Broadcast.copy(mean.floats, batch: batch, into: result, stride: count, pool: pool)
      Broadcast.add(input, mean.floats, batch: batch, into: input, pool: pool)
    }
  }

  @Test(arguments: [(1, 1, 1), (2, 49, 40), (1, 3000, 24), (4, 3, 33)])
  func `a table's gradient is the sum of the samples in f32`(_ batch: Int, _ a: Int, _ b: Int) {
    var noise = Noise(a)
    let values = noise.values(batch * a * b).rounded
    let sums = ElementType.allCases.map { type in
      let memory = GuardedElements(values, type)
      let sums = GuardedFloats(count: a)
      let all = memory.elements
      Broadcast.sum(all, batch: batch, stride: a * b, into: sums.floats, pool: pool)
      return sums.values
    }
    #expect(sums[0] == sums[1])
  }

  @Test(
    arguments: [(1, 1, 1), (3, 5, 7), (2, 49, 40), (1, 3000, 24), (4, 1, 33)],
    ElementType.allCases
  )
  func `a channel's scale and both its gradients, whatever the factors' type`(
    _ sizes: (groups: Int, rows: Int, channels: Int),
    _ factorType: ElementType
  ) {
    let (groups, rows, channels) = sizes
    var noise = Noise(groups + rows + channels)
    let factors = noise.values(groups * channels).rounded
    let before = noise.values(groups * channels).rounded
    let workspace = GuardedFloats(
      count: ChannelScale.backwardWorkspaceCount(groups: groups, rows: rows, channels: channels)
    )
    for accumulate in [false, true] {
      var sums: [[Float]] = []
      expectRounded(groups * rows * channels) { input, gradient, result in
        let type = input.type == .f32 ? .f32 : factorType
        let scale = GuardedElements(factors, type)
        let scaleGradient = GuardedElements(before, type)
        ChannelScale.backward(
          groups: groups,
          rows: rows,
          channels: channels,
          input: input,
          scale: scale.elements,
          outputGradient: gradient,
          inputGradient: result,
          accumulateInput: accumulate,
          scaleGradient: scaleGradient.elements,
          accumulateScale: accumulate,
          workspace: workspace.floats,
          pool: pool
        )
        ChannelScale.forward(
          groups: groups,
          rows: rows,
          channels: channels,
          input: input,
          scale: scale.elements,
          output: gradient,
          pool: pool
        )
        #expect(scale.isIntact && scaleGradient.isIntact)
        sums.append(scaleGradient.values)
      }
      // The results in 16 bits come first.
      #expect(sums[0] == (factorType == .bf16 ? sums[1].rounded : sums[1]))
    }
  }
}
