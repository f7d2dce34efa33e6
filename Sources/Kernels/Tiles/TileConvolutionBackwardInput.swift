extension TileConvolution {
  /// Calls `body` with each phase that has anything to compute, its product, and where its packed
  /// weights begin, in values; false, at the first of them, where tiles cannot compute it.
  @discardableResult
  private static func forEachPhase(
    _ shape: ConvolutionShape,
    _ body: (_ phase: InputPhase, _ product: TilePatchProduct, _ start: Int) -> Void
  ) -> Bool {
    var can = !shape.isDepthwise
    var start = 0
    InputPhase.forEach(shape) { phase in
      if phase.isEmpty || !can { return }
      let grid = phase.grid(shape, group: 0)
      guard let product = TilePatchProduct(grid, columns: shape.groupInputs) else {
        can = false
        return
      }
      body(phase, product, start)
      start += shape.groups * product.packedValues
    }
    return can
  }

  /// Whether tiles compute the gradient of the input.
  static func suitsBackwardInput(_ shape: ConvolutionShape, on unit: MatrixTiles.Unit) -> Bool {
    if !unit.leads, let squares = WinogradProduct(gradient: shape), squares.isFasterThanPairs {
      return false
    }
    var isWorthwhile = true
    let can = forEachPhase(shape) { _, product, _ in
      isWorthwhile = isWorthwhile && product.work.isWorthwhile(on: unit)
    }
    return can && isWorthwhile
  }

  /// Floats of workspace that `backwardInput` needs; 0 where tiles cannot compute it.
  static func backwardInputWorkspaceCount(_ shape: ConvolutionShape) -> Int {
    var values = 0
    let can = forEachPhase(shape) { _, product, _ in
      values += shape.groups * product.packedValues
    }
    return can ? values / 2 : 0
  }

  /// The gradient of the input from the gradient of the output.
  ///
  /// - `accumulate`: adds to `inputGradient` instead of overwriting it.
  /// - `workspace`: `backwardInputWorkspaceCount` floats.
  static func backwardInput(
    _ shape: ConvolutionShape,
    outputGradient: Elements,
    weights: Floats,
    inputGradient: Elements,
    accumulate: Bool,
    workspace: Floats,
    unit: MatrixTiles.Unit,
    pool: WorkerPool
  ) {
    check(shape, input: inputGradient, weights: weights, output: outputGradient)
    require(
      forEachPhase(shape) { _, _, _ in }
        && workspace.count >= backwardInputWorkspaceCount(shape),
      "no tiles, or workspace too small, for \(shape)"
    )
    if !accumulate { clearUntouched(shape, inputGradient, pool) }
    forEachPhase(shape) { phase, product, start in
      let packed = workspace.words + start
      packTransposed(shape, phase, weights, into: packed, step: product.packedValues, pool)
      product.run(
        groups: shape.groups,
        sourceStep: shape.groupOutputs,
        resultStep: shape.groupInputs,
        source: outputGradient.words,
        TileOperands(
          packed: packed,
          packedStep: product.packedValues,
          bias: nil,
          activation: .none,
          accumulate: accumulate,
          result: inputGradient.words
        ),
        unit: unit,
        pool: pool
      )
    }
  }

  /// Zeros the gradient of an input that has pixels no output sees.
  private static func clearUntouched(
    _ shape: ConvolutionShape,
    _ inputGradient: Elements,
    _ pool: WorkerPool
  ) {
    var untouched = false
    InputPhase.forEach(shape) { if $0.taps == 0 { untouched = true } }
    if !untouched { return }
    let image = shape.inputCount / shape.batch
    let words = inputGradient.words
    pool.perform(shape.batch) { piece, _ in
      (words + piece * image).update(repeating: 0, count: image)
    }
  }

  /// Packs a phase's weights, output channels by input channels, taps in the order it reads them.
  private static func packTransposed(
    _ shape: ConvolutionShape,
    _ phase: InputPhase,
    _ weights: Floats,
    into packed: UnsafeMutablePointer<UInt16>,
    step packedStep: Int,
    _ pool: WorkerPool
  ) {
    let depth = shape.groupOutputs
    let cut = TilePacking.Depth(depth)
    let panels = Packing.panels(shape.groupInputs)
    pool.perform(shape.groups * panels * phase.taps) { piece, thread in
      let tap = piece % phase.taps
      let panel = piece / phase.taps % panels
      let group = piece / phase.taps / panels
      let tapY = phase.y.lastTap - tap / phase.x.taps * phase.y.tapStep
      let tapX = phase.x.lastTap - tap % phase.x.taps * phase.x.tapStep
      let first = panel * panelWidth
      let row = (tapY * shape.kernelWidth + tapX) * shape.groupInputs + first
      let step = (panel * phase.taps + tap) * cut.steps
      let start = group * packedStep + step * TilePacking.stepValues
      TilePacking.packColumns(
        weights.base + (row * shape.outputChannels + group * depth),
        stride: shape.outputChannels,
        depth: cut,
        width: min(panelWidth, shape.groupInputs - first),
        steps: 0..<cut.steps,
        into: packed + start,
        pairs: TileScratch(pool.scratch(thread: thread)).pairs
      )
    }
  }
}
