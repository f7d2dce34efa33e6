import CIntrinsics

/// A 3x3 convolution with steps of one, or its gradient to the input, by Winograd's F(4x4, 3x3):
/// squares of 6x6 pixels become 36 values a channel, which are multiplied one by one (36 matrix
/// products over channels), and the products become squares of 4x4 results.
///
/// One of 5x5 is computed by F(4x4, 5x5): 8x8 pixels, 64 values.
///
/// It does a quarter of the multiplications, a sixth for 5x5. Weights are transformed once a call,
/// squares in blocks that stay in a thread's scratch memory.
struct WinogradProduct {
  let squares: WinogradSquares
  let inputs: Int
  let outputs: Int
  /// Whether it is the gradient: taps are flipped and channels change places.
  let isGradient: Bool

  let blocks: EvenParts

  var planes: Int { squares.planes }
  /// Squares of a block: four tiles of rows.
  private static let mostSquares = 48
  private static let scratchCount =
    WorkerPool.scratchByteCount / MemoryLayout<Float>.stride - WinogradProduct.tablesCount
  /// Floats of scratch before the planes: bias, zeros, tables.
  private static let tablesCount = 2 * WinogradProduct.mostChannels + 1024
  private static let mostChannels = 4096

  /// The results of a convolution; nil where direct products are as fast.
  init?(forward shape: ConvolutionShape) {
    guard let squares = WinogradSquares(forward: shape) else { return nil }
    self.init(squares, shape.inputChannels, shape.outputChannels, isGradient: false)
  }

  /// The gradient of a convolution's input; nil where direct products are as fast.
  init?(gradient shape: ConvolutionShape) {
    guard let squares = WinogradSquares(gradient: shape) else { return nil }
    self.init(squares, shape.outputChannels, shape.inputChannels, isGradient: true)
  }

  private init?(_ squares: WinogradSquares, _ inputs: Int, _ outputs: Int, isGradient: Bool) {
    self.squares = squares
    self.inputs = inputs
    self.outputs = outputs
    self.isGradient = isGradient
    let fitting =
      WinogradProduct.scratchCount / squares.planes
      / (WinogradSquares.spacing(inputs) + WinogradSquares.spacing(outputs))
    // Weights beyond the caches are read once a block: few large ones then.
    let wanted = squares.planes * inputs * outputs > 384 << 10 ? 2 : 8
    let limit = min(WinogradProduct.mostSquares, fitting, (squares.count + wanted - 1) / wanted)
    blocks = EvenParts(squares.count, limit: max(1, limit))
    guard inputs <= WinogradProduct.mostChannels, outputs <= WinogradProduct.mostChannels,
      limit >= 8, isFaster
    else { return nil }
  }

  /// Whether its cycles, by a rough count, are fewer than those of direct products.
  private var isFaster: Bool {
    products + transforms + ofWeights < 0.9 * 1.1 * squares.directCycles(inputs, outputs)
  }

  /// The same beside products of pairs of bf16, which do two multiplications at once; as measured,
  /// transforms of bf16 count twice.
  var isFasterThanPairs: Bool {
    products + 2 * transforms + ofWeights < 0.5 * squares.directCycles(inputs, outputs)
  }

  private var products: Double { 1.2 * squares.productCycles(inputs, outputs) }
  private var transforms: Double { squares.transformCycles(inputs, outputs) }
  /// A cycle for each transformed weight where they leave the caches.
  private var ofWeights: Double {
    let weights = Double(inputs * outputs)
    let planes = Double(squares.planes)
    return weights * planes * (weights * planes * 4 > 1e6 ? 1 : 0.28)
  }

  /// Floats of transformed weights, [plane][panel][inputs][panelWidth].
  var weightsCount: Int { squares.planes * planeCount }
  private var planeCount: Int { Packing.count(depth: inputs, columns: outputs) }
}

// MARK: - Weights

