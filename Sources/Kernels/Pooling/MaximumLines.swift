import CIntrinsics

/// A maximum pooling whose windows share rows: the highest values of each row's
/// windows first, kept for all windows they are part of, then those of some rows.
struct MaximumLines<Kind: Element> {
  let batch: Int
  let channels: Int
  let kernelWidth: Int
  let kernelHeight: Int
  let inputHeight: Int
  let inputWidth: Int
  let vertical: PoolingAxis
  let horizontal: PoolingAxis
  let input: UnsafeMutablePointer<Kind>
  let output: UnsafeMutablePointer<Kind>
  let indices: UnsafeMutablePointer<UInt8>?

  /// Nil where it would not pay, or not fit a thread's memory.
  init?(
    _ shape: PoolingShape,
    input: UnsafeMutablePointer<Kind>,
    output: UnsafeMutablePointer<Kind>,
    indices: UnsafeMutablePointer<UInt8>?
  ) {
    batch = shape.batch
    channels = shape.channels
    kernelWidth = shape.kernelWidth
    kernelHeight = shape.kernelHeight
    inputHeight = shape.inputHeight
    inputWidth = shape.inputWidth
    vertical = shape.vertical
    horizontal = shape.horizontal
    self.input = input
    self.output = output
    self.indices = indices
    let bytes = kernelHeight * (MemoryLayout<Int>.stride + horizontal.outputs * channels * 5)
    guard shape.strideY < shape.kernelHeight, kernelHeight * kernelWidth <= 256,
      bytes <= WorkerPool.scratchByteCount
    else { return nil }
  }

  /// Values of a row of the output.
  private var count: Int { horizontal.outputs * channels }

  func run(_ pool: WorkerPool) {
    // Some rows a piece, as each piece starts with no lines.
    let rows = Pieces(
      items: batch * vertical.outputs,
      step: max(4 * kernelHeight, Pieces.valuesPerPiece / max(1, inputWidth * channels))
    )
    pool.perform(rows.count) { piece, thread in
      let lines = Lines(pool.scratch(thread: thread), rows: kernelHeight, count: count)
      for row in rows.range(piece) { writeRow(row, lines) }
    }
  }

  /// Some rows' highest values in every column of windows, with their places in the window's row.
  private struct Lines {
    /// Which row of all images a slot holds, plus one; zero where none.
    let rows: UnsafeMutablePointer<Int>
    /// [slots][count].
    let values: UnsafeMutablePointer<Float>
    let places: UnsafeMutablePointer<UInt8>

    init(_ scratch: Floats, rows slots: Int, count: Int) {
      let base = UnsafeMutableRawPointer(scratch.base)
      rows = base.assumingMemoryBound(to: Int.self)
      values = (base + slots * MemoryLayout<Int>.stride).assumingMemoryBound(to: Float.self)
      places = UnsafeMutableRawPointer(values + slots * count).assumingMemoryBound(to: UInt8.self)
      rows.update(repeating: 0, count: slots)
    }
  }

  /// Writes row `row` of batch · outputHeight.
  private func writeRow(_ row: Int, _ lines: Lines) {
    let rowInImage = row % vertical.outputs
    let firstRow = row / vertical.outputs * inputHeight
    let ys = vertical.places(rowInImage)
    for y in ys where lines.rows[y % kernelHeight] != firstRow + y + 1 {
      writeLine(firstRow + y, slot: y % kernelHeight, lines)
      lines.rows[y % kernelHeight] = firstRow + y + 1
    }
    let top = vertical.start(rowInImage)
    let into = output + row * count
    @inline(__always)
    func write(_ place: Int, _ lanes: Int, of rows: Int) {
      var value = Lanes(repeating: -.infinity)
      var index = SIMD16<Int32>.zero
      var slot = ys.lowerBound % kernelHeight
      for y in ys.lowerBound..<ys.lowerBound &+ rows {
        let offset = slot &* count &+ place
        let candidate = lines.values.lanes(offset, count: lanes)
        let inRow = Int32(truncatingIfNeeded: (y &- top) &* kernelWidth)
        let candidateIndex = widen_bytes_16(lines.places.indices(offset, count: lanes)) &+ inRow
        if y == ys.lowerBound {
          value = candidate
          index = candidateIndex
        } else {
          let wins = (candidate .> value) .| (candidate .!= candidate)
          value.replace(with: candidate, where: wins)
          index.replace(with: candidateIndex, where: wins)
        }
        slot = slot &+ 1 == kernelHeight ? 0 : slot &+ 1
      }
      into.setLanes(place, value, count: lanes)
      if let indices { (indices + row * count).setIndices(place, index, count: lanes) }
    }
    // Most windows have two or three rows: loops of a constant length unroll.
    switch ys.count {
    case 3: sweep(0..<count) { write($0, $1, of: 3) }
    case 2: sweep(0..<count) { write($0, $1, of: 2) }
    default: sweep(0..<count) { write($0, $1, of: ys.count) }
    }
  }

  /// Fills a slot from row `row` of batch · inputHeight.
  private func writeLine(_ row: Int, slot: Int, _ lines: Lines) {
    let source = input + row * inputWidth * channels
    for column in 0..<horizontal.outputs {
      let xs = horizontal.places(column)
      let left = horizontal.start(column)
      let target = slot * count + column * channels
      @inline(__always)
      func write(_ channel: Int, _ lanes: Int, of columns: Int) {
        var value = Lanes(repeating: -.infinity)
        var place = SIMD16<Int32>.zero
        for x in xs.lowerBound..<xs.lowerBound &+ columns {
          let candidate = source.lanes(x &* channels &+ channel, count: lanes)
          let own = Int32(truncatingIfNeeded: x &- left)
          if x == xs.lowerBound {
            value = candidate
            place = SIMD16(repeating: own)
          } else {
            let wins = (candidate .> value) .| (candidate .!= candidate)
            value.replace(with: candidate, where: wins)
            place.replace(with: own, where: wins)
          }
        }
        (lines.values + target).setLanes(channel, value, count: lanes)
        (lines.places + target).setIndices(channel, place, count: lanes)
      }
      switch xs.count {
      case 3: sweep(0..<channels) { write($0, $1, of: 3) }
      case 2: sweep(0..<channels) { write($0, $1, of: 2) }
      default: sweep(0..<channels) { write($0, $1, of: xs.count) }
      }
    }
  }
}
