import Kernels

/// A fully connected layer: output = input · weights + bias, with the addition of a second input
/// and an activation at its end if wanted.
///
/// Input [in], output [out]; weights [in][out]. Dimensions before the last are kept: tokens
/// [tokens, in] become [tokens, out], a map [height, width, in] becomes [height, width, out].
struct Dense: Operation, AddsResidual, LeavesSlopes, TakesSlopes {
  let kind = "Dense"
  let elementTypes = Set(ElementType.allCases)
  let features: Int
  let hasBias: Bool
  let weightInitializer: Initializer
  let biasInitializer: Initializer
  let fileLayout: FileLayout
  var activation = Activation.none
  var takesSlopedGradient = false
  var slopesSource: SlopesSource?
  var addsResidual = false

  /// A smooth activation that does not need its input backward has no array to take the slopes.
  func fuses(_ activation: Activation) -> Bool {
    guard case .function(let function) = activation else { return true }
    return function.slopeNeedsInput
  }

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    guard features >= 1 else { throw .notPositive(what: "outputs", value: features) }
    let shape = Shape(inputs[0].dimensions.dropLast() + [features])
    if addsResidual, inputs[1] != shape { throw .shapesDiffer(inputs[1], shape) }
    return shape
  }

  func parameters(_ inputs: [Shape]) -> [ParameterSpec] {
    let weight = ParameterSpec(
      .kernel,
      shape: [inputs[0].channels, features],
      initializer: weightInitializer,
      fileLayout: fileLayout
    )
    let bias = ParameterSpec(.bias, shape: [features], initializer: biasInitializer)
    return hasBias ? [weight, bias] : [weight]
  }

  func multiplyAdds(_ inputs: [Shape], _ output: Shape) -> Int {
    inputs[0].channels * output.count
  }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    let inputs = site.inputs[0].channels
    let rows = site.batch * site.output.positions
    var needs = MemoryNeeds()
    needs.backwardReadsFirstInput = true
    // The sum's gradient is the second input's too.
    needs.backwardInPlace = addsResidual
    needs.backwardInPlaceInput = 1
    needs.backwardReadsOutput = activation == .relu
    if case .function = activation, site.mode == .training {
      needs.saved = [rows * features * site.element.stride]
    }
    needs.forwardWorkspace = MatrixMultiply.workspaceCount(
      rows: rows,
      columns: features,
      depth: inputs
    )
    needs.backwardWorkspace = max(
      MatrixMultiply.workspaceCount(rows: rows, columns: inputs, depth: features),
      MatrixMultiply.transposedWorkspaceCount(
        rows: inputs,
        columns: features,
        depth: rows
      )
    )
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    let depth = binding.inputShapes[0].channels
    MatrixMultiply.multiply(
      binding.inputs[0],
      binding.parameters[0],
      transposed: false,
      bias: hasBias ? binding.parameters[1] : nil,
      activation: activation,
      ending: ProductEnding(
        added: addsResidual ? binding.inputs[1] : nil,
        kept: binding.saved.first?.elements(like: binding.output)
      ),
      into: binding.output,
      rows: binding.batch * binding.outputShape.positions,
      columns: features,
      depth: depth,
      accumulate: false,
      workspace: binding.forwardWorkspace,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    if !takesSlopedGradient { activation.maskGradient(binding, step) }
    let inputs = binding.inputShapes[0].channels
    let rows = binding.batch * binding.outputShape.positions
    if let weightsGradient = binding.parameterGradients[0] {
      MatrixMultiply.multiplyTransposed(
        binding.inputs[0],
        binding.outputGradient,
        into: weightsGradient,
        columnSums: hasBias ? binding.parameterGradients[1] : nil,
        rows: inputs,
        columns: features,
        depth: rows,
        workspace: binding.backwardWorkspace,
        pool: step.pool
      )
    }
    if let gradient = binding.inputGradients[0] {
      MatrixMultiply.multiply(
        binding.outputGradient,
        binding.parameters[0],
        transposed: true,
        bias: nil,
        activation: .none,
        ending: ProductEnding(slopes: binding.inputSlopes),
        into: gradient.values,
        rows: rows,
        columns: inputs,
        depth: features,
        accumulate: gradient.accumulate,
        workspace: binding.backwardWorkspace,
        pool: step.pool
      )
    }
    if addsResidual, let gradient = binding.inputGradients[1],
      gradient.accumulate || gradient.values.base != binding.outputGradient.base
    {
      Elementwise.convert(
        binding.outputGradient,
        into: gradient.values,
        accumulate: gradient.accumulate,
        pool: step.pool
      )
    }
  }
}

extension GraphBuilder {
  /// Adds a fully connected layer over the last dimension, with `features` outputs, which starts
  /// as the conventions say unless `weights` does.
  package func dense(
    _ value: Value,
    _ name: String,
    features: Int,
    bias: Bool = true,
    weights: WeightRule? = nil,
    biases: WeightRule? = nil
  ) throws(GraphError) -> Value {
    let fans = Fans(inputs: shape(of: value).channels, outputs: features)
    return try append(
      Dense(
        features: features,
        hasBias: bias,
        weightInitializer: (weights ?? conventions.denseWeights).initializer(fans),
        biasInitializer: (biases ?? conventions.biases).initializer(fans),
        fileLayout: fileLayout(behind: value)
      ),
      name: name,
      inputs: [value]
    )
  }

  /// Looks for the flattening that `value` comes from, past dropout and activations.
  private func fileLayout(behind value: Value) -> FileLayout {
    var node = node(of: value)
    while !(node.operation is Flatten), node.inputs.count == 1, node.parameters.isEmpty,
      shape(of: node.inputs[0]) == node.shape
    {
      node = self.node(of: node.inputs[0])
    }
    guard node.operation is Flatten, let map = node.inputs.first.map(shape(of:)), map.isMap else {
      return .dense
    }
    return .denseAfterMap(height: map.height, width: map.width, channels: map.channels)
  }
}
