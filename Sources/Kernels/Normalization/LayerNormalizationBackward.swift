import CIntrinsics

extension LayerNormalization {
  /// Most partial sums of the parameters' gradients; each is two rows of a piece's own.
  private static let mostPartials = 32

  private static func pieces(_ rows: Int, _ channels: Int) -> Pieces {
    let fitting = Pieces(items: rows, valuesPerItem: channels)
    let least = (rows + mostPartials - 1) / mostPartials
    return Pieces(items: rows, step: max(fitting.step, least))
  }

  /// Floats of workspace that `backward` wants.
  package static func workspaceCount(rows: Int, channels: Int) -> Int {
    pieces(rows, channels).count * 2 * channels
  }

  /// The gradients of `forward`.
  ///
  /// With g the output's gradient, x̂ the normalised row and means over its channels: inputGradient
  /// = inverseDeviation · (g · scale - mean(g · scale) - x̂ · mean(g · scale · x̂)); scaleGradient
  /// and shiftGradient are the sums over rows of g · x̂ and of g. One pass over the activations.
  ///
  /// - Parameters:
  ///   - rows: batch · positions.
  ///   - channels: values in a row.
  ///   - input: the forward's input.
  ///   - outputGradient: the gradient of the forward's output.
  ///   - scale: [channels], the forward's.
  ///   - mean: [rows], from the forward, as is `inverseDeviation`.
  ///   - inverseDeviation: [rows].
  ///   - inputGradient: written, or added to when `accumulate`; may be `outputGradient` when not.
  ///     Nil where the input wants no gradient.
  ///   - accumulate: adds to `inputGradient` instead of writing it.
  ///   - scaleGradient: [channels], written, as is `shiftGradient`.
  ///   - shiftGradient: [channels].
  ///   - workspace: at least `workspaceCount` floats; nothing in it is kept.
  ///   - pool: the threads that share the work.
  package static func backward(
    rows: Int,
    channels: Int,
    input: Elements,
    outputGradient: Elements,
    scale: Floats,
    mean: Floats,
    inverseDeviation: Floats,
    inputGradient: Elements?,
    accumulate: Bool,
    scaleGradient: Floats,
    shiftGradient: Floats,
    workspace: Floats,
    pool: WorkerPool
  ) {
    if rows == 0 || channels == 0 { return }
    let count = rows * channels
    require(
      input.count == count && outputGradient.count == count
        && inputGradient?.count ?? count == count && mean.count == rows
        && inverseDeviation.count == rows && scale.count == channels
        && scaleGradient.count == channels && shiftGradient.count == channels
        && workspace.count >= workspaceCount(rows: rows, channels: channels),
      "layer normalisation's gradient of \(rows) rows of \(channels): \(input.count) values"
    )
    let pieces = pieces(rows, channels)
    let pass = BackwardPass(
      pieces: pieces,
      channels: channels,
      scale: scale.base,
      mean: mean.base,
      inverseDeviation: inverseDeviation.base,
      accumulate: accumulate,
      workspace: workspace.base
    )
    switch input.type {
    case .f32: pass.run(Float.self, input, outputGradient, inputGradient, pool)
    case .bf16: pass.run(BFloat16.self, input, outputGradient, inputGradient, pool)
    }
    let into = (scaleGradient.base, shiftGradient.base)
    addPartials(workspace.base, pieces.count, channels, into: into)
  }

  /// A backward pass, before it is known on which type.
  private struct BackwardPass {
    let pieces: Pieces
    let channels: Int
    let scale: UnsafePointer<Float>
    let mean: UnsafePointer<Float>
    let inverseDeviation: UnsafePointer<Float>
    let accumulate: Bool
    let workspace: UnsafeMutablePointer<Float>

