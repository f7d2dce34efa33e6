import CIntrinsics

extension BatchNormalization {
  /// The gradients of `forwardTraining`.
  ///
  /// With g the output's gradient behind the rectifier, x̂ the normalised input and n the rows:
  /// shiftGradient = Σ g, scaleGradient = Σ g · x̂, inputGradient = scale · inverseDeviation ·
  /// (g - shiftGradient / n - x̂ · scaleGradient / n). One pass for both sums, one for the result.
  ///
  /// - Parameters:
  ///   - rows: batch · height · width.
  ///   - channels: values in a row.
  ///   - input: the forward's input.
  ///   - output: the forward's output, for the rectifier's mask; nil without one, or where it was
  ///     never written.
  ///   - outputGradient: the gradient of the forward's output.
  ///   - scale: [channels], the forward's.
  ///   - mean: the batch's, from the forward, as is `inverseDeviation`.
  ///   - inverseDeviation: from the forward.
  ///   - inputGradient: written, or added to when `accumulate`; may be `outputGradient` when not.
  ///   - accumulate: adds to `inputGradient` instead of writing it.
  ///   - scaleGradient: [channels], written, as is `shiftGradient`.
  ///   - shiftGradient: [channels], written.
  ///   - relu: whether the forward rectified; then `output` or `shift` is given.
  ///   - workspace: at least `workspaceCount` floats; nothing in it is kept.
  ///   - pool: the threads that share the work.
  ///   - shift: [channels], the forward's: tells where it rectified when there is no `output`.
  package static func backward(
    rows: Int,
    channels: Int,
    input: Elements,
    output: Elements?,
    outputGradient: Elements,
    scale: Floats,
    mean: Floats,
    inverseDeviation: Floats,
    inputGradient: Elements,
    accumulate: Bool,
    scaleGradient: Floats,
    shiftGradient: Floats,
    relu: Bool,
    workspace: Floats,
    pool: WorkerPool,
    shift: Floats? = nil
  ) {
    if rows == 0 || channels == 0 { return }
    check(rows, channels, activation: input)
    check(rows, channels, activation: outputGradient)
    check(rows, channels, activation: inputGradient)
    check(channels, scale, mean)
    check(channels, inverseDeviation, scaleGradient)
    check(channels, shiftGradient, shiftGradient)
    require(
      relu == (output != nil || shift != nil),
      "the rectifier's mask is given when there is a rectifier"
    )
    if let output { check(rows, channels, activation: output) }
    let blocks = RowBlocks(rows: rows, columns: channels)
    require(
      workspace.count >= workspaceCount(rows: rows, channels: channels),
      "a workspace of \(workspace.count) floats"
    )
    let table = BackwardTable(workspace.base + blocks.count * 3 * blocks.width, blocks.width)
    blocks.spread(into: table.mean) { mean[$0] }
    blocks.spread(into: table.gradientFactor) { scale[$0] * inverseDeviation[$0] }
    if let shift { blocks.spread(into: table.shift) { shift[$0] } }
    let arrays = (input, output, outputGradient, relu && output == nil)
    switch input.type {
    case .f32: sum(Float.self, blocks, arrays, table, into: workspace.base, pool)
    case .bf16: sum(BFloat16.self, blocks, arrays, table, into: workspace.base, pool)
    }
    for channel in 0..<channels {
      var gradient = 0.0
      var product = 0.0
      blocks.partials(of: channel) { index, place, _ in
        let partial = workspace.base + index * 2 * blocks.width + place
        gradient += Double(partial[0])
        product += Double(partial[blocks.width])
      }
      shiftGradient[channel] = Float(gradient)
      scaleGradient[channel] = Float(product * Double(inverseDeviation[channel]))
    }
    table.fill(blocks, scale, inverseDeviation, scaleGradient, shiftGradient)
    switch input.type {
    case .f32: finish(Float.self, blocks, arrays, table, inputGradient, accumulate, pool)
    case .bf16: finish(BFloat16.self, blocks, arrays, table, inputGradient, accumulate, pool)
    }
  }

  private typealias Arrays = (
    input: Elements, output: Elements?, outputGradient: Elements, rectifiesAgain: Bool
  )

  private static func pass<Kind: Element>(
    _ kind: Kind.Type,
    _ arrays: Arrays,
    _ table: BackwardTable
  ) -> BackwardPass<Kind> {
    BackwardPass(
      input: arrays.input.of(kind),
      mask: arrays.output?.of(kind),
      outputGradient: arrays.outputGradient.of(kind),
      rectifiesAgain: arrays.rectifiesAgain,
      table: table
    )
  }

  private static func sum<Kind: Element>(
    _ kind: Kind.Type,
    _ blocks: RowBlocks,
    _ arrays: Arrays,
    _ table: BackwardTable,
    into sums: UnsafeMutablePointer<Float>,
    _ pool: WorkerPool
  ) {
    let pass = pass(kind, arrays, table)
    blocks.perform(pool) { index, block, _ in
      pass.sum(block, into: sums + index * 2 * blocks.width, stride: blocks.width)
    }
  }

