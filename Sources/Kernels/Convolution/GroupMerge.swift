import CIntrinsics

/// A convolution whose groups are joined to larger ones, with zeros between them: groups of few
/// channels leave most of a vector idle, and a joined one takes no more vectors than one of them.
struct GroupMerge {
  /// The convolution of joined groups, with the same input and output.
  let shape: ConvolutionShape
  private let whole: ConvolutionShape
  private static let longRun = 24
  /// Groups that became one.
  private let factor: Int

  /// For results that are the output, or weights; nil where a group's outputs fill a vector, or
  /// groups cannot be joined.
  init?(_ shape: ConvolutionShape) {
    self.init(
      shape,
      run: shape.kernelWidth * shape.groupInputs,
      columns: shape.groupOutputs
    )
  }

  /// For the gradient of the input.
  init?(gradient shape: ConvolutionShape) {
    // A phase of it has the taps of one remainder by the stride.
    self.init(
      shape,
      run: shape.kernelWidth / shape.strideX * shape.groupOutputs,
      columns: shape.groupInputs
    )
  }

  /// A joined group has `factor` times the depth and a vector of columns where there were as many
  /// vectors, so that zeros cost nothing.
  private init?(_ shape: ConvolutionShape, run: Int, columns: Int) {
    guard !shape.isDepthwise, shape.groups > 1 else { return nil }
    // Few columns of long runs multiply along the depth.
    if columns <= most_few_columns && run >= GroupMerge.longRun { return nil }
    let factors = stride(from: min(16 / columns, shape.groups), to: 1, by: -1)
    guard let factor = factors.first(where: { shape.groups % $0 == 0 }) else { return nil }
    self.factor = factor
    whole = shape
    var merged = shape
    merged.groups = shape.groups / factor
    self.shape = merged
  }

  /// Floats of the joined groups' weights, from where on a workspace is free again.
  var weightsCount: Int { (shape.weightsCount + 15) / 16 * 16 }

  /// Writes the joined groups' weights.
  func expand(_ weights: Floats, into target: Floats, pool: WorkerPool) {
    pool.perform(whole.kernelHeight * whole.kernelWidth) { tap, _ in
      forEachGroup(tap) { member, own, merged, count in
        let from = weights.base + own
        let to = target.base + merged
        if member {
          to.update(from: from, count: count)
        } else {
          to.update(repeating: 0, count: count)
        }
      }
    }
  }

  /// Picks the gradients of the weights there are from those of the joined groups.
  func collapse(_ gradient: Floats, into target: Floats, pool: WorkerPool) {
    pool.perform(whole.kernelHeight * whole.kernelWidth) { tap, _ in
      forEachGroup(tap) { member, own, merged, count in
        if member { (target.base + own).update(from: gradient.base + merged, count: count) }
      }
    }
  }

  /// Calls `body` for each input of a joined group and each of the groups' outputs: whether they
  /// belong together, and where the weights begin, before and after joining.
  private func forEachGroup(
    _ tap: Int,
    _ body: (_ member: Bool, _ own: Int, _ merged: Int, _ count: Int) -> Void
  ) {
    let outputs = whole.groupOutputs
    for row in 0..<shape.groupInputs {
      let own = (tap * whole.groupInputs + row % whole.groupInputs) * whole.outputChannels
      let merged = (tap * shape.groupInputs + row) * whole.outputChannels
      for group in 0..<whole.groups {
        let isMember = group % factor == row / whole.groupInputs
        body(isMember, own + group * outputs, merged + group * outputs, outputs)
      }
    }
  }
}
