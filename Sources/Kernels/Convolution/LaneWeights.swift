import CIntrinsics

/// The gradient of a convolution's weights, with images as the lanes of vectors: every weight is a
/// sum over lanes, taken across them at the end.
struct LaneWeights {
  private let cut: LaneCut
  /// Vectors of lanes whose sums are taken apart and added in order, whatever the threads.
  private let chunks: EvenParts
  /// Vectors that are in scratch memory together.
  private let together: Int

  /// Nil where vectors of channels are as fast.
  init?(_ shape: ConvolutionShape) {
    // The matrix unit has another cost; what suits it is its own.
    if let unit = MatrixTiles.unit, unit.leads,
      TileConvolution.suitsBackwardWeights(shape, on: unit)
    {
      return nil
    }
    guard let cut = LaneCost(shape, isGradient: false).cutForWeights else { return nil }
    self.init(cut)
  }

  /// The gradient for a cut, whatever is faster.
  init(_ cut: LaneCut) {
    self.cut = cut
    chunks = LaneWeights.chunks(cut)
    together = LaneWeights.together(cut)
  }

  /// Values of lanes that share the cache.
  private static let wantedCount = 12 << 10

  private static func chunks(_ cut: LaneCut) -> EvenParts {
    EvenParts(cut.lanes.vectors, parts: 8)
  }

  private static func together(_ cut: LaneCut) -> Int {
    min(chunks(cut).size, max(1, wantedCount / (cut.source.count + cut.result.count)))
  }

  /// How often all weights' sums are taken.
  static func passes(_ cut: LaneCut) -> Int {
    (cut.lanes.vectors + together(cut) - 1) / together(cut)
  }

  /// Floats of a chunk's sums: laid out as the weights, then the bias.
  private var partialCount: Int { (cut.shape.weightsCount + cut.result.channels + 15) / 16 * 16 }

  var workspaceCount: Int { chunks.parts * partialCount }

  func run(_ operands: WinogradWeights.Operands, pool: WorkerPool) {
    switch operands.source.type {
    case .f32: sum(Float.self, operands, pool)
    case .bf16: sum(BFloat16.self, operands, pool)
    }
    let weights = cut.shape.weightsCount
    let parts = EvenParts(partialCount / 16, limit: 64)
    pool.perform(parts.parts) { piece, _ in
      for vector in parts[piece] {
        let first = vector * 16
        var sum = load_16(operands.workspace + first)
        for chunk in 1..<chunks.parts {
          sum += load_16(operands.workspace + (chunk * partialCount + first))
        }
        for index in first..<min(first + 16, weights + cut.result.channels) {
          if index < weights {
            operands.weights[index] = sum[index - first]
          } else if let bias = operands.bias {
            bias[index - weights] = sum[index - first]
          }
        }
      }
    }
  }

  private func sum<Kind: Element>(
    _ kind: Kind.Type,
    _ operands: WinogradWeights.Operands,
    _ pool: WorkerPool
  ) {
    let source = UnsafePointer(operands.source.of(kind))
    let slope = UnsafePointer(operands.gradient.of(kind))
    pool.perform(chunks.parts) { chunk, thread in
      let scratch = LaneScratch(pool.scratch(thread: thread))
      let values = scratch.vectors(spacing: max(cut.source.spacing, cut.result.spacing))
      let slopes = values + together * cut.source.count * 16
      let sums = operands.workspace + chunk * partialCount
      sums.update(repeating: 0, count: partialCount)
      let own = chunks[chunk]
      for first in stride(from: own.lowerBound, to: own.upperBound, by: together) {
        let count = min(together, own.upperBound - first)
        for index in 0..<count {
          cut.source.gather(
            first + index,
            of: cut.lanes,
            from: source,
            operands.transform,
            scratch,
            into: values + index * cut.source.count * 16
          )
          cut.result.gather(
            first + index,
            of: cut.lanes,
            from: slope,
            nil,
            scratch,
            into: slopes + index * cut.result.count * 16
          )
        }
        add(values, slopes, count, to: sums)
        if operands.bias != nil {
          let pixels = count * cut.result.rows * cut.result.width
          add_lane_sums(slopes, pixels, cut.result.channels, sums + cut.shape.weightsCount)
        }
      }
    }
  }

  /// Adds what `vectors` vectors of lanes give to the sums of all taps.
  private func add(
    _ values: UnsafePointer<Float>,
    _ slopes: UnsafePointer<Float>,
    _ vectors: Int,
    to sums: UnsafeMutablePointer<Float>
  ) {
    let shape = cut.shape
    var gradient = lane_gradient()
    gradient.vectors = vectors
    gradient.source_vector = cut.source.count * 16
    gradient.slope_vector = cut.result.count * 16
    let sourcePixel = 16 * cut.source.channels
    let sourceRow = cut.source.width * sourcePixel
    gradient.source_pixel = shape.strideX * sourcePixel
    gradient.source_row = shape.strideY * sourceRow
    gradient.slope_pixel = 16 * cut.result.channels
    gradient.slope_row = cut.result.width * gradient.slope_pixel
    gradient.groups = cut.groups
    gradient.depth = cut.depth
    gradient.outputs = cut.outputs
    for tap in 0..<shape.kernelHeight * shape.kernelWidth {
      let (rows, top) = cut.rows.results(
        seeing: tap / shape.kernelWidth,
        of: cut.result.rows,
        origin: cut.source.origin,
        size: cut.source.rows
      )
      let (columns, left) = cut.columns.results(
        seeing: tap % shape.kernelWidth,
        of: cut.result.width,
        origin: 0,
        size: cut.source.width
      )
      if rows.isEmpty || columns.isEmpty { continue }
      gradient.height = rows.count
      gradient.width = columns.count
      gradient.source = values + (top * sourceRow + left * sourcePixel)
      gradient.slope =
        slopes + (rows.lowerBound * gradient.slope_row + columns.lowerBound * gradient.slope_pixel)
      gradient.sums = sums + tap * cut.depth * shape.outputChannels
      add_lane_gradient(&gradient)
    }
  }
}