extension WinogradProduct {
  /// Transforms a convolution's weights for results of type `element`.
  func transformWeights(
    _ weights: Floats,
    _ element: ElementType,
    into target: UnsafeMutablePointer<Float>,
    pool: WorkerPool
  ) {
    let narrow: Int32 = element == .bf16 ? 1 : 0
    if isGradient {
      let pieces = EvenParts(outputs, limit: 16)
      pool.perform(pieces.parts) { piece, thread in
        transformTransposed(
          weights.base,
          first: piece * 16,
          narrow,
          into: target,
          memory: pool.scratch(thread: thread).base
        )
      }
      return
    }
    let pieces = EvenParts(inputs, limit: 8)
    pool.perform(pieces.parts) { piece, _ in
      for input in pieces[piece] {
        for first in stride(from: 0, to: outputs, by: 16) {
          let panel = first / panelWidth * panelWidth
          transform_winograd_weights(
            Int32(squares.side),
            weights.base + (input * outputs + first),
            inputs * outputs,
            0,
            narrow,
            min(16, outputs - first),
            target + (panel * inputs + input * panelWidth + first - panel),
            planeCount
          )
        }
      }
    }
  }

  /// Transforms the weights of 16 outputs of a gradient, which lie in rows of inputs.
  private func transformTransposed(
    _ weights: UnsafePointer<Float>,
    first: Int,
    _ narrow: Int32,
    into target: UnsafeMutablePointer<Float>,
    memory: UnsafeMutablePointer<Float>
  ) {
    let rows = min(16, outputs - first)
    let panel = first / panelWidth * panelWidth
    for input in stride(from: 0, to: inputs, by: 16) {
      let columns = min(16, inputs - input)
      for row in 0..<rows {
        transform_winograd_weights(
          Int32(squares.side),
          weights + ((first + row) * inputs + input),
          inputs * outputs,
          1,
          narrow,
          columns,
          memory + row * 16,
          256
        )
      }
      for plane in 0..<squares.planes {
        transpose_16(
          memory + plane * 256,
          16,
          rows,
          columns,
          target + (plane * planeCount + panel * inputs + input * panelWidth + first - panel),
          panelWidth
        )
      }
    }
  }
}

// MARK: - Blocks of squares

extension WinogradProduct {
  /// What is done with the results besides writing them.
  struct Ending {
    var bias: UnsafePointer<Float>?
    var activation: Activation
    /// Laid out as the result, and added to it; may be the result.
    var added: Elements?
    /// Gets each block's sums.
    var sums: PartialMoments?
    var result: Elements
  }

  /// Computes all blocks.
  func run(
    source: Elements,
    _ transform: ChannelTransform?,
    weights: UnsafePointer<Float>,
    _ ending: Ending,
    pool: WorkerPool
  ) {
    pool.perform(blocks.parts) { piece, thread in
      let memory = Memory(self, pool.scratch(thread: thread))
      if let bias = ending.bias { memory.initial.update(from: bias, count: outputs) }
      let block = blocks[piece]
      gather(block, source, transform, memory)
      multiply(block.count, weights, memory)
      finish(block, index: piece, ending, memory)
    }
  }

  /// A thread's scratch memory.
  private struct Memory {
    /// The bias, or zeros.
    let initial: UnsafeMutablePointer<Float>
    /// What pixels outside the image read.
    let zeros: UnsafeMutablePointer<Float>
    let pixels: UnsafeMutablePointer<UnsafeRawPointer?>
    let offsets: UnsafeMutablePointer<Int>
    let results: UnsafeMutablePointer<Int>
    /// [plane][square][inputStride] and [plane][square][outputStride].
    let inputs: UnsafeMutablePointer<Float>
    let outputs: UnsafeMutablePointer<Float>
    let inputStride: Int
    let outputStride: Int
    let inputPlane: Int
    let outputPlane: Int

