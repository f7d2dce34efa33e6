import Testing

@testable import Kernels

/// Convolutions by simulated tiles against plain loops.
@Suite
struct TileConvolutionTests {
  @Test(arguments: 0..<80)
  func `a convolution and its gradients by tiles are those of plain loops`(seed: Int) {
    let shape = RandomShapes.convolution(seed: seed)
    if !shape.isDepthwise { TilePasses(shape, seed: seed).verify() }
  }

  @Test(arguments: RandomShapes.named.filter { !$0.isDepthwise })
  func `layers of real networks by tiles agree with plain loops`(shape: ConvolutionShape) {
    TilePasses(shape, seed: 7).verify()
  }

  @Test(arguments: 0..<16)
  func `results by tiles have the same bits at one, two and three threads`(seed: Int) {
    let shape = RandomShapes.convolution(seed: 1000 + seed, largest: 30)
    if shape.isDepthwise { return }
    let results = onThreadCounts { TilePasses(shape, seed: seed).bits(.simulation, $0) }
    #expect(results[0] == results[1] && results[0] == results[2], "\(shape)")
  }

  @Test(
    .enabled(if: MatrixTiles.isAvailable, "needs a processor with matrix tiles"),
    arguments: 0..<40
  )
  func `convolutions by the processor's tiles agree with plain loops`(seed: Int) {
    let shape = RandomShapes.convolution(seed: seed)
    if !shape.isDepthwise { TilePasses(shape, seed: seed).verify(on: .processor) }
  }

  @Test(
    .enabled(if: MatrixTiles.hasPairs, "needs vectors of bf16 pairs"),
    arguments: 0..<40
  )
  func `convolutions by vectors of pairs agree with plain loops, whatever the threads`(seed: Int) {
    let shape = RandomShapes.convolution(seed: 500 + seed)
    if shape.isDepthwise { return }
    TilePasses(shape, seed: seed).verify(on: .vectors)
    let results = onThreadCounts { TilePasses(shape, seed: seed).bits(.vectors, $0) }
    #expect(results[0] == results[1] && results[0] == results[2], "\(shape)")
  }

  @Test(arguments: 0..<40)
  func `rows of a kernel over few channels by tiles agree with plain loops`(seed: Int) {
    var shape = RandomShapes.convolution(seed: 4000 + seed)
    shape.groups = 1
    shape.inputChannels = 1 + seed % 15
    shape.dilationX = 1
    if shape.kernelWidth == 1 {
      shape.kernelWidth = 2
      shape.padLeft += 1
    }
    #expect(TileRowPatches(shape) != nil)
    TilePasses(shape, seed: seed).verify()
    if MatrixTiles.hasPairs { TilePasses(shape, seed: seed).verify(on: .vectors) }
  }

  @Test
  func `many channels suit tiles, as do three in a kernel's rows; single pixels do not`() {
    let wide = RandomShapes.simple(batch: 4, size: 14, inputs: 256, outputs: 256, kernel: 3)
    #expect(TileConvolution.suitsForward(wide, on: .simulation))
    #expect(TileConvolution.suitsBackwardInput(wide, on: .simulation))
    #expect(TileConvolution.suitsBackwardWeights(wide, on: .simulation))
    let first = RandomShapes.simple(batch: 4, size: 56, inputs: 3, outputs: 64, kernel: 7)
    let single = RandomShapes.simple(batch: 4, size: 1, inputs: 256, outputs: 256, kernel: 1)
    let depthwise = RandomShapes.simple(
      batch: 4,
      size: 14,
      inputs: 256,
      outputs: 256,
      kernel: 3,
      groups: 256
    )
    #expect(TileConvolution.suitsForward(first, on: .simulation))
    #expect(!TileConvolution.suitsBackwardInput(first, on: .simulation))
    #expect(TileConvolution.suitsBackwardWeights(first, on: .simulation))
    for shape in [single, depthwise] {
      #expect(!TileConvolution.suitsForward(shape, on: .simulation))
      #expect(!TileConvolution.suitsBackwardInput(shape, on: .simulation))
      #expect(!TileConvolution.suitsBackwardWeights(shape, on: .simulation))
    }
  }

  @Test(arguments: 0..<16)
  func `inputs transformed as they are read are those transformed before`(seed: Int) {
    let shape = RandomShapes.convolution(seed: 2000 + seed)
    if shape.isDepthwise { return }
    var noise = Noise(seed)
    let parts = (0..<3).map { _ in GuardedFloats(noise.values(shape.inputChannels)) }
    let transform = ChannelTransform(
      mean: parts[0].floats,
      factor: parts[1].floats,
      shift: parts[2].floats,
      relu: seed % 2 == 0
    )
    let (before, during) = (TilePasses(shape, seed: seed), TilePasses(shape, seed: seed))
    let input = before.input.elements.of(BFloat16.self)
    for index in 0..<shape.inputCount {
      let channel = index % shape.inputChannels
      var value = (input[index].float - parts[0].floats[channel])
      value = (parts[2].floats[channel]).addingProduct(value, parts[1].floats[channel])
      input[index] = BFloat16(rounding: seed % 2 == 0 ? max(value, 0) : value)
    }
    during.transform = transform
    let pool = WorkerPool(threads: 2)
    #expect(before.bits(.simulation, pool) == during.bits(.simulation, pool), "\(shape)")
  }

