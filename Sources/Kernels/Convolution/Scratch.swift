/// A thread's scratch memory, cut into what a block needs.
struct Scratch {
  /// Floats before the window: two panels' bias, one tile, two tables of offsets.
  static let windowOffset = 512 + 4 * PatchBlocks.mostPixels + 512

  /// Where the panel of a second operand begins, after the window.
  static let panelOffset =
    WorkerPool.scratchByteCount / MemoryLayout<Float>.stride - PatchBlocks.mostPixels * panelWidth

  let initial: UnsafeMutablePointer<Float>
  /// [tileRows][panelWidth], for panels with fewer columns than a vector has.
  let tile: UnsafeMutablePointer<Float>
  let offsets: UnsafeMutablePointer<Int>
  let results: UnsafeMutablePointer<Int>
  let window: UnsafeMutablePointer<Float>
  /// [panel][pixel][panelWidth]: one panel of up to `mostPixels` pixels, or two of half as many.
  let panel: UnsafeMutablePointer<Float>

  init(_ memory: Floats) {
    initial = memory.base
    tile = memory.base + 2 * panelWidth
    let tables = UnsafeMutableRawPointer(memory.base + 512)
    offsets = tables.assumingMemoryBound(to: Int.self)
    results = offsets + PatchBlocks.mostPixels
    window = memory.base + Scratch.windowOffset
    panel = memory.base + Scratch.panelOffset
  }
}
