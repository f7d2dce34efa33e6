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
    let parts = EvenParts(vectors(shape), limit: 16)
    pool.perform(parts.parts) { piece, _ in
      for vector in parts[piece] {
        addChunks(shape, vector, workspace, weightsGradient, biasGradient)
      }
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
    let pairs = DepthwiseGradientPairs(
      shape: shape,
      input: activations.input,
      outputGradient: activations.outputGradient,
      withBias: withBias
    )
    let canAdd = pairs.canAdd
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
        if canAdd {
          pairs.add(image, vectors: group, into: sums)
          continue
        }
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

/// The sums of an image, two rows of the output's gradient at a time.
private struct DepthwiseGradientPairs {
  let shape: ConvolutionShape
  let input: Elements
  let outputGradient: Elements
  let withBias: Bool

  /// Whether taps are neighbouring pixels, and there is a function for them.
  var canAdd: Bool {
    var gradient = gradient(vectors: 0..<1)
    return shape.dilationY == 1 && shape.dilationX == 1 && depthwise_gradient_adds(&gradient) != 0
  }

  /// Adds to `sums`, [vector of channels][taps, then the bias][16].
  func add(_ image: Int, vectors: Range<Int>, into sums: UnsafeMutablePointer<Float>) {
    var gradient = gradient(vectors: vectors)
    gradient.sums = sums
    let stride = input.type.stride
    let row = shape.outputWidth * shape.inputChannels * stride
    let source = shape.inputHeight * shape.inputWidth * shape.inputChannels * stride
    for y in Swift.stride(from: 0, to: shape.outputHeight, by: 2) {
      let slope = outputGradient.base + (image * shape.outputHeight + y) * row
      var pair = depthwise_rows()
      pair.image = UnsafeRawPointer(input.base + image * source)
      pair.top = y * shape.strideY - shape.padTop
      pair.left = -shape.padLeft
      pair.results.0 = slope
      pair.results.1 = y + 1 < shape.outputHeight ? slope + row : nil
      pair.width = shape.outputWidth
      depthwise_gradient_add(&gradient, &pair)
    }
  }

  private func gradient(vectors: Range<Int>) -> depthwise_gradient {
    var gradient = depthwise_gradient()
    gradient.narrow = input.type == .bf16 ? 1 : 0
    gradient.tap_rows = Int32(truncatingIfNeeded: shape.kernelHeight)
    gradient.tap_columns = Int32(truncatingIfNeeded: shape.kernelWidth)
    gradient.stride_y = Int32(truncatingIfNeeded: shape.strideY)
    gradient.stride_x = Int32(truncatingIfNeeded: shape.strideX)
    gradient.with_bias = withBias ? 1 : 0
    gradient.channels = shape.inputChannels
    gradient.first_channel = vectors.lowerBound * 16
    gradient.end_channel = min(vectors.upperBound * 16, shape.inputChannels)
    gradient.source_height = shape.inputHeight
    gradient.source_width = shape.inputWidth
    return gradient
  }
}