  @Test(arguments: 0..<16)
  func `a residual is added and what is written is summed`(seed: Int) {
    let shape = RandomShapes.convolution(seed: 3000 + seed)
    if shape.isDepthwise { return }
    var noise = Noise(seed)
    let residual = GuardedElements(noise.values(shape.outputCount), .bf16)
    let channels = shape.outputChannels
    let blocks = TileConvolution.sumBlocks(shape)
    let sums = GuardedFloats(count: PartialMoments.count(blocks: blocks, channels: channels))
    let partial = PartialMoments(channels: channels, base: sums.floats.base)
    let plain = TilePasses(shape, seed: seed)
    plain.forward(.simulation, WorkerPool(threads: 1), .none)
    let full = TilePasses(shape, seed: seed)
    full.residual = residual.elements
    full.sums = partial
    full.forward(.simulation, WorkerPool(threads: 2), .none)
    // The plain output was rounded once more than the sum with the residual.
    for (index, value) in full.output.values.enumerated() {
      let (output, added) = (plain.output.values[index], residual.values[index])
      let wanted = output + added
      #expect(abs(value - wanted) <= 0x1p-8 * (abs(output) + abs(wanted)), "\(shape)")
    }
    let written = full.output.values
    for channel in 0..<channels {
      let values = stride(from: channel, to: written.count, by: channels).map {
        Double(written[$0])
      }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      let found = partial.moments(channel: channel, blocks: blocks)
      #expect(abs(found.mean - mean) <= 1e-5 * (1 + abs(mean)), "\(shape)")
      #expect(abs(found.variance - variance) <= 1e-4 * (1 + variance), "\(shape)")
    }
    #expect(sums.isIntact && full.output.isIntact)
  }

  @Test
  func `a not-a-number passes through ReLU and stays in its pixel`() {
    let shape = RandomShapes.simple(batch: 1, size: 4, inputs: 3, outputs: 5, kernel: 1)
    let passes = TilePasses(shape, seed: 1)
    passes.input.elements.of(BFloat16.self)[4] = BFloat16(rounding: .nan)
    passes.forward(.simulation, WorkerPool(threads: 1), .relu)
    let nans = passes.output.values.enumerated().filter { $0.element.isNaN }.map(\.offset)
    #expect(nans == [5, 6, 7, 8, 9])
  }
}

/// The three passes of one convolution by tiles, with their buffers.
private final class TilePasses {
  let shape: ConvolutionShape
  let seed: Int
  let accumulate: Bool
  let input: GuardedElements
  let output: GuardedElements
  let outputGradient: GuardedElements
  let inputGradient: GuardedElements
  var transform: ChannelTransform?
  var residual: Elements?
  var sums: PartialMoments?
  private let inputStart: [Float]
  private let weights: GuardedFloats
  private let bias: GuardedFloats?
  private let weightsGradient: GuardedFloats
  private let biasGradient: GuardedFloats
  private let workspaces: [GuardedFloats]

  init(_ shape: ConvolutionShape, seed: Int) {
    var noise = Noise(seed)
    self.shape = shape
    self.seed = seed
    accumulate = seed % 3 == 0
    input = GuardedElements(noise.values(shape.inputCount), .bf16)
    output = GuardedElements(count: shape.outputCount, .bf16)
    outputGradient = GuardedElements(noise.values(shape.outputCount), .bf16)
    inputStart = noise.values(shape.inputCount)
    inputGradient = GuardedElements(
      accumulate ? inputStart : inputStart.map { _ in .nan },
      .bf16
    )
    // Weights are rounded as they are packed; the plain loops get them rounded.
    weights = GuardedFloats(noise.values(shape.weightsCount))
    bias = seed % 4 == 1 ? nil : GuardedFloats(noise.values(shape.outputChannels))
    weightsGradient = GuardedFloats(count: shape.weightsCount)
    biasGradient = GuardedFloats(count: shape.outputChannels)
    workspaces = [
      TileConvolution.forwardWorkspaceCount(shape),
      TileConvolution.backwardInputWorkspaceCount(shape),
      TileConvolution.backwardWeightsWorkspaceCount(shape),
    ].map { GuardedFloats(count: $0) }
  }