  private static func finish<Kind: Element>(
    _ kind: Kind.Type,
    _ blocks: RowBlocks,
    _ arrays: Arrays,
    _ table: BackwardTable,
    _ inputGradient: Elements,
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) {
    let pass = pass(kind, arrays, table)
    let into = inputGradient.of(kind)
    blocks.perform(pool) { _, block, _ in
      pass.finish(block, into: into, accumulate: accumulate)
    }
  }

  /// inputGradient = g · gradientFactor + (input - mean) · inputFactor + offset, column by column.
  struct BackwardTable {
    let mean: UnsafeMutablePointer<Float>
    let gradientFactor: UnsafeMutablePointer<Float>
    let inputFactor: UnsafeMutablePointer<Float>
    let offset: UnsafeMutablePointer<Float>
    /// The forward's.
    let shift: UnsafeMutablePointer<Float>

    init(_ base: UnsafeMutablePointer<Float>, _ width: Int) {
      mean = base
      gradientFactor = base + width
      inputFactor = base + 2 * width
      offset = base + 3 * width
      shift = base + 4 * width
    }

    func fill(
      _ blocks: RowBlocks,
      _ scale: Floats,
      _ inverseDeviation: Floats,
      _ scaleGradient: Floats,
      _ shiftGradient: Floats
    ) {
      let share = 1 / Float(blocks.rows)
      blocks.spread(into: inputFactor) {
        let deviation = inverseDeviation[$0]
        return -scale[$0] * deviation * deviation * scaleGradient[$0] * share
      }
      blocks.spread(into: offset) {
        -scale[$0] * inverseDeviation[$0] * shiftGradient[$0] * share
      }
    }
  }

  /// The two passes over the activations.
  struct BackwardPass<Kind: Element> {
    let input: UnsafeMutablePointer<Kind>
    let mask: UnsafeMutablePointer<Kind>?
    let outputGradient: UnsafeMutablePointer<Kind>
    /// Whether the mask is what the forward's arithmetic gives again.
    let rectifiesAgain: Bool
    let table: BackwardTable

    /// Writes two rows: the sums of the gradients, and of their products with the deviations.
    func sum(_ block: RowBlocks.Block, into sums: UnsafeMutablePointer<Float>, stride: Int) {
      let products = sums + stride
      sweep(0..<block.width) { column, lanes in
        sums.setLanes(column, .zero, count: lanes)
        products.setLanes(column, .zero, count: lanes)
      }
      rows(of: block) { start, column, lanes, gradient in
        let deviation = deviation(start, column, lanes)
        let sum = sums.lanes(column, count: lanes) + gradient
        let product = multiply_add_16(gradient, deviation, products.lanes(column, count: lanes))
        sums.setLanes(column, sum, count: lanes)
        products.setLanes(column, product, count: lanes)
      }
    }

    func finish(
      _ block: RowBlocks.Block,
      into inputGradient: UnsafeMutablePointer<Kind>,
      accumulate: Bool
    ) {
      if accumulate {
        rows(of: block) { start, column, lanes, gradient in
          let before = inputGradient.lanes(start + column, count: lanes)
          let value = before + result(start, column, lanes, gradient)
          inputGradient.setLanes(start + column, value, count: lanes)
        }
      } else {
        rows(of: block) { start, column, lanes, gradient in
          let value = result(start, column, lanes, gradient)
          inputGradient.setLanes(start + column, value, count: lanes)
        }
      }
    }

    @inline(__always)
    private func result(_ start: Int, _ column: Int, _ lanes: Int, _ gradient: Lanes) -> Lanes {
      let share = multiply_add_16(
        deviation(start, column, lanes),
        table.inputFactor.lanes(column, count: lanes),
        table.offset.lanes(column, count: lanes)
      )
      return multiply_add_16(gradient, table.gradientFactor.lanes(column, count: lanes), share)
    }

    @inline(__always)
    private func deviation(_ start: Int, _ column: Int, _ lanes: Int) -> Lanes {
      input.lanes(start + column, count: lanes) - table.mean.lanes(column, count: lanes)
    }

    /// Calls `body(row's start, column, lanes, gradient behind the rectifier)` all over a block.
    @inline(__always)
    private func rows(
      of block: RowBlocks.Block,
      _ body: (_ start: Int, _ column: Int, _ lanes: Int, _ gradient: Lanes) -> Void
    ) {
      for row in 0..<block.rows {
        let start = block.start + row * block.width
        if let mask {
          sweep(0..<block.width) { column, lanes in
            let gradient = Elementwise.masked(
              outputGradient.lanes(start + column, count: lanes),
              by: mask.lanes(start + column, count: lanes)
            )
            body(start, column, lanes, gradient)
          }
        } else if rectifiesAgain {
          sweep(0..<block.width) { column, lanes in
            let output = multiply_add_16(
              deviation(start, column, lanes),
              table.gradientFactor.lanes(column, count: lanes),
              table.shift.lanes(column, count: lanes)
            )
            let gradient = outputGradient.lanes(start + column, count: lanes)
            body(start, column, lanes, Elementwise.masked(gradient, by: output))
          }
        } else {
          sweep(0..<block.width) { column, lanes in
            body(start, column, lanes, outputGradient.lanes(start + column, count: lanes))
          }
        }
      }
    }
  }
}
