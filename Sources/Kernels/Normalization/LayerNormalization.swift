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
    input: Elements,
    scale: Floats,
    shift: Floats,
    mean: Floats?,
    inverseDeviation: Floats?,
    epsilon: Float,
    output: Elements,
    pool: WorkerPool
  ) {
    if rows == 0 || channels == 0 { return }
    require(
      input.count == rows * channels && output.count == rows * channels
        && scale.count == channels && shift.count == channels
        && mean?.count ?? rows == rows && inverseDeviation?.count ?? rows == rows,
      "layer normalisation of \(rows) rows of \(channels): \(input.count) values"
    )
    let pass = ForwardPass(
      rows: rows,
      channels: channels,
      scale: scale.base,
      shift: shift.base,
      mean: mean?.base,
      inverseDeviation: inverseDeviation?.base,
      epsilon: epsilon
    )
    switch input.type {
    case .f32: pass.run(input.of(Float.self), into: output.of(Float.self), pool)
    case .bf16: pass.run(input.of(BFloat16.self), into: output.of(BFloat16.self), pool)
    }
  }

  /// A forward pass, before it is known on which type.
  private struct ForwardPass {
    let rows: Int
    let channels: Int
    let scale: UnsafeMutablePointer<Float>
    let shift: UnsafeMutablePointer<Float>
    let mean: UnsafeMutablePointer<Float>?
    let inverseDeviation: UnsafeMutablePointer<Float>?
    let epsilon: Float

    func run<Kind: Element>(
      _ input: UnsafeMutablePointer<Kind>,
      into output: UnsafeMutablePointer<Kind>,
      _ pool: WorkerPool
    ) {
      let pieces = Pieces(items: rows, valuesPerItem: channels)
      pool.perform(pieces.count) { piece, _ in
        for row in pieces.range(piece) {
          let from = input + row * channels
          let moments = moments(from, channels, epsilon)
          mean?[row] = moments.mean
          inverseDeviation?[row] = moments.inverse
          let into = output + row * channels
          @inline(__always)
          func write(_ column: Int, _ lanes: Int) {
            let normal = (from.lanes(column, count: lanes) - moments.mean) * moments.inverse
            let result = multiply_add_16(
              normal,
              scale.lanes(column, count: lanes),
              shift.lanes(column, count: lanes)
            )
            into.setLanes(column, result, count: lanes)
          }
          rowVectors(channels, write)
        }
      }
    }
  }

  /// One row's mean, and 1 / sqrt(variance + epsilon).
  ///
  /// The squares are of deviations, so a mean that is large against them costs no digits.
  private static func moments<Kind: Element>(
    _ row: UnsafeMutablePointer<Kind>,
    _ channels: Int,
    _ epsilon: Float
  ) -> (mean: Float, inverse: Float) {
    // Four sums each, which do not wait for one another.
    var sums = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    var column = 0
    while column &+ 64 <= channels {
      sums.0 += row.lanes(column)
      sums.1 += row.lanes(column &+ 16)
      sums.2 += row.lanes(column &+ 32)
      sums.3 += row.lanes(column &+ 48)
      column &+= 64
    }
    while column < channels {
      sums.0 += row.lanes(column, count: min(16, channels &- column))
      column &+= 16
    }
    let mean = sumOfLanes((sums.0 + sums.1) + (sums.2 + sums.3)) / Float(channels)
    sums = (.zero, .zero, .zero, .zero)
    column = 0
    while column &+ 64 <= channels {
      sums.0 = adding(squareOf: row.lanes(column) - mean, to: sums.0)
      sums.1 = adding(squareOf: row.lanes(column &+ 16) - mean, to: sums.1)
      sums.2 = adding(squareOf: row.lanes(column &+ 32) - mean, to: sums.2)
      sums.3 = adding(squareOf: row.lanes(column &+ 48) - mean, to: sums.3)
      column &+= 64
    }
    while column < channels {
      let count = min(16, channels &- column)
      let deviation = row.lanes(column, count: count) - mean
      let own = deviation.replacing(with: 0, where: laneNumbers .>= Float(count))
      sums.0 = adding(squareOf: own, to: sums.0)
      column &+= 16
    }
    let squares = (sums.0 + sums.1) + (sums.2 + sums.3)
    return (mean, 1 / (sumOfLanes(squares) / Float(channels) + epsilon).squareRoot())
  }
}

/// The numbers of the lanes, from zero.
@inline(__always)
private var laneNumbers: Lanes { Lanes(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) }

@inline(__always)
private func adding(squareOf value: Lanes, to sum: Lanes) -> Lanes {
  multiply_add_16(value, value, sum)
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
