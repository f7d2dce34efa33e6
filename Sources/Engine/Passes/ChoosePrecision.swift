import Kernels

extension Graph {
  /// The same network with the results of its layers in a precision's type, wherever the
  /// operation can compute in it, and conversions where types meet.
  ///
  /// The images come and the outputs leave as f32.
  func inPrecision(_ precision: Precision) -> Graph {
    guard precision != .f32 else { return self }
    var pass = PrecisionPass(self, wanted: precision.element)
    return pass.run()
  }
}

/// One run of the pass over a graph.
private struct PrecisionPass {
  let source: Graph
  let wanted: ElementType
  private var result: Graph
  /// Where each value of the source stands in the result, by type; filled as somebody asks.
  private var places: [[ElementType: Value]] = []

  init(_ source: Graph, wanted: ElementType) {
    self.source = source
    self.wanted = wanted
    result = Graph(
      nodes: [],
      parameters: source.parameters,
      output: source.output,
      auxiliaries: source.auxiliaries,
      pixels: source.pixels
    )
  }

  mutating func run() -> Graph {
    for (index, node) in source.nodes.enumerated() {
      let element = element(of: node, at: index)
      var copy = node
      copy.element = element
      copy.inputs = node.inputs.map { value($0.node, as: element) }
      places.append([element: Value(node: result.nodes.count)])
      result.nodes.append(copy)
    }
    result.output = value(source.output.node, as: .f32)
    for index in result.auxiliaries.indices {
      result.auxiliaries[index].value = value(source.auxiliaries[index].value.node, as: .f32)
    }
    return result
  }

  private func element(of node: Node, at index: Int) -> ElementType {
    index > 0 && node.operation.elementTypes.contains(wanted) ? wanted : .f32
  }

  /// A source's value in a type: itself, or its conversion, made once.
  private mutating func value(_ index: Int, as element: ElementType) -> Value {
    if let place = places[index][element] { return place }
    guard let (_, original) = places[index].first else {
      preconditionFailure("\(source.nodes[index].name) is read before it is there")
    }
    let node = source.nodes[index]
    let place = Value(node: result.nodes.count)
    result.nodes.append(
      Node(
        name: "\(node.name) as \(element)",
        operation: Conversion(),
        inputs: [original],
        shape: node.shape,
        element: element,
        parameters: []
      )
    )
    places[index][element] = place
    return place
  }
}
