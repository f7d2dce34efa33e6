import CIntrinsics

/// The gradient of a 3x3 convolution's weights by Winograd's F(3x3, 4x4): of every 4x4 results'
/// gradients and the 6x6 inputs they saw, 36 values each are multiplied, summed over the squares
/// (36 transposed matrix products) and turned into 3x3 gradients at the end.
///
/// Small weights are summed in chunks of the squares, each by one thread with what it transforms
/// in its scratch memory; large ones are shared out by planes and channels, some squares at a
/// time, which all threads transform before.
struct WinogradWeights {
  let squares: WinogradSquares
  let inputs: Int
  let outputs: Int
  /// Of the squares, whose sums are added in their order; one for large weights.
  let chunks: EvenParts

  private static let planes = WinogradSquares.planes
  /// Squares a thread, or all of them together, transform before they multiply.
  private static let ownSquares = 48
  private static let sharedSquares = 192
  /// Sums of more values than this are not kept twice.
  private static let chunkedLimit = 1 << 20
  private static let tablesCount = 1024 + WinogradWeights.mostChannels
  private static let mostChannels = 4096
  /// Inputs of one piece of shared work.
  private static let pieceInputs = 96
  /// Squares of one piece of shared transforms.
  private static let pieceSquares = 12

  /// Nil where direct products are as fast.
  init?(_ shape: ConvolutionShape) {
    guard let squares = WinogradSquares(forward: shape) else { return nil }
    self.squares = squares
    inputs = shape.inputChannels
    outputs = shape.outputChannels
    let sums = WinogradWeights.planes * Packing.count(depth: inputs, columns: outputs)
    let fitting =
      (WorkerPool.scratchByteCount / MemoryLayout<Float>.stride - WinogradWeights.tablesCount)
      / WinogradWeights.planes
      / (WinogradSquares.spacing(inputs) + Packing.panels(outputs) * panelWidth)
    let isLarge = sums > WinogradWeights.chunkedLimit || fitting < WinogradWeights.ownSquares
    let wanted = isLarge ? 1 : sums > 600 << 10 ? 4 : 8
    chunks = EvenParts(
      squares.count,
      parts: min(wanted, max(1, squares.count / WinogradWeights.ownSquares))
    )
    guard max(inputs, outputs) <= WinogradWeights.mostChannels, isFaster else { return nil }
  }

  /// Whether its cycles, by a rough count, are fewer than those of direct products.
  private var isFaster: Bool {
    let ofWeights = Double(inputs * outputs * (isShared ? 40 : 6 * chunks.parts + 10))
    let direct = 1.2 * squares.directCycles(inputs, outputs)
    return squares.count >= 16 && products + transforms + ofWeights < 0.9 * direct
  }

  /// The same beside products of pairs of bf16, which do two multiplications at once; as measured,
  /// transforms of bf16 count three times, and what is done a weight is hidden.
  var isFasterThanPairs: Bool {
    products + 3 * transforms < 0.52 * squares.directCycles(inputs, outputs)
  }

  private var products: Double { 1.35 * squares.productCycles(inputs, outputs) }
  private var transforms: Double { squares.transformCycles(inputs, outputs) }

  private var isShared: Bool { chunks.parts == 1 }
  private var inputSpacing: Int { WinogradSquares.spacing(inputs) }
  private var panels: Int { Packing.panels(outputs) }

  /// Squares that are transformed together.
  private var block: Int {
    min(
      squares.count,
      isShared ? WinogradWeights.sharedSquares : WinogradWeights.ownSquares
    )
  }
  private var inputPlane: Int { block * inputSpacing }
  private var gradientPlane: Int { block * panels * panelWidth }
  /// [panel][inputs][panelWidth].
  private var sumsPlane: Int { Packing.count(depth: inputs, columns: outputs) }
  private var sumsCount: Int { WinogradWeights.planes * sumsPlane }
  /// Partial sums of the bias' gradient: one a chunk, or one a piece of shared transforms.
  private var biasParts: Int {
    isShared
      ? EvenParts(squares.count, limit: block).parts
        * EvenParts(block, limit: WinogradWeights.pieceSquares).parts
      : chunks.parts
  }
  private var transformedCount: Int { WinogradWeights.planes * (inputPlane + gradientPlane) }

