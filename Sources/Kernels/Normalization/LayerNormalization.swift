import CIntrinsics

/// Normalisation of every row by its own mean and deviation (Ba, Kiros and Hinton, "Layer
/// Normalization", 2016), on activations [rows × channels], where rows are batch · positions.
package enum LayerNormalization {
  /// output = (input - mean) · inverseDeviation · scale + shift, row by row.
  ///
  /// - Parameters:
  ///   - rows: batch · positions.
  ///   - channels: values in a row.
  ///   - input: [rows × channels].
  ///   - scale: [channels], as is `shift`.
  ///   - shift: [channels].
  ///   - mean: [rows], gets each row's mean; nil where no backward pass follows.
  ///   - inverseDeviation: [rows], gets 1 / sqrt(variance over channels + epsilon); nil as `mean`.
  ///   - epsilon: added to the variance.
  ///   - output: [rows × channels], written; may be `input` where no backward pass follows.
  ///   - pool: the threads that share the work.
  package static func forward(
    rows: Int,
    channels: Int,
    input: Floats,
    scale: Floats,
    shift: Floats,
    mean: Floats?,
    inverseDeviation: Floats?,
    epsilon: Float,
    output: Floats,
    pool: WorkerPool
  ) {
    if rows == 0 || channels == 0 { return }
    require(
      input.count == rows * channels && output.count == rows * channels
        && scale.count == channels && shift.count == channels
        && mean?.count ?? rows == rows && inverseDeviation?.count ?? rows == rows,
      "layer normalisation of \(rows) rows of \(channels): \(input.count) values"
    )
    let pieces = Pieces(items: rows, valuesPerItem: channels)
    pool.perform(pieces.count) { piece, _ in
      for row in pieces.range(piece) {
        let from = input.base + row * channels
        let moments = moments(from, channels, epsilon)
        mean?[row] = moments.mean
        inverseDeviation?[row] = moments.inverse
        let into = output.base + row * channels
        rowVectors(channels) { column, lanes in
          let normal = (load_part_16(from + column, lanes) - moments.mean) * moments.inverse
          let result = multiply_add_16(
            normal,
            load_part_16(scale.base + column, lanes),
            load_part_16(shift.base + column, lanes)
          )
          store_part_16(result, into + column, lanes)
        }
      }
    }
  }

  /// One row's mean, and 1 / sqrt(variance + epsilon).
  ///
  /// The squares are of deviations, so a mean that is large against them costs no digits.
  private static func moments(
    _ row: UnsafePointer<Float>,
    _ channels: Int,
    _ epsilon: Float
  ) -> (mean: Float, inverse: Float) {
    var sum = Lanes.zero
    rowVectors(channels) { column, lanes in sum += load_part_16(row + column, lanes) }
    let mean = sumOfLanes(sum) / Float(channels)
    var squares = Lanes.zero
    rowVectors(channels) { column, lanes in
      let deviation = load_part_16(row + column, lanes) - mean
      if lanes == Lanes.scalarCount {
        squares = multiply_add_16(deviation, deviation, squares)
      } else {
        for lane in 0..<lanes { squares[lane] += deviation[lane] * deviation[lane] }
      }
    }
    return (mean, 1 / (sumOfLanes(squares) / Float(channels) + epsilon).squareRoot())
  }
}

/// Calls `body(column, count)` for every vector of a row; `lanes` is sixteen for all but the last.
@inline(__always)
func rowVectors(_ count: Int, _ body: (_ column: Int, _ lanes: Int) -> Void) {
  var column = 0
  while column &+ 16 <= count {
    body(column, 16)
    column &+= 16
  }
  if column < count { body(column, count &- column) }
}
