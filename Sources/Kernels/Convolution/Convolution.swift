/// Two-dimensional convolution and its gradients, channels last; activations of either type,
/// parameters and sums in f32.
///
/// Activations are [batch][height][width][channels], weights
/// [kernelHeight][kernelWidth][inputChannels / groups][outputChannels]. Results have the same
/// bits at any number of threads. No call allocates: each takes its workspace.
package enum Convolution {
  /// Floats of workspace that `forward` needs.
  package static func forwardWorkspaceCount(_ shape: ConvolutionShape) -> Int {
    if let trim = TapTrim(shape) {
      return trim.weightsCount + forwardWorkspaceCount(trim.shape)
    }
    if let product = LaneProduct(forward: shape) { return product.weightsCount }
    if shape.isDepthwise { return 0 }
    if let merge = GroupMerge(shape) {
      return merge.weightsCount + forwardWorkspaceCount(merge.shape)
    }
    let tiles = MatrixTiles.unit == nil ? 0 : TileConvolution.forwardWorkspaceCount(shape)
    if let product = WinogradProduct(forward: shape) { return max(tiles, product.weightsCount) }
    return max(tiles, shape.groups * packedGroupCount(shape))
  }

  private static func packedGroupCount(_ shape: ConvolutionShape) -> Int {
    Packing.count(
      depth: shape.kernelHeight * shape.kernelWidth * shape.groupInputs,
      columns: shape.groupOutputs
    )
  }

  /// output = activation(input * weights + bias + residual).
  ///
  /// - `transform`: what is applied to the input as it is read, or nil; not for convolutions of
  ///   every channel by itself.
  /// - `bias`: [outputChannels], or nil.
  /// - `epilogue`: a residual to add, and where sums of the output go.
  /// - `workspace`: `forwardWorkspaceCount` floats.
  package static func forward(
    _ shape: ConvolutionShape,
    input: Elements,
    transform: ChannelTransform? = nil,
    weights: Floats,
    bias: Floats?,
    activation: Activation,
    epilogue: ConvolutionEpilogue = ConvolutionEpilogue(),
    output: Elements,
    workspace: Floats,
    pool: WorkerPool
  ) {
    check(shape, input: input, weights: weights, output: output)
    require(
      bias?.count ?? shape.outputChannels >= shape.outputChannels
        && workspace.count >= forwardWorkspaceCount(shape),
      "bias or workspace too small for \(shape)"
    )
    check(shape, transform)
    check(shape, epilogue, output)
    func forward(_ other: ConvolutionShape, weightsCount: Int) {
      Convolution.forward(
        other,
        input: input,
        transform: transform,
        weights: workspace[0..<weightsCount],
        bias: bias,
        activation: activation,
        epilogue: epilogue,
        output: output,
        workspace: workspace[weightsCount..<workspace.count],
        pool: pool
      )
    }
    if let trim = TapTrim(shape) {
      trim.extract(weights, into: workspace, pool: pool)
      return forward(trim.shape, weightsCount: trim.weightsCount)
    }
    if let product = LaneProduct(forward: shape) {
      let sums = clearedSums(shape, epilogue)
      product.packWeights(weights, input.type, into: workspace, pool: pool)
      let ending = WinogradProduct.Ending(
        bias: bias.map { UnsafePointer($0.base) },
        activation: activation,
        added: epilogue.residual,
        sums: sums,
        result: output
      )
      return product.run(source: input, transform, weights: workspace.base, ending, pool: pool)
    }
    if shape.isDepthwise {
      return DepthwiseConvolution.forward(
        shape,
        input: input,
        weights: weights.base,
        bias: bias?.base,
        activation: activation,
        output: output,
        pool: pool
      )
    }
    if let merge = GroupMerge(shape) {
      merge.expand(weights, into: workspace, pool: pool)
      return forward(merge.shape, weightsCount: merge.weightsCount)
    }
    let sums = clearedSums(shape, epilogue)
    if let unit = MatrixTiles.unit(for: input.type), TileConvolution.suitsForward(shape, on: unit) {
      return TileConvolution.forward(
        shape,
        input: input,
        weights: weights,
        bias: bias,
        activation: activation,
        output: output,
        extras: TileConvolution.Extras(
          transform: transform,
          residual: epilogue.residual,
          sums: sums
        ),
        workspace: workspace,
        unit: unit,
        pool: pool
      )
    }
    if let product = WinogradProduct(forward: shape) {
      product.transformWeights(weights, input.type, into: workspace.base, pool: pool)
      let ending = WinogradProduct.Ending(
        bias: bias.map { UnsafePointer($0.base) },
        activation: activation,
        added: epilogue.residual,
        sums: sums,
        result: output
      )
      return product.run(source: input, transform, weights: workspace.base, ending, pool: pool)
    }
    let grid = PatchGrid(forward: shape, group: 0)
    let form = PackedForm(grid, columns: shape.groupOutputs)
    packForward(shape, input.type, form, weights: weights, into: workspace, pool: pool)
    let operands = PatchOperands(
      packed: workspace.base,
      columns: shape.groupOutputs,
      bias: bias.map { UnsafePointer($0.base) },
      activation: activation,
      accumulate: false,
      result: output,
      transform: transform,
      added: epilogue.residual,
      sums: sums
    )
    let product = PatchProduct(
      grid,
      columns: shape.groupOutputs,
      element: input.type,
      transforms: transform != nil,
      form: form
    )
    product.run(
      groups: shape.groups,
      sourceStep: shape.groupInputs,
      resultStep: shape.groupOutputs,
      packedStep: packedGroupCount(shape),
      source: input,
      operands,
      pool: pool
    )
  }

  private static func clearedSums(
    _ shape: ConvolutionShape,
    _ epilogue: ConvolutionEpilogue
  ) -> PartialMoments? {
    let sums = epilogue.sums.map {
      PartialMoments(channels: shape.outputChannels, base: $0.base)
    }
    sums?.clear(blocks: sumBlocks(shape))
    return sums
  }

  private static func packForward(
    _ shape: ConvolutionShape,
    _ element: ElementType,
    _ form: PackedForm,
    weights: Floats,
    into packed: Floats,
    pool: WorkerPool
  ) {
    let columns = shape.groupOutputs
    let panels = Packing.panels(columns)
    let depth = shape.kernelHeight * shape.kernelWidth * shape.groupInputs
    let slices = EvenParts(depth, limit: 256)
    pool.perform(shape.groups * panels * slices.parts) { piece, _ in
      let group = piece / slices.parts / panels
      let first = piece / slices.parts % panels * panelWidth
      let slice = slices[piece % slices.parts]
      if form == .columns {
        return Packing.packFewColumns(
          weights.base + group * columns,
          stride: shape.outputChannels,
          rows: slice,
          depth: depth,
          columns: columns,
          element: element,
          into: packed.base + group * packedGroupCount(shape)
        )
      }
      let panel =
        packed.base
        + (group * packedGroupCount(shape) + first * depth + slice.lowerBound * panelWidth)
      Packing.packRows(
        weights.base + (slice.lowerBound * shape.outputChannels + group * columns + first),
        stride: shape.outputChannels,
        depth: slice.count,
        width: min(panelWidth, columns - first),
        into: panel
      )
      Packing.round(panel, slice.count * panelWidth, to: element)
    }
  }

  private static func check(
    _ shape: ConvolutionShape,
    _ epilogue: ConvolutionEpilogue,
    _ output: Elements
  ) {
    if let residual = epilogue.residual {
      require(
        !shape.isDepthwise && residual.count >= shape.outputCount && residual.type == output.type,
        "a residual of \(residual.count) values for \(shape)"
      )
    }
    if let sums = epilogue.sums {
      require(
        !shape.isDepthwise && sums.count >= sumsCount(shape),
        "\(sums.count) sums for \(shape)"
      )
    }
  }

  static func check(_ shape: ConvolutionShape, _ transform: ChannelTransform?) {
    guard let transform else { return }
    require(
      !shape.isDepthwise && transform.mean.count >= shape.inputChannels
        && transform.factor.count >= shape.inputChannels
        && transform.shift.count >= shape.inputChannels,
      "a transform of \(transform.mean.count) channels for \(shape)"
    )
  }

  static func check(
    _ shape: ConvolutionShape,
    input: Elements,
    weights: Floats,
    output: Elements
  ) {
    shape.check()
    require(input.type == output.type, "input of \(input.type), output of \(output.type)")
    require(
      input.count >= shape.inputCount && weights.count >= shape.weightsCount
        && output.count >= shape.outputCount,
      "\(input.count), \(weights.count) and \(output.count) values for \(shape)"
    )
  }
}
