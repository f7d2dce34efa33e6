import CIntrinsics

/// A convolution's results, or the gradient of its input, with images as the lanes of vectors.
///
/// A vector of columns is mostly idle where a group has few of them, and tiles multiply the zeros
/// of borders, which are most of a small map; here neither happens. Turning pixels into lanes and
/// back is what it costs.
struct LaneProduct {
  let cut: LaneCut

  /// The results of a convolution; nil where vectors of channels are as fast.
  init?(forward shape: ConvolutionShape) {
    self.init(shape, isGradient: false)
  }

  /// The gradient of a convolution's input; nil where vectors of channels are as fast.
  init?(gradient shape: ConvolutionShape) {
    self.init(shape, isGradient: true)
  }

  private init?(_ shape: ConvolutionShape, isGradient: Bool) {
    // The matrix unit has another cost; what suits it is its own.
    if let unit = MatrixTiles.unit, unit.leads {
      let suitsTiles =
        isGradient
        ? TileConvolution.suitsBackwardInput(shape, on: unit)
        : TileConvolution.suitsForward(shape, on: unit)
      if suitsTiles { return nil }
    }
    guard let cut = LaneCost(shape, isGradient: isGradient).cutForResults else { return nil }
    self.cut = cut
  }

  /// Those of a cut, whatever is faster.
  init(_ cut: LaneCut) { self.cut = cut }

  /// Floats of packed weights, [group][tap][depth][outputs].
  var weightsCount: Int { cut.shape.weightsCount }

  /// Packs a convolution's weights for results of type `element`.
  func packWeights(_ weights: Floats, _ element: ElementType, into target: Floats, pool: WorkerPool)
  {
    let shape = cut.shape
    let taps = shape.kernelHeight * shape.kernelWidth
    let count = cut.depth * cut.outputs
    let parts = EvenParts(shape.groups * taps, limit: 64)
    pool.perform(parts.parts) { piece, _ in
      for index in parts[piece] {
        let group = index / taps
        let tap =
          cut.rows.tap(at: index % taps / shape.kernelWidth) * shape.kernelWidth
          + cut.columns.tap(at: index % shape.kernelWidth)
        let to = target.base + index * count
        if cut.rows.isGradient {
          transpose(group, tap, weights.base, into: to)
        } else {
          let first = tap * shape.groupInputs * shape.outputChannels + group * cut.outputs
          for row in 0..<cut.depth {
            (to + row * cut.outputs).update(
              from: weights.base + first + row * shape.outputChannels,
              count: cut.outputs
            )
          }
        }
        Packing.roundPart(to, count, to: element)
      }
    }
  }

  /// One tap's weights, outputs by inputs.
  private func transpose(
    _ group: Int,
    _ tap: Int,
    _ weights: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>
  ) {
    for input in 0..<cut.outputs {
      let from =
        weights + (tap * cut.outputs + input) * cut.shape.outputChannels + group * cut.depth
      for output in 0..<cut.depth { target[output * cut.outputs + input] = from[output] }
    }
  }

  /// Computes all results.
  ///
  /// - Parameters:
  ///   - source: the input, or the output's gradient.
  ///   - transform: what is applied to it as it is read.
  ///   - weights: as `packWeights` left them.
  ///   - ending: what is done with the results.
  ///   - pool: the threads.
  func run(
    source: Elements,
    _ transform: ChannelTransform?,
    weights: UnsafePointer<Float>,
    _ ending: WinogradProduct.Ending,
    pool: WorkerPool
  ) {
    switch source.type {
    case .f32: run(Float.self, source, transform, weights, ending, pool)
    case .bf16: run(BFloat16.self, source, transform, weights, ending, pool)
    }
  }

  private func run<Kind: Element>(
    _ kind: Kind.Type,
    _ source: Elements,
    _ transform: ChannelTransform?,
    _ weights: UnsafePointer<Float>,
    _ ending: WinogradProduct.Ending,
    _ pool: WorkerPool
  ) {
    let source = UnsafePointer(source.of(kind))
    let spacing = max(cut.source.spacing, cut.result.spacing)
    pool.perform(cut.lanes.vectors) { vector, thread in
      let scratch = LaneScratch(pool.scratch(thread: thread))
      let values = scratch.vectors(spacing: spacing)
      let results = values + cut.source.count * 16
      cut.tabulate(scratch)
      cut.source.gather(
        vector,
        of: cut.lanes,
        from: source,
        transform,
        scratch,
        into: values
      )
      var product = product(scratch)
      product.source = UnsafePointer(values)
      product.weights = weights
      product.bias = ending.bias
      product.result = results
      compute_lane_product(&product)
      cut.result.scatter(
        kind,
        vector,
        of: cut.lanes,
        from: results,
        scratch,
        ending
      )
    }
  }

  private func product(_ scratch: LaneScratch) -> lane_product {
    var product = lane_product()
    product.source_pixel = 16 * cut.source.channels
    product.source_row = cut.source.width * product.source_pixel
    product.rows = UnsafePointer(scratch.rows)
    product.columns = UnsafePointer(scratch.columns(after: cut.result.rows))
    product.row_step = cut.rows.sourceStep
    product.column_step = cut.columns.sourceStep
    product.height = cut.result.rows
    product.width = cut.result.width
    product.tap_rows = cut.shape.kernelHeight
    product.tap_columns = cut.shape.kernelWidth
    product.groups = cut.groups
    product.depth = cut.depth
    product.outputs = cut.outputs
    return product
  }
}
