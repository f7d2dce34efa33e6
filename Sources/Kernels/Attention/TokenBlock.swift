import CIntrinsics

/// A matrix whose rows lie `stride` floats apart.
struct Rows {
  var base: UnsafeMutablePointer<Float>
  var stride: Int

  subscript(row: Int) -> UnsafeMutablePointer<Float> { base + row * stride }

  /// The rows from `first` on.
  func from(_ first: Int) -> Rows { Rows(base: self[first], stride: stride) }
}

/// One head of one sequence where the network has it: rows of activations of either type,
/// `stride` values apart.
struct TokenBlock {
  let base: UnsafeMutableRawPointer
  let stride: Int
  let type: ElementType

  /// The rows from `first` on.
  func from(_ first: Int) -> TokenBlock {
    TokenBlock(base: base + first * stride * type.stride, stride: stride, type: type)
  }

  /// The first `rows` rows as f32: where they are, or widened into `memory`.
  func floats(rows: Int, columns: Int, memory: Rows) -> Rows {
    switch type {
    case .f32: return Rows(base: base.assumingMemoryBound(to: Float.self), stride: stride)
    case .bf16:
      let from = base.assumingMemoryBound(to: BFloat16.self)
      for row in 0..<rows {
        fetchAhead(of: row, rows, columns)
        let from = from + row * stride
        let into = memory[row]
        sweep(0..<columns) { column, lanes in
          into.setLanes(column, from.lanes(column, count: lanes), count: lanes)
        }
      }
      return memory
    }
  }

  /// Writes rows of `columns` values here, each times its factor; adds them when `accumulate`.
  func write(
    _ source: Rows,
    rows: Int,
    columns: Int,
    factors: UnsafePointer<Float>? = nil,
    accumulate: Bool
  ) {
    switch type {
    case .f32: write(Float.self, source, rows, columns, factors, accumulate)
    case .bf16: write(BFloat16.self, source, rows, columns, factors, accumulate)
    }
  }

  /// Asks for a later row: rows of a head are too far apart for the processor to follow.
  private func fetchAhead(of row: Int, _ rows: Int, _ columns: Int) {
    let later = row + 8
    if later >= rows { return }
    let line = base + later * stride * type.stride
    for byte in Swift.stride(from: 0, to: columns * type.stride, by: 64) {
      prefetch_line(line + byte)
    }
  }

  private func write<Kind: Element>(
    _ kind: Kind.Type,
    _ source: Rows,
    _ rows: Int,
    _ columns: Int,
    _ factors: UnsafePointer<Float>?,
    _ accumulate: Bool
  ) {
    let base = base.assumingMemoryBound(to: kind)
    for row in 0..<rows {
      fetchAhead(of: row, rows, columns)
      let from = source[row]
      let into = base + row * stride
      let factor = factors?[row] ?? 1
      sweep(0..<columns) { column, lanes in
        let value = from.lanes(column, count: lanes) * factor
        let before = accumulate ? into.lanes(column, count: lanes) : .zero
        into.setLanes(column, before + value, count: lanes)
      }
    }
  }
}