  func forward(_ unit: MatrixTiles.Unit, _ pool: WorkerPool, _ activation: Activation) {
    TileConvolution.forward(
      shape,
      input: input.elements,
      weights: weights.floats,
      bias: bias?.floats,
      activation: activation,
      output: output.elements,
      extras: TileConvolution.Extras(
        transform: transform,
        residual: residual,
        sums: sums
      ),
      workspace: workspaces[0].floats,
      unit: unit,
      pool: pool
    )
  }

  private func run(_ unit: MatrixTiles.Unit, _ pool: WorkerPool, _ activation: Activation) {
    forward(unit, pool, activation)
    TileConvolution.backwardInput(
      shape,
      outputGradient: outputGradient.elements,
      weights: weights.floats,
      inputGradient: inputGradient.elements,
      accumulate: accumulate,
      workspace: workspaces[1].floats,
      unit: unit,
      pool: pool
    )
    TileConvolution.backwardWeights(
      shape,
      input: input.elements,
      transform: transform,
      outputGradient: outputGradient.elements,
      weightsGradient: weightsGradient.floats,
      biasGradient: bias == nil ? nil : biasGradient.floats,
      workspace: workspaces[2].floats,
      unit: unit,
      pool: pool
    )
  }

  func bits(_ unit: MatrixTiles.Unit, _ pool: WorkerPool) -> [UInt32] {
    run(unit, pool, .relu)
    let narrow = (output.values + inputGradient.values).map(\.bitPattern)
    return narrow + weightsGradient.bits + (bias == nil ? [] : biasGradient.bits)
  }

  /// Runs all passes and compares with plain loops in f64 on the same rounded values: activations
  /// within half a bf16 step and 2e-6 a product, gradients of parameters within 2e-6 a pixel.
  func verify(on unit: MatrixTiles.Unit = .simulation) {
    let activation: Activation = seed % 2 == 0 ? .relu : .none
    let (wideInput, wideGradient) = (
      GuardedFloats(input.values), GuardedFloats(outputGradient.values)
    )
    let wideWeights = GuardedFloats(weights.values.rounded)
    run(unit, WorkerPool(threads: 1 + seed % 2), activation)
    let plainOutput = GuardedFloats(count: shape.outputCount)
    ReferenceConvolution.forward(
      shape,
      input: wideInput.floats,
      weights: wideWeights.floats,
      bias: bias?.floats,
      activation: activation,
      output: plainOutput.floats
    )
    let taps = shape.kernelHeight * shape.kernelWidth
    #expect(output.isNear(plainOutput, products: taps * shape.groupInputs), "\(shape)")
    let plainInput = GuardedFloats(accumulate ? inputStart.rounded : inputStart.map { _ in 0 })
    ReferenceConvolution.backwardInput(
      shape,
      outputGradient: wideGradient.floats,
      weights: wideWeights.floats,
      inputGradient: plainInput.floats,
      accumulate: accumulate
    )
    #expect(inputGradient.isNear(plainInput, products: taps * shape.groupOutputs), "\(shape)")
    verifyParameters(wideInput, wideGradient)
    let guarded = [weights, bias, weightsGradient, biasGradient].compactMap { $0 } + workspaces
    #expect(guarded.allSatisfy { $0.isIntact }, "\(shape)")
    #expect([input, output, outputGradient, inputGradient].allSatisfy { $0.isIntact }, "\(shape)")
  }

  private func verifyParameters(_ wideInput: GuardedFloats, _ wideGradient: GuardedFloats) {
    let plainWeights = GuardedFloats(count: shape.weightsCount)
    let plainBias = GuardedFloats(count: shape.outputChannels)
    ReferenceConvolution.backwardWeights(
      shape,
      input: wideInput.floats,
      outputGradient: wideGradient.floats,
      weightsGradient: plainWeights.floats,
      biasGradient: plainBias.floats
    )
    let pixels = shape.batch * shape.outputHeight * shape.outputWidth
    let tolerance = 2e-6 * Float(max(pixels, 1))
    for (value, wanted) in zip(weightsGradient.values, plainWeights.values)
    where !(abs(value - wanted) <= tolerance) {
      Issue.record("weights' gradient \(value), not \(wanted): \(shape)")
      break
    }
    if bias == nil { return }
    let errors = zip(biasGradient.values, plainBias.values).map { abs($0 - $1) }
    #expect(errors.allSatisfy { $0 <= tolerance }, "\(shape)")
  }
}

extension GuardedElements {
  /// Whether every value is the plain one, rounded to bf16, but for the rounding of a sum of
  /// `products` products in f32.
  func isNear(_ plain: GuardedFloats, products: Int) -> Bool {
    zip(values, plain.values).allSatisfy { value, wanted in
      abs(value - wanted) <= 0x1p-8 * abs(wanted) + 2e-6 * Float(max(products, 1))
    }
  }
}