    init(_ product: WinogradProduct, _ scratch: Floats) {
      initial = scratch.base
      zeros = initial + mostChannels
      let tables = UnsafeMutableRawPointer(zeros + mostChannels)
      pixels = tables.assumingMemoryBound(to: UnsafeRawPointer?.self)
      offsets = (tables + 512).assumingMemoryBound(to: Int.self)
      results = offsets + 16
      inputs = scratch.base + tablesCount
      inputStride = WinogradSquares.spacing(product.inputs)
      outputStride = WinogradSquares.spacing(product.outputs)
      inputPlane = product.blocks.size * inputStride
      outputPlane = product.blocks.size * outputStride
      outputs = inputs + product.planes * inputPlane
      initial.update(repeating: 0, count: product.outputs)
      zeros.update(repeating: 0, count: max(product.inputs, 2 * panelWidth))
      for row in 0..<tileRows {
        offsets[row] = row * inputStride
        results[row] = row * outputStride
      }
    }
  }

  private func gather(
    _ block: Range<Int>,
    _ source: Elements,
    _ transform: ChannelTransform?,
    _ memory: Memory
  ) {
    var input = winograd_input(
      source,
      transform,
      channels: inputs,
      pixels: memory.pixels,
      plane: memory.inputPlane
    )
    for square in block {
      input.to = memory.inputs + (square - block.lowerBound) * memory.inputStride
      squares.transform(square, &input, source, zeros: memory.zeros)
    }
  }

  /// The products of a block's squares and the weights.
  private func multiply(_ count: Int, _ weights: UnsafePointer<Float>, _ memory: Memory) {
    var tile = product_tile()
    tile.offsets = UnsafePointer(memory.offsets)
    tile.results = UnsafePointer(memory.results)
    tile.initial = UnsafePointer(memory.zeros)
    tile.floor = -.infinity
    tile.runs = depth_runs(outer: 1, outer_stride: 0, inner: 1, inner_stride: 0, length: inputs)
    tile.panel_stride = panelWidth * inputs
    for plane in 0..<squares.planes {
      TileColumns.forEach(outputs) { part in
        tile.columns = 16 * part.vectors
        tile.panel = weights + (plane * planeCount + part.first * inputs)
        let tiles = EvenParts(count, limit: part.rows)
        for index in 0..<tiles.parts {
          let rows = tiles[index]
          let a = plane * memory.inputPlane + rows.lowerBound * memory.inputStride
          let c = plane * memory.outputPlane + rows.lowerBound * memory.outputStride + part.first
          tile.a = UnsafePointer(memory.inputs + a)
          tile.c = UnsafeMutableRawPointer(memory.outputs + c)
          compute_product_tile(&tile, rows.count, part.vectors)
        }
      }
    }
  }

  private func finish(_ block: Range<Int>, index: Int, _ ending: Ending, _ memory: Memory) {
    let bytes = ending.result.type.stride
    var output = winograd_output()
    output.side = Int32(squares.side)
    output.plane = memory.outputPlane
    output.channels = outputs
    output.initial = UnsafePointer(memory.initial)
    output.narrow = ending.result.type == .bf16 ? 1 : 0
    output.row = squares.width * outputs
    output.pixel = outputs
    output.floor = ending.activation == .relu ? 0 : -.infinity
    if let sums = ending.sums {
      output.statistics = sums.sums(block: index)
      output.statistics_stride = outputs
    }
    var count = 0
    for square in block {
      let place = squares.place(square)
      count += place.rows * place.columns
      output.starts = square == block.lowerBound ? 1 : 0
      let offset = place.pixel * outputs * bytes
      output.from = UnsafePointer(
        memory.outputs + (square - block.lowerBound) * memory.outputStride
      )
      output.to = ending.result.base + offset
      output.added = ending.added.map { UnsafeRawPointer($0.base + offset) }
      output.rows = Int32(place.rows)
      output.columns = Int32(place.columns)
      transform_winograd_output(&output)
    }
    ending.sums?.setCount(block: index, count)
  }
}
