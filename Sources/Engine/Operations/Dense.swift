import Kernels

/// A fully connected layer: output = input · weights + bias, with ReLU in its epilogue if wanted.
///
/// Input [in], output [out]; weights [in][out].
struct Dense: Operation, FusesActivation {
  let kind = "Dense"
  let features: Int
  let hasBias: Bool
  let weightInitializer: Initializer
  let biasInitializer: Initializer
  let fileLayout: FileLayout
  var activation = Activation.none

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    guard inputs[0].dimensions.count == 1 else { throw .wantsVector(inputs[0]) }
    guard features >= 1 else { throw .notPositive(what: "outputs", value: features) }
    return .vector(features)
  }

  func parameters(_ inputs: [Shape]) -> [ParameterSpec] {
    let weight = ParameterSpec(
      suffix: "weight",
      shape: [inputs[0].count, features],
      initializer: weightInitializer,
      fileLayout: fileLayout
    )
    let bias = ParameterSpec(suffix: "bias", shape: [features], initializer: biasInitializer)
    return hasBias ? [weight, bias] : [weight]
  }

  func multiplyAdds(_ inputs: [Shape], _ output: Shape) -> Int {
    inputs[0].count * output.count
  }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    let inputs = site.inputs[0].count
    var needs = MemoryNeeds()
    needs.backwardReadsInputs = true
    needs.backwardReadsOutput = activation != .none
    needs.forwardWorkspace = MatrixMultiply.packedCount(depth: inputs, columns: features)
    needs.backwardWorkspace = max(
      MatrixMultiply.packedCount(depth: features, columns: inputs),
      MatrixMultiply.transposedWorkspaceCount(
        rows: inputs,
        columns: features,
        depth: site.batch
      )
    )
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    let depth = binding.inputShapes[0].count
    MatrixMultiply.pack(
      binding.parameters[0],
      depth: depth,
      columns: features,
      transposed: false,
      into: binding.forwardWorkspace,
      pool: step.pool
    )
    MatrixMultiply.multiply(
      binding.inputs[0],
      packed: binding.forwardWorkspace,
      bias: hasBias ? binding.parameters[1] : nil,
      activation: activation,
      into: binding.output,
      rows: binding.batch,
      columns: features,
      depth: depth,
      accumulate: false,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    activation.maskGradient(binding, step)
    let inputs = binding.inputShapes[0].count
    if let weightsGradient = binding.parameterGradients[0] {
      MatrixMultiply.multiplyTransposed(
        binding.inputs[0],
        binding.outputGradient,
        into: weightsGradient,
        columnSums: hasBias ? binding.parameterGradients[1] : nil,
        rows: inputs,
        columns: features,
        depth: binding.batch,
        workspace: binding.backwardWorkspace,
        pool: step.pool
      )
    }
    if let gradient = binding.inputGradients[0] {
      MatrixMultiply.pack(
        binding.parameters[0],
        depth: features,
        columns: inputs,
        transposed: true,
        into: binding.backwardWorkspace,
        pool: step.pool
      )
      MatrixMultiply.multiply(
        binding.outputGradient,
        packed: binding.backwardWorkspace,
        bias: nil,
        activation: .none,
        into: gradient.values,
        rows: binding.batch,
        columns: inputs,
        depth: features,
        accumulate: gradient.accumulate,
        pool: step.pool
      )
    }
  }
}

extension GraphBuilder {
  /// Adds a fully connected layer with `features` outputs.
  package func dense(
    _ value: Value,
    _ name: String,
    features: Int,
    bias: Bool = true,
    weights: Initializer? = nil
  ) throws(GraphError) -> Value {
    let standard = Initializer.torchDefault(fanIn: shape(of: value).count)
    return try append(
      Dense(
        features: features,
        hasBias: bias,
        weightInitializer: weights ?? standard,
        biasInitializer: standard,
        fileLayout: fileLayout(behind: value)
      ),
      name: name,
      inputs: [value]
    )
  }

  private func fileLayout(behind value: Value) -> FileLayout {
    guard operation(of: value) is Flatten, let map = inputs(of: value).first.map(shape(of:)),
      map.isMap
    else { return .dense }
    return .denseAfterMap(height: map.height, width: map.width, channels: map.channels)
  }
}
