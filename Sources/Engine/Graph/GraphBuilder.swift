/// Builds a graph layer by layer; the functions of the zoo are written with it.
///
/// Each operation's file adds its own method here. Every method takes the layer's name, checks
/// shapes at once and throws a `GraphError` that names the layer.
package final class GraphBuilder {
  package let input: Value
  /// What calls mean that say nothing; set before the first layer.
  package var conventions = Conventions.pytorch
  package var pixels = PixelValues.standardized
  private var nodes: [Node]
  private var parameters: [Parameter] = []
  private var auxiliaries: [AuxiliaryOutput] = []
  private var scopes: [String] = []
  private var names: Set<String> = []

  /// - Parameter inputShape: height, width and channels of one image.
  package init(inputShape: Shape) {
    nodes = [
      Node(name: "input", operation: Input(), inputs: [], shape: inputShape, parameters: [])
    ]
    input = Value(node: 0)
  }

  package func shape(of value: Value) -> Shape { nodes[value.node].shape }

  /// Layers so far: the number of the next one.
  var nodeCount: Int { nodes.count }

  func node(of value: Value) -> Node { nodes[value.node] }

  /// Layers added in `body` get the name `scope.name`.
  package func scope<Result>(
    _ scope: String,
    _ body: () throws(GraphError) -> Result
  ) throws(GraphError) -> Result {
    scopes.append(scope)
    defer { scopes.removeLast() }
    return try body()
  }

  /// Makes `value` a further output, whose loss against the same labels is added to the
  /// network's with `lossWeight` in training.
  ///
  /// `isEvaluated` says whether it is computed in evaluation too, where nothing of the training
  /// needs it.
  package func auxiliary(_ value: Value, lossWeight: Double, isEvaluated: Bool = false) {
    auxiliaries.append(
      AuxiliaryOutput(value: value, lossWeight: lossWeight, isEvaluated: isEvaluated)
    )
  }

  /// Appends an operation and its parameters, which get the layer's name in front unless
  /// `weightsIn` gives another.
  package func append(
    _ operation: some Operation,
    name: String,
    inputs: [Value],
    weightsIn: String? = nil
  ) throws(GraphError) -> Value {
    let fullName = unique(inScope(name))
    let shapes = inputs.map(shape(of:))
    let result: Shape
    do {
      result = try operation.outputShape(shapes)
    } catch {
      throw GraphError(layer: fullName, problem: error)
    }
    let specs = operation.parameters(shapes)
    let first = parameters.count
    let weightsName = weightsIn.map(inScope) ?? fullName
    for var spec in specs {
      spec.fileLayout = conventions.fileLayout(of: spec)
      let name = conventions.name(of: spec.meaning, in: weightsName)
      parameters.append(Parameter(name: name, spec: spec))
    }
    nodes.append(
      Node(
        name: fullName,
        operation: operation,
        inputs: inputs,
        shape: result,
        parameters: Array(first..<parameters.count)
      )
    )
    return Value(node: nodes.count - 1)
  }

  /// The finished graph, whose logits are `output`.
  package func graph(output: Value) -> Graph {
    Graph(
      nodes: nodes,
      parameters: parameters,
      output: output,
      auxiliaries: auxiliaries,
      pixels: pixels
    )
  }

  private func inScope(_ name: String) -> String {
    (scopes + [name]).joined(separator: conventions.scopeSeparator)
  }

  /// Layers without weights may share a name; the second `relu` of a scope becomes `relu_2`.
  private func unique(_ name: String) -> String {
    var candidate = name
    var number = 2
    while !names.insert(candidate).inserted {
      candidate = "\(name)_\(number)"
      number += 1
    }
    return candidate
  }
}
