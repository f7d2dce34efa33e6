import Kernels

/// Some neighbouring channels of the input: [..., channels] to [..., count].
struct SliceChannels: Operation {
  let kind = "Slice"
  let elementTypes = Set(ElementType.allCases)
  /// The first channel taken.
  let start: Int
  let count: Int

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    guard count >= 1 else { throw .notPositive(what: "channels", value: count) }
    guard start >= 0, start + count <= inputs[0].channels else {
      throw .noSuchChannels(start: start, count: count, input: inputs[0])
    }
    return Shape(inputs[0].dimensions.dropLast() + [count])
  }

  func memory(_ site: OperationSite) -> MemoryNeeds { MemoryNeeds() }

  func forward(_ binding: Binding, _ step: StepContext) {
    Elementwise.addBorder(
      border(binding),
      images: 1,
      height: rows(binding),
      width: binding.inputShapes[0].channels,
      channels: 1,
      input: binding.inputs[0],
      output: binding.output,
      accumulate: false,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0] else { return }
    Elementwise.addBorder(
      border(binding).opposite,
      images: 1,
      height: rows(binding),
      width: count,
      channels: 1,
      input: binding.outputGradient,
      output: gradient.values,
      accumulate: gradient.accumulate,
      pool: step.pool
    )
  }

  /// Channels in the place of columns: those on either side are taken away.
  private func border(_ binding: Binding) -> Border {
    let behind = binding.inputShapes[0].channels - start - count
    return Border(top: 0, left: -start, bottom: 0, right: -behind)
  }

  private func rows(_ binding: Binding) -> Int { binding.batch * binding.outputShape.positions }
}

extension GraphBuilder {
  /// Adds a slice: the `count` channels from `start` on.
  package func sliceChannels(
    _ value: Value,
    _ name: String = "slice",
    from start: Int,
    count: Int
  ) throws(GraphError) -> Value {
    try append(SliceChannels(start: start, count: count), name: name, inputs: [value])
  }
}
