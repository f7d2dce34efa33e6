import CIntrinsics

extension DepthwiseConvolution {
  /// Partial sums are those of so many groups of images, whatever the number of threads.
  private static func chunks(_ shape: ConvolutionShape) -> EvenParts {
    EvenParts(shape.batch, parts: 8)
  }

  private static func taps(_ shape: ConvolutionShape) -> Int {
    shape.kernelHeight * shape.kernelWidth
  }

  private static func vectors(_ shape: ConvolutionShape) -> Int { (shape.inputChannels + 15) / 16 }

  /// Floats of partial sums, [chunk][vector][taps, then the bias][16].
  static func backwardWeightsWorkspaceCount(_ shape: ConvolutionShape) -> Int {
    chunks(shape).parts * vectors(shape) * (taps(shape) + 1) * 16
  }

  static func backwardWeights(
    _ shape: ConvolutionShape,
    input: Elements,
    outputGradient: Elements,
    weightsGradient: UnsafeMutablePointer<Float>,
    biasGradient: UnsafeMutablePointer<Float>?,
    workspace: UnsafeMutablePointer<Float>,
    pool: WorkerPool
  ) {
    let activations = (input, outputGradient)
    let withBias = biasGradient != nil
    switch input.type {
    case .f32: sumRows(Float.self, shape, activations, withBias, workspace, pool)
    case .bf16: sumRows(BFloat16.self, shape, activations, withBias, workspace, pool)
    }
    pool.perform(vectors(shape)) { vector, _ in
      addChunks(shape, vector, workspace, weightsGradient, biasGradient)
    }
  }

  private static func sumRows<Kind: Element>(
    _ kind: Kind.Type,
    _ shape: ConvolutionShape,
    _ activations: (input: Elements, outputGradient: Elements),
    _ withBias: Bool,
    _ workspace: UnsafeMutablePointer<Float>,
    _ pool: WorkerPool
  ) {
    let input = activations.input.of(kind)
    let outputGradient = activations.outputGradient.of(kind)
    let chunks = chunks(shape)
    let vectors = vectors(shape)
    let size = (taps(shape) + 1) * 16
    // A row of pixels is taken with all its channels, unless there are too few images to share.
    let groups = EvenParts(vectors, parts: (8 + chunks.parts - 1) / chunks.parts)
    pool.perform(chunks.parts * groups.parts) { piece, _ in
      let chunk = piece / groups.parts
      let group = groups[piece % groups.parts]
      let sums = workspace + chunk * vectors * size
      (sums + group.lowerBound * size).update(repeating: 0, count: group.count * size)
      for image in chunks[chunk] {
        for y in 0..<shape.outputHeight {
          for vector in group {
            let row = DepthwiseRow<Kind>(shape, image: image, y: y, channel: vector * 16)
            row.add(
              input,
              outputGradient,
              into: sums + vector * size,
              withBias: withBias
            )
          }
        }
      }
    }
  }

  /// Adds the partial sums of one vector of channels, in the order of the chunks.
  private static func addChunks(
    _ shape: ConvolutionShape,
    _ vector: Int,
    _ workspace: UnsafePointer<Float>,
    _ weightsGradient: UnsafeMutablePointer<Float>,
    _ biasGradient: UnsafeMutablePointer<Float>?
  ) {
    let size = (taps(shape) + 1) * 16
    let channel = vector * 16
    let count = min(16, shape.inputChannels - channel)
    for tap in 0...taps(shape) {
      let sums = workspace + (vector * size + tap * 16)
      var sum = load_16(sums)
      for chunk in 1..<chunks(shape).parts {
        sum += load_16(sums + chunk * vectors(shape) * size)
      }
      if tap < taps(shape) {
        store_part_16(sum, weightsGradient + (tap * shape.inputChannels + channel), count)
      } else if let biasGradient {
        store_part_16(sum, biasGradient + channel, count)
      }
    }
  }
}
