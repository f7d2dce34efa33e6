/// Convolution of bf16 activations and its gradients by matrix tiles.
///
/// Layouts are those of `Convolution`: weights and their gradients are f32 and rounded to bf16 as
/// they are packed. `suits…` says whether a pass is one for tiles: not for depthwise convolutions,
/// few channels or few pixels. Depthwise ones and patches of more than 7 MiB cannot be computed.
enum TileConvolution {
  private static func product(_ shape: ConvolutionShape) -> TilePatchProduct? {
    if shape.isDepthwise { return nil }
    let grid = TileRowPatches(shape)?.grid ?? PatchGrid(forward: shape, group: 0)
    return TilePatchProduct(grid, columns: shape.groupOutputs)
  }

  /// Whether tiles compute the forward pass.
  static func suitsForward(_ shape: ConvolutionShape, on unit: MatrixTiles.Unit) -> Bool {
    if !unit.leads, let squares = WinogradProduct(forward: shape), squares.isFasterThanPairs {
      return false
    }
    return product(shape)?.work.isWorthwhile(on: unit) ?? false
  }

  /// Floats of workspace that `forward` needs; 0 where tiles cannot compute it.
  static func forwardWorkspaceCount(_ shape: ConvolutionShape) -> Int {
    product(shape).map { packedCount(shape, $0) + (TileRowPatches(shape)?.count ?? 0) } ?? 0
  }

  /// Floats of all groups' packed weights, from where on a workspace is free again.
  private static func packedCount(_ shape: ConvolutionShape, _ product: TilePatchProduct) -> Int {
    shape.groups * product.packedValues / 2
  }

  /// Blocks of results that `forward` sums apart, when it sums what it writes.
  static func sumBlocks(_ shape: ConvolutionShape) -> Int { product(shape)?.blocks.count ?? 0 }

  /// What a pass does besides the product.
  struct Extras {
    /// Applied to the input as it is read, and rounded.
    var transform: ChannelTransform?
    /// Added before the activation, laid out as the output.
    var residual: Elements?
    /// Gets the sums of what is written, of `sumBlocks` blocks.
    var sums: PartialMoments?
  }

  /// output = activation(input * weights + bias), rounded once.
  ///
  /// - `bias`: [outputChannels], or nil.
  /// - `workspace`: `forwardWorkspaceCount` floats.
  static func forward(
    _ shape: ConvolutionShape,
    input: Elements,
    weights: Floats,
    bias: Floats?,
    activation: Activation,
    output: Elements,
    extras: Extras = Extras(),
    workspace: Floats,
    unit: MatrixTiles.Unit,
    pool: WorkerPool
  ) {
    check(shape, input: input, weights: weights, output: output)
    guard let product = product(shape) else { fatalError("no tiles for \(shape)") }
    require(
      bias?.count ?? shape.outputChannels >= shape.outputChannels
        && workspace.count >= forwardWorkspaceCount(shape),
      "bias or workspace too small for \(shape)"
    )
    let packedStep = product.packedValues
    packForward(product.grid, shape, weights, into: workspace.words, step: packedStep, pool)
    var source = UnsafePointer(input.words)
    let rows = TileRowPatches(shape)
    if let rows {
      let copy = workspace[packedCount(shape, product)..<workspace.count].words
      rows.copy(source, extras.transform, into: copy, pool: pool)
      source = UnsafePointer(copy)
    }
    product.run(
      groups: shape.groups,
      sourceStep: shape.groupInputs,
      resultStep: shape.groupOutputs,
      source: source,
      TileOperands(
        packed: workspace.words,
        packedStep: packedStep,
        bias: bias.map { UnsafePointer($0.base) },
        activation: activation,
        accumulate: false,
        result: output.words,
        transform: rows == nil ? extras.transform : nil,
        residual: extras.residual.map { UnsafePointer($0.words) },
        sums: extras.sums
      ),
      unit: unit,
      pool: pool
    )
  }

  private static func packForward(
    _ grid: PatchGrid,
    _ shape: ConvolutionShape,
    _ weights: Floats,
    into packed: UnsafeMutablePointer<UInt16>,
    step packedStep: Int,
    _ pool: WorkerPool
  ) {
    let depth = TilePacking.Depth(grid.depth)
    let taps = grid.tapRows * grid.tapColumns
    let panels = Packing.panels(shape.groupOutputs)
    let slices = EvenParts(depth.steps, limit: 8)
    pool.perform(shape.groups * panels * taps * slices.parts) { piece, _ in
      let tap = piece / slices.parts % taps
      let panel = piece / slices.parts / taps % panels
      let group = piece / slices.parts / taps / panels
      let first = panel * panelWidth
      let column = group * shape.groupOutputs + first
      TilePacking.packRows(
        weights.base + (tap * grid.depth * shape.outputChannels + column),
        stride: shape.outputChannels,
        depth: depth,
        width: min(panelWidth, shape.groupOutputs - first),
        steps: slices[piece % slices.parts],
        into: packed
          + (group * packedStep + (panel * taps + tap) * depth.steps * TilePacking.stepValues)
      )
    }
  }

  static func check(
    _ shape: ConvolutionShape,
    input: Elements,
    weights: Floats,
    output: Elements
  ) {
    shape.check()
    require(
      input.count >= shape.inputCount && weights.count >= shape.weightsCount
        && output.count >= shape.outputCount,
      "\(input.count), \(weights.count) and \(output.count) values for \(shape)"
    )
  }
}