  /// Floats of workspace: sums of each chunk, transformed squares if they are shared, sums of the
  /// bias' gradient.
  var workspaceCount: Int {
    chunks.parts * sumsCount + (isShared ? transformedCount : 0) + biasParts * outputs
  }

  /// Where a product reads and writes.
  struct Operands {
    var source: Elements
    var transform: ChannelTransform?
    var gradient: Elements
    /// [3][3][inputs][outputs].
    var weights: UnsafeMutablePointer<Float>
    /// [outputs], or nil.
    var bias: UnsafeMutablePointer<Float>?
    var workspace: UnsafeMutablePointer<Float>
  }

  func run(_ operands: Operands, pool: WorkerPool) {
    let transformed = operands.workspace + chunks.parts * sumsCount
    let biasSums = transformed + (isShared ? transformedCount : 0)
    biasSums.update(repeating: 0, count: biasParts * outputs)
    if isShared {
      runShared(operands, transformed, biasSums, pool)
    } else {
      runChunks(operands, biasSums, pool)
    }
    let slices = EvenParts(inputs, limit: 4)
    pool.perform(slices.parts) { piece, _ in finish(slices[piece], operands) }
    guard let bias = operands.bias else { return }
    for output in 0..<outputs {
      var sum = 0.0
      for part in 0..<biasParts { sum += Double(biasSums[part * outputs + output]) }
      bias[output] = Float(sum)
    }
  }
}

// MARK: - Two ways to share the work

extension WinogradWeights {
  private func runChunks(
    _ operands: Operands,
    _ biasSums: UnsafeMutablePointer<Float>,
    _ pool: WorkerPool
  ) {
    pool.perform(chunks.parts) { chunk, thread in
      let scratch = pool.scratch(thread: thread)
      let memory = Memory(self, scratch, scratch.base + WinogradWeights.tablesCount)
      let sums = operands.workspace + chunk * sumsCount
      let own = chunks[chunk]
      let blocks = EvenParts(own.count, limit: block)
      for index in 0..<blocks.parts {
        let first = own.lowerBound + blocks[index].lowerBound
        let count = blocks[index].count
        let bias = biasSums + chunk * outputs
        transform(first..<first + count, from: first, count, operands, bias, memory)
        for plane in 0..<WinogradWeights.planes {
          multiply(plane, 0..<inputs, count, isFirst: index == 0, sums, memory)
        }
      }
    }
  }

  private func runShared(
    _ operands: Operands,
    _ transformed: UnsafeMutablePointer<Float>,
    _ biasSums: UnsafeMutablePointer<Float>,
    _ pool: WorkerPool
  ) {
    let blocks = EvenParts(squares.count, limit: block)
    let ranges = EvenParts(inputs, limit: WinogradWeights.pieceInputs)
    var part = 0
    for index in 0..<blocks.parts {
      let own = blocks[index]
      let slices = EvenParts(own.count, limit: WinogradWeights.pieceSquares)
      let bias = biasSums + part * outputs
      part += slices.parts
      pool.perform(slices.parts) { piece, thread in
        let memory = Memory(self, pool.scratch(thread: thread), transformed)
        let slice = slices[piece]
        transform(
          own.lowerBound + slice.lowerBound..<own.lowerBound + slice.upperBound,
          from: own.lowerBound,
          own.count,
          operands,
          bias + piece * outputs,
          memory
        )
      }
      pool.perform(WinogradWeights.planes * ranges.parts) { piece, thread in
        let memory = Memory(self, pool.scratch(thread: thread), transformed)
        multiply(
          piece / ranges.parts,
          ranges[piece % ranges.parts],
          own.count,
          isFirst: index == 0,
          operands.workspace,
          memory
        )
      }
    }
  }

  /// Tables in a thread's scratch memory, and where transformed squares are.
  private struct Memory {
    let pixels: UnsafeMutablePointer<UnsafeRawPointer?>
    let offsets: UnsafeMutablePointer<Int>
    let zeros: UnsafeMutablePointer<Float>
    /// [plane][square][inputSpacing] and [plane][panel][square][panelWidth].
    let inputs: UnsafeMutablePointer<Float>
    let gradients: UnsafeMutablePointer<Float>

