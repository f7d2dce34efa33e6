import Kernels

/// Batch normalisation (Ioffe and Szegedy 2015) over every dimension but the channels, with the
/// addition of a second input and an activation in its last pass if wanted.
///
/// Training normalises with the batch's mean and biased variance and moves the running
/// statistics by `momentum` (PyTorch's sense) towards the batch's mean and unbiased variance;
/// evaluation normalises with the running statistics. The backward pass computes the activation's
/// input again, so that only the normalisation's own input is kept.
struct BatchNormalization: Operation, AddsResidual, DefersResult, ReadsSums {
  let kind = "BatchNormalization"
  let elementTypes = Set(ElementType.allCases)
  let epsilon: Float
  var momentum: Float
  var activation = Activation.none
  var isDeferred = false
  var sumsSource: SumsSource?
  var addsResidual = false

  var canDefer: Bool { !addsResidual && (activation == .none || activation == .relu) }

  /// A residual is added before the rectifier or nothing: the backward pass reads the output.
  func fuses(_ activation: Activation) -> Bool { !addsResidual || activation == .relu }

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    if addsResidual, inputs[1] != inputs[0] { throw .shapesDiffer(inputs[0], inputs[1]) }
    return inputs[0]
  }

  func parameters(_ inputs: [Shape]) -> [ParameterSpec] {
    let shape = [inputs[0].channels]
    return [
      ParameterSpec(.scale, shape: shape, initializer: .constant(1)),
      ParameterSpec(.shift, shape: shape, initializer: .constant(0)),
      ParameterSpec(
        .mean,
        shape: shape,
        role: .statistic,
        initializer: .constant(0)
      ),
      ParameterSpec(
        .variance,
        shape: shape,
        role: .statistic,
        initializer: .constant(1)
      ),
    ]
  }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    var needs = MemoryNeeds()
    needs.backwardReadsFirstInput = true
    needs.backwardReadsOutput = addsResidual && activation != .none
    // The gradient before the activation is the residual's, and is read for the other one.
    needs.backwardInPlace = true
    needs.backwardInPlaceInput = addsResidual ? 1 : 0
    needs.isDeferred = isDeferred
    let channelBytes = site.output.channels * MemoryLayout<Float>.stride
    // Mean, inverse deviation and, for those who normalise as they read, the factor.
    needs.saved = Array(repeating: channelBytes, count: isDeferred ? 3 : 2)
    let workspace = Kernels.BatchNormalization.workspaceCount(
      rows: site.batch * site.output.positions,
      channels: site.output.channels
    )
    needs.forwardWorkspace = workspace
    guard site.mode == .training else {
      needs.forwardInPlace = !isDeferred
      return needs
    }
    needs.backwardWorkspace =
      workspace + NormalizationMemory.spareCount(channels: site.output.channels)
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    let rows = binding.batch * binding.outputShape.positions
    switch step.mode {
    case .training:
      Kernels.BatchNormalization.forwardTraining(
        rows: rows,
        channels: binding.outputShape.channels,
        input: binding.inputs[0],
        residual: residual(binding),
        sums: binding.inputSums,
        inherited: binding.inheritedStatistics,
        scale: binding.parameters[0],
        shift: binding.parameters[1],
        runningMean: binding.parameters[2],
        runningVariance: binding.parameters[3],
        mean: binding.saved[0].floats,
        inverseDeviation: binding.saved[1].floats,
        epsilon: epsilon,
        momentum: momentum,
        activation: activation,
        output: isDeferred ? nil : binding.output,
        workspace: binding.forwardWorkspace,
        pool: step.pool,
        factor: isDeferred ? binding.saved[2].floats : nil
      )
    case .evaluation where isDeferred:
      Kernels.BatchNormalization.runningFactor(
        scale: binding.parameters[0],
        runningVariance: binding.parameters[3],
        epsilon: epsilon,
        into: binding.saved[2].floats
      )
    case .evaluation:
      Kernels.BatchNormalization.forwardInference(
        rows: rows,
        channels: binding.outputShape.channels,
        input: binding.inputs[0],
        residual: residual(binding),
        scale: binding.parameters[0],
        shift: binding.parameters[1],
        runningMean: binding.parameters[2],
        runningVariance: binding.parameters[3],
        epsilon: epsilon,
        activation: activation,
        output: binding.output,
        workspace: binding.forwardWorkspace,
        pool: step.pool
      )
    }
  }

  /// The batch's statistics are still there, and the running ones have moved already.
  func recompute(_ binding: Binding, _ step: StepContext) {
    Kernels.BatchNormalization.forwardAgain(
      rows: binding.batch * binding.outputShape.positions,
      channels: binding.outputShape.channels,
      input: binding.inputs[0],
      residual: residual(binding),
      scale: binding.parameters[0],
      shift: binding.parameters[1],
      mean: binding.saved[0].floats,
      inverseDeviation: binding.saved[1].floats,
      activation: activation,
      output: binding.output,
      workspace: binding.forwardWorkspace,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    let gradient = binding.inputGradients[0]
    let memory = NormalizationMemory(binding)
    Kernels.BatchNormalization.backward(
      rows: binding.batch * binding.outputShape.positions,
      channels: binding.outputShape.channels,
      input: binding.inputs[0],
      residual: residualGradient(binding),
      outputGradient: binding.outputGradient,
      scale: binding.parameters[0],
      shift: binding.parameters[1],
      mean: binding.saved[0].floats,
      inverseDeviation: binding.saved[1].floats,
      inputGradient: gradient?.values,
      accumulate: gradient?.accumulate ?? false,
      scaleGradient: memory.scaleGradient,
      shiftGradient: memory.shiftGradient,
      activation: activation,
      workspace: memory.workspace,
      pool: step.pool
    )
  }

  private func residual(_ binding: Binding) -> Elements? {
    addsResidual ? binding.inputs[1] : nil
  }

  private func residualGradient(
    _ binding: Binding
  ) -> Kernels.BatchNormalization.ResidualGradient? {
    guard addsResidual else { return nil }
    return Kernels.BatchNormalization.ResidualGradient(
      output: activation == .none ? nil : binding.output,
      gradient: binding.inputGradients[1]?.values,
      accumulate: binding.inputGradients[1]?.accumulate ?? false
    )
  }

  func transform(_ binding: Binding, _ mode: Mode) -> ChannelTransform {
    ChannelTransform(
      mean: mode == .training ? binding.saved[0].floats : binding.parameters[2],
      factor: binding.saved[2].floats,
      shift: binding.parameters[1],
      relu: activation == .relu
    )
  }
}

extension GraphBuilder {
  /// Adds a batch normalisation with the constants of the conventions.
  package func batchNormalization(
    _ value: Value,
    _ name: String
  ) throws(GraphError) -> Value {
    try append(
      BatchNormalization(
        epsilon: conventions.normalizationEpsilon,
        momentum: conventions.normalizationMomentum
      ),
      name: name,
      inputs: [value]
    )
  }
}
