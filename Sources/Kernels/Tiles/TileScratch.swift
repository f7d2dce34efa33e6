import CIntrinsics

/// A thread's scratch memory, cut into what a block of tiles needs.
struct TileScratch {
  /// Most steps of 32 values in the depth of a patch.
  static let mostSteps = 4096

  private static let registerBytes = 16 << 10
  private static let tableBytes = (mostSteps + 3 * TileBlocks.mostLine + 8192) * 8
  private static let sumBytes = (TileBlocks.mostLine + 32) * panelWidth * 4
  private static let panelBytes = TileBlocks.mostLine * panelWidth * 2
  private static let smallBytes = 4096 + 1024 + 256
  private static let windowStart =
    registerBytes + tableBytes + sumBytes + panelBytes + smallBytes

  /// Values of planes that fit, when one position has `values` of them: tiles read up to 32
  /// positions beyond the last.
  static func windowLimit(_ values: Int) -> Int {
    (WorkerPool.scratchByteCount - windowStart) / 2 - 32 * values
  }

  /// Of a simulated unit.
  let registers: UnsafeMutableRawPointer
  let steps: UnsafeMutablePointer<Int>
  /// Where each position's result goes, or -1.
  let results: UnsafeMutablePointer<Int>
  /// The rows of a line that are multiplied, those of one product at a time.
  let spans: UnsafeMutablePointer<TileSpan>
  /// Where each position's pixel is, or -1.
  let sources: UnsafeMutablePointer<Int>
  /// [line][32].
  let sums: UnsafeMutablePointer<Float>
  /// [line / 32][2][16][16][2]: pairs of a second operand.
  let panel: UnsafeMutablePointer<UInt16>
  /// [32][32], for tiles that reach beyond their result.
  let tile: UnsafeMutablePointer<Float>
  /// [16][16] pairs.
  let pairs: UnsafeMutablePointer<UInt16>
  /// 32 floats.
  let bias: UnsafeMutablePointer<Float>
  /// 32 values that are zero.
  let zeros: UnsafeMutablePointer<UInt16>
  /// The planes.
  let window: UnsafeMutablePointer<UInt16>

  init(_ memory: Floats) {
    var next = UnsafeMutableRawPointer(memory.base)
    func take(_ bytes: Int) -> UnsafeMutableRawPointer {
      defer { next += bytes }
      return next
    }
    registers = take(TileScratch.registerBytes)
    steps = take(TileScratch.tableBytes).assumingMemoryBound(to: Int.self)
    results = steps + TileScratch.mostSteps
    let behind = results + TileBlocks.mostLine
    spans = UnsafeMutableRawPointer(behind).assumingMemoryBound(to: TileSpan.self)
    sources = behind + 2 * TileBlocks.mostLine
    sums = take(TileScratch.sumBytes).assumingMemoryBound(to: Float.self)
    panel = take(TileScratch.panelBytes).assumingMemoryBound(to: UInt16.self)
    tile = take(4096).assumingMemoryBound(to: Float.self)
    pairs = take(1024).assumingMemoryBound(to: UInt16.self)
    bias = take(128).assumingMemoryBound(to: Float.self)
    zeros = take(128).assumingMemoryBound(to: UInt16.self)
    window = next.assumingMemoryBound(to: UInt16.self)
    zeros.update(repeating: 0, count: 32)
  }
}

extension Elements {
  /// The address of bf16 values as the bits that tiles load.
  var words: UnsafeMutablePointer<UInt16> {
    require(type == .bf16, "\(type) values for matrix tiles")
    return base.assumingMemoryBound(to: UInt16.self)
  }
}

extension Floats {
  /// A workspace as memory of bf16 values.
  var words: UnsafeMutablePointer<UInt16> {
    UnsafeMutableRawPointer(base).assumingMemoryBound(to: UInt16.self)
  }
}
