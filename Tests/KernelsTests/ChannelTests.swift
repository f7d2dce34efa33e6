import Testing

@testable import Kernels

/// Kernels that treat channels, or samples, as wholes.
@Suite
struct ChannelTests {
  private let pool = WorkerPool(threads: 2)

  @Test(arguments: [(1, 1, 1), (3, 5, 7), (2, 49, 40), (1, 3000, 24), (4, 1, 33), (2, 600, 96)])
  func `a scale and both its gradients agree with the reference at any thread count`(
    groups: Int,
    rows: Int,
    channels: Int
  ) {
    var noise = Noise(groups + rows + channels)
    let count = groups * rows * channels
    let values = noise.values(count)
    let factors = noise.values(groups * channels)
    let gradient = noise.values(count)
    let before = noise.values(count)
    let scaleBefore = noise.values(groups * channels)
    let input = GuardedFloats(values)
    let scale = GuardedFloats(factors)
    let workspace = GuardedFloats(
      count: ChannelScale.backwardWorkspaceCount(groups: groups, rows: rows, channels: channels)
    )
    func wanted(_ values: [Float]) -> [Double] {
      ChannelScale.Reference.forward(
        groups: groups,
        channels: channels,
        input: values,
        scale: factors
      )
    }
    let scaleWanted = ChannelScale.Reference.scaleGradient(
      groups: groups,
      channels: channels,
      input: values,
      outputGradient: gradient
    )
    let results = onThreadCounts { pool in
      let output = GuardedFloats(count: count)
      ChannelScale.forward(
        groups: groups,
        rows: rows,
        channels: channels,
        input: input.elements,
        scale: scale.elements,
        output: output.elements,
        pool: pool
      )
      #expect(largestError(output.values, wanted(values)) < 1e-6)
      var bits = output.bits
      for accumulate in [true, false] {
        let from = GuardedFloats(gradient)
        // In place where nothing is added.
        let into = accumulate ? GuardedFloats(before) : from
        let scaleInto = GuardedFloats(scaleBefore)
        ChannelScale.backward(
          groups: groups,
          rows: rows,
          channels: channels,
          input: input.elements,
          scale: scale.elements,
          outputGradient: from.elements,
          inputGradient: into.elements,
          accumulateInput: accumulate,
          scaleGradient: scaleInto.elements,
          accumulateScale: accumulate,
          workspace: workspace.floats,
          pool: pool
        )
        let start = accumulate ? before : before.map { _ in 0 }
        let scaleStart = accumulate ? scaleBefore : scaleBefore.map { _ in 0 }
        #expect(
          largestError(into.values, zip(start, wanted(gradient)).map { Double($0) + $1 }) < 1e-6
        )
        let sums = zip(scaleStart, scaleWanted).map { Double($0) + $1 }
        #expect(largestError(scaleInto.values, sums) < 5e-6)
        #expect(into.isIntact && scaleInto.isIntact && workspace.isIntact && from.isIntact)
        bits += into.bits + scaleInto.bits
      }
      return bits
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test(arguments: [(1, 1), (5, 7), (3, 50_000), (64, 33)])
  func `whole samples are dropped, and dropped again in the backward pass`(
    samples: Int,
    width: Int
  ) {
    var noise = Noise(samples * width)
    let rate: Float = 0.4
    let key = Random.Key(seed: 9, purpose: .stochasticDepth, stream: 2, step: 5)
    let kept = Elementwise.Reference.keptSamples(samples, rate: rate, key: key)
    let values = noise.values(samples * width)
    let before = noise.values(samples * width)
    let wanted = values.indices.map { kept[$0 / width] ? values[$0] * (1 / (1 - rate)) : 0 }
    let memory = GuardedFloats(values)
    let added = GuardedFloats(before)
    for (output, accumulate) in [(added, true), (memory, false)] {
      Elementwise.dropSamples(
        memory.elements,
        samples: samples,
        rate: rate,
        key: key,
        into: output.elements,
        accumulate: accumulate,
        pool: pool
      )
    }
    #expect(added.values == zip(before, wanted).map { $0 + $1 })
    #expect(memory.values == wanted)
    #expect(memory.isIntact && added.isIntact)
  }

  @Test
  func `about the rate of all samples is dropped, others every step`() {
    let samples = 20_000
    let ones = GuardedFloats(count: samples, filledWith: 1)
    let into = GuardedFloats(count: samples)
    var masks: [[Float]] = []
    for step in 0..<2 {
      Elementwise.dropSamples(
        ones.elements,
        samples: samples,
        rate: 0.25,
        key: Random.Key(seed: 3, purpose: .stochasticDepth, stream: 8, step: UInt64(step)),
        into: into.elements,
        accumulate: false,
        pool: pool
      )
      let dropped = into.values.count { $0 == 0 }
      #expect(abs(Double(dropped) / Double(samples) - 0.25) < 0.015)
      masks.append(into.values)
    }
    #expect(masks[0] != masks[1])
  }

  @Test(arguments: [
    Border(top: 1, left: 2, bottom: 3, right: 4), Border(top: -1, left: -1, bottom: 1, right: 1),
    Border(top: 0, left: 0, bottom: 0, right: 0), Border(top: -2, left: 1, bottom: -1, right: -3),
    Border(top: 2, left: -7, bottom: -6, right: 9),
  ])
  func `a border adds zeros or takes cells away, and its opposite is its gradient`(border: Border) {
    for (images, height, width, channels) in [(2, 5, 6, 3), (1, 40, 41, 32), (3, 5, 6, 17)] {
      var noise = Noise(images + channels)
      let values = noise.values(images * height * width * channels)
      let wanted = Elementwise.Reference.addBorder(
        border,
        images: images,
        height: height,
        width: width,
        channels: channels,
        input: values
      )
      let before = noise.values(wanted.count)
      let input = GuardedFloats(values)
      for accumulate in [false, true] {
        let output = GuardedFloats(before)
        Elementwise.addBorder(
          border,
          images: images,
          height: height,
          width: width,
          channels: channels,
          input: input.elements,
          output: output.elements,
          accumulate: accumulate,
          pool: pool
        )
        #expect(output.values == zip(before, wanted).map { (accumulate ? $0 : 0) + $1 })
        #expect(output.isIntact)
      }
      // Σ border(x) · g = Σ x · gradient(g).
      let gradient = Elementwise.Reference.addBorder(
        border.opposite,
        images: images,
        height: height + border.top + border.bottom,
        width: width + border.left + border.right,
        channels: channels,
        input: before
      )
      #expect(abs(product(wanted, before) - product(values, gradient)) < 1e-9)
    }
  }

  @Test(arguments: [(1, 1), (6, 2), (6, 3), (116, 2), (48, 16)])
  func `channels are dealt out over the groups, and back`(channels: Int, groups: Int) {
    var noise = Noise(channels)
    let values = noise.values(700 * channels)
    let wanted = Elementwise.Reference.shuffle(values, channels: channels, groups: groups)
    let input = GuardedFloats(values)
    let output = GuardedFloats(count: values.count)
    let back = GuardedFloats(values)
    Elementwise.shuffle(
      input.elements,
      channels: channels,
      groups: groups,
      into: output.elements,
      accumulate: false,
      pool: pool
    )
    #expect(output.values == wanted)
    Elementwise.shuffle(
      output.elements,
      channels: channels,
      groups: channels / groups,
      into: back.elements,
      accumulate: true,
      pool: pool
    )
    #expect(back.values == values.map { 2 * $0 })
    #expect(output.isIntact && back.isIntact)
  }

  @Test(arguments: [(1, 3), (700, 3), (2, 33), (30_000, 4), (5, 200)])
  func `given statistics standardise every channel`(rows: Int, channels: Int) {
    var noise = Noise(rows + channels)
    let values = noise.values(rows * channels)
    let means = noise.values(channels)
    // The first channel has no variance: it is divided by 1e-7.
    let variances = noise.values(channels).enumerated().map { $0 == 0 ? 0 : $1 * $1 + 0.1 }
    let gradients = noise.values(rows * channels)
    let mean = GuardedFloats(means)
    let variance = GuardedFloats(variances)
    let workspace = GuardedFloats(
      count: Elementwise.standardizeWorkspaceCount(channels: channels)
    )
    let memory = GuardedFloats(values)
    Elementwise.standardize(
      memory.elements,
      mean: mean.floats,
      variance: variance.floats,
      into: memory.elements,
      workspace: workspace.floats,
      pool: pool
    )
    let wanted = Elementwise.Reference.standardize(values, mean: means, variance: variances)
    #expect(largestError(memory.values, wanted) < 1e-6)
    let slopes = Elementwise.Reference.standardize(
      gradients,
      mean: means.map { _ in 0 },
      variance: variances
    )
    for accumulate in [true, false] {
      let gradient = GuardedFloats(gradients)
      let into = accumulate ? GuardedFloats(values) : gradient
      Elementwise.standardizeBackward(
        outputGradient: gradient.elements,
        mean: mean.floats,
        variance: variance.floats,
        inputGradient: into.elements,
        accumulate: accumulate,
        workspace: workspace.floats,
        pool: pool
      )
      let sums = zip(values, slopes).map { (accumulate ? Double($0) : 0) + $1 }
      #expect(largestError(into.values, sums) < 1e-6)
      #expect(into.isIntact)
    }
    #expect(memory.isIntact && workspace.isIntact)
  }

  @Test(arguments: [1, 16, 50_001])
  func `rescaling multiplies and adds, and its gradient multiplies`(count: Int) {
    var noise = Noise(count)
    let values = noise.values(count)
    let memory = GuardedFloats(values)
    Elementwise.rescale(memory.elements, scale: 3, offset: -0.5, into: memory.elements, pool: pool)
    #expect(largestError(memory.values, values.map { Double($0) * 3 - 0.5 }) < 1e-6)
    let gradient = GuardedFloats(values)
    let added = GuardedFloats(values)
    for (into, accumulate) in [(added, true), (gradient, false)] {
      Elementwise.rescaleBackward(
        outputGradient: gradient.elements,
        scale: 3,
        inputGradient: into.elements,
        accumulate: accumulate,
        pool: pool
      )
    }
    #expect(largestError(added.values, values.map { Double($0) * 4 }) < 1e-6)
    #expect(largestError(gradient.values, values.map { Double($0) * 3 }) < 1e-6)
    #expect(memory.isIntact && gradient.isIntact && added.isIntact)
  }

  private func product(_ first: [Float], _ second: [Float]) -> Double {
    zip(first, second).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}
