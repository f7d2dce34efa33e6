import CIntrinsics

/// The gradient of a 3x3 convolution's weights by Winograd's F(3x3, 4x4): of every 4x4 results'
/// gradients and the 6x6 inputs they saw, 36 values each are multiplied, summed over the squares
/// (36 transposed matrix products) and turned into 3x3 gradients at the end.
///
/// That of a 5x5 one is computed by F(5x5, 4x4), with 64 values.
///
/// Small weights are summed in chunks of the squares, each by one thread with what it transforms
/// in its scratch memory. Large ones are shared out by channels, and all threads transform the
/// squares before: all of them where they are few, so that a piece's sums become gradients while
/// they are in a thread's caches; else some at a time, with sums in memory.
struct WinogradWeights {
  let squares: WinogradSquares
  let inputs: Int
  let outputs: Int
  /// Of the squares, whose sums are added in their order; one for large weights.
  let chunks: EvenParts

  var planes: Int { squares.planes }
  /// Squares a thread transforms before it multiplies.
  private static let ownSquares = 48
  /// Squares that all threads together transform before they multiply: as many, or of more of them
  /// such as have this many values, which stay in the caches, or as many as there are sums.
  private static let wholeSquares = 256
  private static let sharedValues = 3 << 20
  /// Sums of more values than this are not kept twice.
  private static let chunkedLimit = 1 << 19
  static let tablesCount = 1024 + WinogradWeights.mostChannels
  private static let mostChannels = 4096
  /// Inputs of one piece of shared work, and where its sums stay in a thread's scratch memory.
  static let pieceInputs = 96
  static let wholeInputs = 48
  /// Squares of one piece of shared transforms.
  static let pieceSquares = 12

  /// Nil where direct products are as fast.
  init?(_ shape: ConvolutionShape) {
    guard let squares = WinogradSquares(forward: shape) else { return nil }
    self.squares = squares
    inputs = shape.inputChannels
    outputs = shape.outputChannels
    let sums = squares.planes * Packing.count(depth: inputs, columns: outputs)
    let fitting =
      (WorkerPool.scratchByteCount / MemoryLayout<Float>.stride - WinogradWeights.tablesCount)
      / squares.planes
      / (WinogradSquares.spacing(inputs) + Packing.panels(outputs) * panelWidth)
    let isLarge = sums > WinogradWeights.chunkedLimit || fitting < WinogradWeights.ownSquares
    chunks = EvenParts(
      squares.count,
      parts: isLarge ? 1 : min(8, max(1, squares.count / WinogradWeights.ownSquares))
    )
    guard max(inputs, outputs) <= WinogradWeights.mostChannels, isFaster else { return nil }
  }

  /// Whether its cycles, by a rough count, are fewer than those of direct products.
  private var isFaster: Bool {
    let ofWeights = Double(inputs * outputs * (isShared ? 40 : 6 * chunks.parts + 10))
    let direct = 1.2 * squares.directCycles(inputs, outputs)
    return squares.count >= 8 && products + transforms + ofWeights < 0.9 * direct
  }

  /// The same beside products of pairs of bf16, which do two multiplications at once; as measured,
  /// transforms of bf16 count three times, and what is done a weight is hidden.
  var isFasterThanPairs: Bool {
    products + 3 * transforms < 0.52 * squares.directCycles(inputs, outputs)
  }

  private var products: Double { 1.35 * squares.productCycles(inputs, outputs) }
  private var transforms: Double { squares.transformCycles(inputs, outputs) }

  var isShared: Bool { chunks.parts == 1 }
  /// Whether all squares are transformed before the first product.
  var isWhole: Bool { isShared && squares.count == block }
  var inputSpacing: Int { WinogradSquares.spacing(inputs) }
  var panels: Int { Packing.panels(outputs) }

  /// Squares that are transformed together.
  var block: Int {
    if !isShared { return min(squares.count, WinogradWeights.ownSquares) }
    if squares.count <= WinogradWeights.wholeSquares { return squares.count }
    let values = planes * (inputSpacing + panels * panelWidth)
    let fitting = max(WinogradWeights.sharedValues, sumsCount) / values
    return min(max(fitting, WinogradWeights.ownSquares), WinogradWeights.wholeSquares)
  }
  var inputPlane: Int { block * inputSpacing }
  var gradientPlane: Int { block * panels * panelWidth }
  /// [panel][inputs][panelWidth].
  var sumsPlane: Int { Packing.count(depth: inputs, columns: outputs) }
  var sumsCount: Int { planes * sumsPlane }
  /// Partial sums of the bias' gradient: one a chunk, or one a piece of shared transforms.
  private var biasParts: Int {
    isShared
      ? EvenParts(squares.count, limit: block).parts
        * EvenParts(block, limit: WinogradWeights.pieceSquares).parts
      : chunks.parts
  }
  private var transformedCount: Int { planes * (inputPlane + gradientPlane) }

  /// Floats of sums that are kept in the workspace.
  private var keptCount: Int { isWhole ? 0 : chunks.parts * sumsCount }

  /// Floats of workspace: sums of each chunk, transformed squares if they are shared, sums of the
  /// bias' gradient.
  var workspaceCount: Int {
    keptCount + (isShared ? transformedCount : 0) + biasParts * outputs
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
    let transformed = operands.workspace + keptCount
    let biasSums = transformed + (isShared ? transformedCount : 0)
    biasSums.update(repeating: 0, count: biasParts * outputs)
    if isWhole {
      runWhole(operands, transformed, biasSums, pool)
    } else if isShared {
      runShared(operands, transformed, biasSums, pool)
    } else {
      runChunks(operands, biasSums, pool)
    }
    if !isWhole {
      let slices = EvenParts(inputs, limit: 16)
      pool.perform(slices.parts) { piece, _ in
        finish(slices[piece], 0..<outputs, keptSums(operands.workspace), operands)
      }
    }
    guard let bias = operands.bias else { return }
    for output in 0..<outputs {
      var sum = 0.0
      for part in 0..<biasParts { sum += Double(biasSums[part * outputs + output]) }
      bias[output] = Float(sum)
    }
  }
}
