import Kernels

/// A map cut into square windows: [height, width, channels] to
/// [windows, window · window, channels], with zeros where the last windows reach over the map.
struct WindowPartition: Operation {
  let kind = "WindowPartition"
  let elementTypes = Set(ElementType.allCases)
  let window: Int

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs[0].isMap else { throw .wantsMap(inputs[0]) }
    guard window >= 1 else { throw .notPositive(what: "window", value: window) }
    let grid = WindowGrid(map: inputs[0], window: window)
    return Shape([grid.windows, window * window, grid.channels])
  }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    var needs = MemoryNeeds()
    needs.isView = WindowGrid(map: site.inputs[0], window: window).isWhole
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    WindowGrid(map: binding.inputShapes[0], window: window).partition(
      binding.inputs[0],
      into: binding.output,
      batch: binding.batch,
      accumulate: false,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0] else { return }
    WindowGrid(map: binding.inputShapes[0], window: window).merge(
      binding.outputGradient,
      into: gradient.values,
      batch: binding.batch,
      accumulate: gradient.accumulate,
      pool: step.pool
    )
  }
}

/// Windows put together to the map they were cut from, without what was outside of it.
struct WindowMerge: Operation {
  let kind = "WindowMerge"
  let elementTypes = Set(ElementType.allCases)
  let height: Int
  let width: Int
  let window: Int

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    guard window >= 1 else { throw .notPositive(what: "window", value: window) }
    let map = Shape.map(height: height, width: width, channels: inputs[0].channels)
    let grid = WindowGrid(map: map, window: window)
    let wanted = Shape([grid.windows, window * window, grid.channels])
    guard inputs[0] == wanted else { throw .wantsShape(inputs[0], wanted: wanted) }
    return map
  }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    var needs = MemoryNeeds()
    needs.isView = WindowGrid(map: site.output, window: window).isWhole
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    WindowGrid(map: binding.outputShape, window: window).merge(
      binding.inputs[0],
      into: binding.output,
      batch: binding.batch,
      accumulate: false,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0] else { return }
    WindowGrid(map: binding.outputShape, window: window).partition(
      binding.outputGradient,
      into: gradient.values,
      batch: binding.batch,
      accumulate: gradient.accumulate,
      pool: step.pool
    )
  }
}

extension WindowGrid {
  fileprivate init(map: Shape, window: Int) {
    self.init(height: map.height, width: map.width, channels: map.channels, window: window)
  }
}

extension GraphBuilder {
  /// Adds a cut of a map into windows of `window` rows and columns, row by row, each a sequence
  /// of tokens; zero tokens fill the last ones up at the bottom and on the right.
  package func windowPartition(
    _ map: Value,
    _ name: String = "partition",
    window: Int
  ) throws(GraphError) -> Value {
    try append(WindowPartition(window: window), name: name, inputs: [map])
  }

  /// Adds the inverse of `windowPartition`: windows to a map of `height` and `width`.
  package func windowMerge(
    _ windows: Value,
    _ name: String = "merge",
    height: Int,
    width: Int,
    window: Int
  ) throws(GraphError) -> Value {
    try append(
      WindowMerge(height: height, width: width, window: window),
      name: name,
      inputs: [windows]
    )
  }
}
