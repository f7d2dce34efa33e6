extension Elementwise {
  /// Copies a matrix [rows × width] between two that hold it as some of their columns: a
  /// concatenation of channels, and its gradient.
  ///
  /// - Parameters:
  ///   - source: where the columns come from.
  ///   - sourceStride: values from one row of the source to the next.
  ///   - sourceOffset: the first of the copied columns in a row of the source.
  ///   - destination: where they go.
  ///   - destinationStride: values from one row of the destination to the next.
  ///   - destinationOffset: the first of the columns in a row of the destination.
  ///   - rows: rows to copy.
  ///   - width: columns to copy.
  ///   - accumulate: adds instead of writing.
  ///   - pool: the threads that share the work.
  package static func copyRows(
    _ source: Elements,
    sourceStride: Int,
    sourceOffset: Int,
    into destination: Elements,
    destinationStride: Int,
    destinationOffset: Int,
    rows: Int,
    width: Int,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    if rows == 0 || width == 0 { return }
    require(
      sourceOffset >= 0 && sourceOffset + width <= sourceStride
        && destinationOffset >= 0 && destinationOffset + width <= destinationStride
        && (rows - 1) * sourceStride + sourceOffset + width <= source.count
        && (rows - 1) * destinationStride + destinationOffset + width <= destination.count,
      "copying \(rows) rows of \(width) from \(source.count) values to \(destination.count)"
    )
    let plan = RowCopy(
      sourceStride: sourceStride,
      destinationStride: destinationStride,
      rows: rows,
      width: width,
      accumulate: accumulate
    )
    switch source.type {
    case .f32:
      let from = source.of(Float.self) + sourceOffset
      plan.run(from, into: destination.of(Float.self) + destinationOffset, pool)
    case .bf16:
      let from = source.of(BFloat16.self) + sourceOffset
      plan.run(from, into: destination.of(BFloat16.self) + destinationOffset, pool)
    }
  }
}

/// A copy of rows between strides, before it is known of which type.
private struct RowCopy {
  let sourceStride: Int
  let destinationStride: Int
  let rows: Int
  let width: Int
  let accumulate: Bool

  func run<Kind: Element>(
    _ from: UnsafeMutablePointer<Kind>,
    into: UnsafeMutablePointer<Kind>,
    _ pool: WorkerPool
  ) {
    let pieces = Pieces(items: rows, valuesPerItem: width)
    pool.perform(pieces.count) { piece, _ in
      for row in pieces.range(piece) {
        let from = from + row * sourceStride
        let into = into + row * destinationStride
        if accumulate {
          sweep(0..<width) { offset, lanes in
            let sum = into.lanes(offset, count: lanes) + from.lanes(offset, count: lanes)
            into.setLanes(offset, sum, count: lanes)
          }
        } else {
          sweep(0..<width) { offset, lanes in
            into.setLanes(offset, from.lanes(offset, count: lanes), count: lanes)
          }
        }
      }
    }
  }
}