    func run<Kind: Element>(
      _ kind: Kind.Type,
      _ input: Elements,
      _ outputGradient: Elements,
      _ inputGradient: Elements?,
      _ pool: WorkerPool
    ) {
      let input = UnsafePointer(input.of(kind))
      let outputGradient = UnsafePointer(outputGradient.of(kind))
      let inputGradient = inputGradient?.of(kind)
      pool.perform(pieces.count) { piece, _ in
        let scaleSums = workspace + piece * 2 * channels
        scaleSums.update(repeating: 0, count: 2 * channels)
        for row in pieces.range(piece) {
          let pass = BackwardRow(
            input: input + row * channels,
            gradient: outputGradient + row * channels,
            scale: scale,
            channels: channels,
            mean: mean[row],
            inverse: inverseDeviation[row]
          )
          let sums = pass.sum(scaleSums: scaleSums, shiftSums: scaleSums + channels)
          if let inputGradient {
            pass.finish(sums, into: inputGradient + row * channels, accumulate: accumulate)
          }
        }
      }
    }
  }

  /// Adds the pieces' sums, in their order.
  private static func addPartials(
    _ partials: UnsafePointer<Float>,
    _ count: Int,
    _ channels: Int,
    into gradients: (scale: UnsafeMutablePointer<Float>, shift: UnsafeMutablePointer<Float>)
  ) {
    rowVectors(channels) { column, lanes in
      var scale = Lanes.zero
      var shift = Lanes.zero
      for piece in 0..<count {
        let sums = partials + (piece * 2 * channels + column)
        scale += load_part_16(sums, lanes)
        shift += load_part_16(sums + channels, lanes)
      }
      store_part_16(scale, gradients.scale + column, lanes)
      store_part_16(shift, gradients.shift + column, lanes)
    }
  }

  /// The two sweeps over one row, which is in the nearest cache for the second.
  private struct BackwardRow<Kind: Element> {
    let input: UnsafePointer<Kind>
    let gradient: UnsafePointer<Kind>
    let scale: UnsafePointer<Float>
    let channels: Int
    let mean: Float
    let inverse: Float

    /// Adds to the parameters' sums, and returns mean(g · scale) and mean(g · scale · x̂).
    func sum(
      scaleSums: UnsafeMutablePointer<Float>,
      shiftSums: UnsafeMutablePointer<Float>
    ) -> (gradient: Float, product: Float) {
      var sum = Lanes.zero
      var products = Lanes.zero
      @inline(__always)
      func add(_ column: Int, _ lanes: Int) {
        // Lanes behind the row's end have no gradient, so they add nothing.
        let own = Kind.lanes(at: gradient + column, count: lanes)
        let normal = normalised(column, lanes)
        let shiftSum = load_part_16(shiftSums + column, lanes) + own
        let scaleSum = multiply_add_16(own, normal, load_part_16(scaleSums + column, lanes))
        store_part_16(shiftSum, shiftSums + column, lanes)
        store_part_16(scaleSum, scaleSums + column, lanes)
        let scaled = own * load_part_16(scale + column, lanes)
        sum += scaled
        products = multiply_add_16(scaled, normal, products)
      }
      rowVectors(channels, add)
      return (sumOfLanes(sum) / Float(channels), sumOfLanes(products) / Float(channels))
    }

    func finish(
      _ sums: (gradient: Float, product: Float),
      into result: UnsafeMutablePointer<Kind>,
      accumulate: Bool
    ) {
      let product = Lanes(repeating: -sums.product)
      @inline(__always)
      func write(_ column: Int, _ lanes: Int) {
        let scaled =
          Kind.lanes(at: gradient + column, count: lanes) * load_part_16(scale + column, lanes)
        let centred = multiply_add_16(normalised(column, lanes), product, scaled - sums.gradient)
        let value = centred * inverse
        let before = accumulate ? result.lanes(column, count: lanes) : .zero
        result.setLanes(column, before + value, count: lanes)
      }
      rowVectors(channels, write)
    }

    @inline(__always)
    private func normalised(_ column: Int, _ lanes: Int) -> Lanes {
      (Kind.lanes(at: input + column, count: lanes) - mean) * inverse
    }
  }
}