    init(
      _ product: WinogradWeights,
      _ scratch: Floats,
      _ transformed: UnsafeMutablePointer<Float>
    ) {
      let tables = UnsafeMutableRawPointer(scratch.base)
      pixels = tables.assumingMemoryBound(to: UnsafeRawPointer?.self)
      offsets = (tables + 512).assumingMemoryBound(to: Int.self)
      zeros = scratch.base + 1024
      zeros.update(repeating: 0, count: product.inputs)
      inputs = transformed
      gradients = inputs + planes * product.inputPlane
      for square in 0..<product.block { offsets[square] = square * product.inputSpacing }
    }
  }

  /// Transforms some squares' inputs and gradients, as those after `first` among `count`.
  private func transform(
    _ range: Range<Int>,
    from first: Int,
    _ count: Int,
    _ operands: Operands,
    _ bias: UnsafeMutablePointer<Float>,
    _ memory: Memory
  ) {
    var input = winograd_input(
      operands.source,
      operands.transform,
      channels: inputs,
      pixels: memory.pixels,
      plane: inputPlane
    )
    var gradient = winograd_gradient()
    gradient.narrow = operands.gradient.type == .bf16 ? 1 : 0
    gradient.row = squares.width * outputs
    gradient.pixel = outputs
    gradient.channels = outputs
    gradient.plane = gradientPlane
    gradient.panel = count * panelWidth
    gradient.sums = bias
    for square in range {
      input.to = memory.inputs + (square - first) * inputSpacing
      squares.transform(square, &input, operands.source, zeros: memory.zeros)
      let place = squares.place(square)
      gradient.from = UnsafeRawPointer(
        operands.gradient.base + place.pixel * outputs * operands.gradient.type.stride
      )
      gradient.rows = Int32(place.rows)
      gradient.columns = Int32(place.columns)
      gradient.to = memory.gradients + (square - first) * panelWidth
      transform_winograd_gradient(&gradient)
    }
  }

  /// Adds the products of `count` squares to the sums of one plane, for a range of inputs.
  private func multiply(
    _ plane: Int,
    _ range: Range<Int>,
    _ count: Int,
    isFirst: Bool,
    _ sums: UnsafeMutablePointer<Float>,
    _ memory: Memory
  ) {
    TileColumns.forEach(outputs) { part in
      let left = memory.inputs + (plane * inputPlane + range.lowerBound)
      let gradients = memory.gradients + (plane * gradientPlane + part.first * count)
      let target = sums + (plane * sumsPlane + part.first * inputs)
      let tiles = EvenParts(range.count, limit: part.rows)
      for index in 0..<tiles.parts {
        let rows = tiles[index]
        let result = target + (range.lowerBound + rows.lowerBound) * panelWidth
        if part.vectors == 4 {
          var tile = wide_outer_product_tile(
            a: UnsafePointer(left + rows.lowerBound),
            pixelStride: inputSpacing,
            pixels: count,
            b: UnsafePointer(gradients),
            c: result,
            stride: panelWidth,
            panel: inputs * panelWidth,
            accumulate: !isFirst
          )
          compute_wide_outer_product_tile(&tile, rows.count)
        } else {
          var tile = outer_product_tile(
            a: UnsafePointer(left + rows.lowerBound),
            offsets: UnsafePointer(memory.offsets),
            pixels: count,
            b: UnsafePointer(gradients),
            c: result,
            stride: panelWidth,
            accumulate: !isFirst
          )
          compute_outer_product_tile(&tile, rows.count, part.vectors)
        }
      }
    }
  }

  /// Adds up the chunks of some inputs' sums and turns them into gradients of weights.
  private func finish(_ range: Range<Int>, _ operands: Operands) {
    for panel in 0..<panels {
      for input in range {
        for first in stride(from: panel * panelWidth, to: outputs, by: 16).prefix(2) {
          let place = (panel * inputs + input) * panelWidth + first - panel * panelWidth
          transform_winograd_weight_gradient(
            operands.workspace + place,
            sumsPlane,
            chunks.parts,
            sumsCount,
            min(16, outputs - first),
            operands.weights + (input * outputs + first),
            inputs * outputs
          )
        }
      }
    }
  }
}
