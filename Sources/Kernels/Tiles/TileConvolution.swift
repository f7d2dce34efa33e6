/// Convolution of bf16 activations and its gradients by matrix tiles.
///
/// Layouts are those of `Convolution`: weights and their gradients are f32 and rounded to bf16 as
/// they are packed. `suits…` says whether a pass is one for tiles: not for depthwise convolutions,
/// few channels or few pixels. Depthwise ones and patches of more than 7 MiB cannot be computed.
enum TileConvolution {
  private static func product(_ shape: ConvolutionShape) -> TilePatchProduct? {
    if shape.isDepthwise { return nil }
    return TilePatchProduct(PatchGrid(forward: shape, group: 0), columns: shape.groupOutputs)
  }

  /// Whether tiles compute the forward pass.
  static func suitsForward(_ shape: ConvolutionShape, on unit: MatrixTiles.Unit) -> Bool {
    if !unit.leads, let squares = WinogradProduct(forward: shape), squares.isFasterThanPairs {
      return false
    }
    return product(shape)?.isWorthwhile(on: unit) ?? false
  }

  /// Floats of workspace that `forward` needs; 0 where tiles cannot compute it.
  static func forwardWorkspaceCount(_ shape: ConvolutionShape) -> Int {
    product(shape).map { shape.groups * $0.packedValues / 2 } ?? 0
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
        && workspace.count >= shape.groups * product.packedValues / 2,
      "bias or workspace too small for \(shape)"
    )
    let packedStep = product.packedValues
    packForward(shape, weights, into: workspace.words, step: packedStep, pool)
    product.run(
      groups: shape.groups,
      sourceStep: shape.groupInputs,
      resultStep: shape.groupOutputs,
      source: input.words,
      TileOperands(
        packed: workspace.words,
        packedStep: packedStep,
        bias: bias.map { UnsafePointer($0.base) },
        activation: activation,
        accumulate: false,
        result: output.words,
        transform: extras.transform,
        residual: extras.residual.map { UnsafePointer($0.words) },
        sums: extras.sums
      ),
      unit: unit,
      pool: pool
    )
  }

  private static func packForward(
    _ shape: ConvolutionShape,
    _ weights: Floats,
    into packed: UnsafeMutablePointer<UInt16>,
    step packedStep: Int,
    _ pool: WorkerPool
  ) {
    let depth = shape.groupInputs
    let taps = shape.kernelHeight * shape.kernelWidth
    let steps = TilePacking.steps(depth)
    let panels = Packing.panels(shape.groupOutputs)
    let slices = EvenParts(steps, limit: 8)
    pool.perform(shape.groups * panels * taps * slices.parts) { piece, _ in
      let tap = piece / slices.parts % taps
      let panel = piece / slices.parts / taps % panels
      let group = piece / slices.parts / taps / panels
      let first = panel * panelWidth
      let column = group * shape.groupOutputs + first
      TilePacking.packRows(
        weights.base + (tap * depth * shape.outputChannels + column),
        stride: shape.outputChannels,
        depth: depth,
        width: min(panelWidth, shape.groupOutputs - first),
        steps: slices[piece % slices.parts],
        into: packed + (group * packedStep + (panel * taps + tap) * steps * TilePacking.stepValues)
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
