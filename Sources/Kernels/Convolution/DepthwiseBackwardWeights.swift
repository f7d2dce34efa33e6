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
    input: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>,
    weightsGradient: UnsafeMutablePointer<Float>,
    biasGradient: UnsafeMutablePointer<Float>?,
    workspace: UnsafeMutablePointer<Float>,
    pool: WorkerPool
  ) {
    let chunks = chunks(shape)
    let vectors = vectors(shape)
    let size = (taps(shape) + 1) * 16
    pool.perform(chunks.parts * vectors) { piece, _ in
      let vector = piece % vectors
      let sums = workspace + piece * size
      sums.update(repeating: 0, count: size)
      for image in chunks[piece / vectors] {
        for y in 0..<shape.outputHeight {
          addRow(shape, image, y, vector * 16, input, outputGradient, sums)
        }
      }
    }
    pool.perform(vectors) { vector, _ in
      let channel = vector * 16
      let count = min(16, shape.inputChannels - channel)
      for tap in 0...taps(shape) {
        var sum = load_16(workspace + (vector * size + tap * 16))
        for chunk in 1..<max(chunks.parts, 1) {
          sum += load_16(workspace + ((chunk * vectors + vector) * size + tap * 16))
        }
        if tap < taps(shape) {
          store_part_16(sum, weightsGradient + (tap * shape.inputChannels + channel), count)
        } else if let biasGradient {
          store_part_16(sum, biasGradient + channel, count)
        }
      }
    }
  }

  /// Adds what one row of the output's gradient gives to the sums of one vector of channels.
  private static func addRow(
    _ shape: ConvolutionShape,
    _ image: Int,
    _ y: Int,
    _ channel: Int,
    _ input: UnsafePointer<Float>,
    _ outputGradient: UnsafePointer<Float>,
    _ sums: UnsafeMutablePointer<Float>
  ) {
    let channels = shape.inputChannels
    let count = min(16, channels - channel)
    let width = shape.outputWidth
    let line = (image * shape.outputHeight + y) * width
    let gradient = outputGradient + (line * channels + channel)
    let bias = sums + taps(shape) * 16
    store_16(load_16(bias) + sumRow(gradient, channels, width, count), bias)
    for tapY in 0..<shape.kernelHeight {
      let sourceY = y * shape.strideY - shape.padTop + tapY * shape.dilationY
      if sourceY < 0 || sourceY >= shape.inputHeight { continue }
      let row = input + ((image * shape.inputHeight + sourceY) * shape.inputWidth * channels)
      for tapX in 0..<shape.kernelWidth {
        let left = tapX * shape.dilationX - shape.padLeft
        let stride = shape.strideX
        let first = left < 0 ? (-left + stride - 1) / stride : 0
        let last = left < shape.inputWidth ? (shape.inputWidth - left + stride - 1) / stride : 0
        if first >= min(last, width) { continue }
        let target = sums + (tapY * shape.kernelWidth + tapX) * 16
        let sum = multiplyRow(
          row + ((first * stride + left) * channels + channel),
          stride * channels,
          gradient + first * channels,
          channels,
          pixels: min(last, width) - first,
          count
        )
        store_16(load_16(target) + sum, target)
      }
    }
  }

  private static func sumRow(
    _ values: UnsafePointer<Float>,
    _ stride: Int,
    _ pixels: Int,
    _ count: Int
  ) -> Vector {
    var sum = Vector.zero
    for pixel in 0..<pixels { sum += load_part_16(values + pixel * stride, count) }
    return sum
  }

  /// The sum over pixels of a times b; four sums at once, since each waits for its last addition.
  private static func multiplyRow(
    _ a: UnsafePointer<Float>,
    _ aStride: Int,
    _ b: UnsafePointer<Float>,
    _ bStride: Int,
    pixels: Int,
    _ count: Int
  ) -> Vector {
    var sums = InlineArray<4, Vector>(repeating: .zero)
    var pixel = 0
    while pixel + 4 <= pixels {
      for lane in 0..<4 {
        let from = a + (pixel + lane) * aStride
        let to = b + (pixel + lane) * bStride
        sums[lane] = multiply_add_16(load_part_16(from, count), load_part_16(to, count), sums[lane])
      }
      pixel += 4
    }
    while pixel < pixels {
      let value = load_part_16(a + pixel * aStride, count)
      sums[0] = multiply_add_16(value, load_part_16(b + pixel * bStride, count), sums[0])
      pixel += 1
    }
    return (sums[0] + sums[1]) + (sums[2] + sums[3])
  }
}
