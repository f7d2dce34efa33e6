import CIntrinsics

/// A maximum pooling of bf16 whose windows share rows, as `MaximumLines`, with values as whole
/// numbers in the same order (CIntrinsics/maximum_keys.h).
struct MaximumKeys {
  private let shape: PoolingShape
  private let vertical: PoolingAxis
  private let horizontal: PoolingAxis
  private let input: UnsafePointer<UInt16>
  private let output: UnsafeMutablePointer<UInt16>
  private let indices: UnsafeMutablePointer<UInt8>?

  /// Nil where it would not pay, or not fit a thread's memory.
  init?(_ shape: PoolingShape, input: Elements, output: Elements, indices: Bytes?) {
    guard input.type == .bf16 else { return nil }
    self.shape = shape
    vertical = shape.vertical
    horizontal = shape.horizontal
    self.input = UnsafePointer(input.words)
    self.output = output.words
    self.indices = indices?.base
    // Every window has a place of the input.
    guard max(shape.padTop, shape.padBottom) < shape.kernelHeight,
      max(shape.padLeft, shape.padRight) < shape.kernelWidth, sourceCount > 0,
      shape.strideY < shape.kernelHeight, shape.kernelHeight * shape.kernelWidth <= 256,
      Memory.byteCount(self) <= WorkerPool.scratchByteCount
    else { return nil }
  }

  /// Values of a row of the output, and of the input.
  private var count: Int { horizontal.outputs * shape.channels }
  private var sourceCount: Int { shape.inputWidth * shape.channels }

  func run(_ pool: WorkerPool) {
    // Some rows a piece, as each piece starts with no lines.
    let rows = Pieces(
      items: shape.batch * vertical.outputs,
      step: max(4 * shape.kernelHeight, Pieces.valuesPerPiece / max(1, sourceCount))
    )
    pool.perform(rows.count) { piece, thread in
      let memory = Memory(self, pool.scratch(thread: thread))
      for row in rows.range(piece) { writeRow(row, memory) }
    }
  }

  /// Some rows' highest keys in every column of windows, with their places in the window's row.
  private struct Memory {
    /// Which row of all images a slot holds, plus one; zero where none.
    let rows: UnsafeMutablePointer<Int>
    let sources: UnsafeMutablePointer<key_row>
    /// A row of the input.
    let keys: UnsafeMutablePointer<Int16>
    /// [slots][stride].
    let values: UnsafeMutablePointer<Int16>
    let places: UnsafeMutablePointer<Int16>
    let stride: Int

    /// Keys of an array, with room for as many as are written at a time.
    private static func padded(_ count: Int) -> Int { (count + 31) / 32 * 32 + 32 }
    private static let tableBytes = 256 * (MemoryLayout<Int>.stride + MemoryLayout<key_row>.stride)

    static func byteCount(_ pass: MaximumKeys) -> Int {
      let keys = padded(pass.sourceCount) + 2 * pass.shape.kernelHeight * padded(pass.count)
      return tableBytes + 2 * keys
    }

    init(_ pass: MaximumKeys, _ scratch: Floats) {
      let slots = pass.shape.kernelHeight
      let base = UnsafeMutableRawPointer(scratch.base)
      rows = base.assumingMemoryBound(to: Int.self)
      sources = (base + 256 * MemoryLayout<Int>.stride).assumingMemoryBound(to: key_row.self)
      stride = Memory.padded(pass.count)
      keys = (base + Memory.tableBytes).assumingMemoryBound(to: Int16.self)
      values = keys + Memory.padded(pass.sourceCount)
      places = values + slots * stride
      rows.update(repeating: 0, count: slots)
    }
  }

  /// Writes row `row` of batch · outputHeight.
  private func writeRow(_ row: Int, _ memory: Memory) {
    let rowInImage = row % vertical.outputs
    let firstRow = row / vertical.outputs * shape.inputHeight
    let ys = vertical.places(rowInImage)
    let top = vertical.start(rowInImage)
    for (index, y) in ys.enumerated() {
      let slot = y % shape.kernelHeight
      if memory.rows[slot] != firstRow + y + 1 {
        writeLine(firstRow + y, slot, memory)
        memory.rows[slot] = firstRow + y + 1
      }
      memory.sources[index] = key_row(
        values: memory.values + slot * memory.stride,
        places: memory.places + slot * memory.stride,
        place: (y - top) * shape.kernelWidth
      )
    }
    write_highest_rows(
      memory.sources,
      ys.count,
      count,
      output + row * count,
      indices.map { $0 + row * count }
    )
  }

  /// Fills a slot from row `row` of batch · inputHeight.
  private func writeLine(_ row: Int, _ slot: Int, _ memory: Memory) {
    write_keys(input + row * sourceCount, sourceCount, memory.keys)
    for column in 0..<horizontal.outputs {
      let xs = horizontal.places(column)
      let target = slot * memory.stride + column * shape.channels
      write_highest_pixels(
        memory.keys + xs.lowerBound * shape.channels,
        xs.count,
        shape.channels,
        Int16(xs.lowerBound - horizontal.start(column)),
        memory.values + target,
        memory.places + target
      )
    }
  }
}
