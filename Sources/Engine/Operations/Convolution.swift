import Kernels

/// A two-dimensional convolution with zero padding, and bias and ReLU in its epilogue if wanted.
///
/// Input [height, width, in], output [outHeight, outWidth, out]; weights
/// [kernelHeight][kernelWidth][in / groups][out]. The sum is a cross-correlation, as everywhere
/// in the field.
struct Convolution: Operation, FusesActivation {
  let kind = "Convolution"
  let channels: Int
  let window: Window
  let groups: Int
  let hasBias: Bool
  let weightInitializer: Initializer
  let biasInitializer: Initializer
  var activation = Activation.none

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape {
    let input = inputs[0]
    guard channels >= 1 else { throw .notPositive(what: "channels", value: channels) }
    let (height, width) = try window.outputSize(of: input, ceilMode: false)
    guard groups >= 1, input.channels % groups == 0 else {
      throw .channelsNotDivisible(channels: input.channels, groups: groups)
    }
    guard channels % groups == 0 else {
      throw .channelsNotDivisible(channels: channels, groups: groups)
    }
    return .map(height: height, width: width, channels: channels)
  }

  func parameters(_ inputs: [Shape]) -> [ParameterSpec] {
    let weight = ParameterSpec(
      suffix: "weight",
      shape: [window.height, window.width, inputs[0].channels / groups, channels],
      initializer: weightInitializer,
      fileLayout: .convolution
    )
    let bias = ParameterSpec(suffix: "bias", shape: [channels], initializer: biasInitializer)
    return hasBias ? [weight, bias] : [weight]
  }

  func multiplyAdds(_ inputs: [Shape], _ output: Shape) -> Int {
    output.count * window.height * window.width * (inputs[0].channels / groups)
  }

  func memory(_ site: OperationSite) -> MemoryNeeds {
    let shape = kernelShape(batch: site.batch, input: site.inputs[0])
    var needs = MemoryNeeds()
    needs.backwardReadsInputs = true
    needs.backwardReadsOutput = activation != .none
    needs.forwardWorkspace = Kernels.Convolution.forwardWorkspaceCount(shape)
    if site.mode == .training {
      needs.backwardWorkspace = max(
        Kernels.Convolution.backwardInputWorkspaceCount(shape),
        Kernels.Convolution.backwardWeightsWorkspaceCount(shape)
      )
    }
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    Kernels.Convolution.forward(
      kernelShape(batch: binding.batch, input: binding.inputShapes[0]),
      input: binding.inputs[0],
      weights: binding.parameters[0],
      bias: hasBias ? binding.parameters[1] : nil,
      activation: activation,
      output: binding.output,
      workspace: binding.forwardWorkspace,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    activation.maskGradient(binding, step)
    let shape = kernelShape(batch: binding.batch, input: binding.inputShapes[0])
    if let weightsGradient = binding.parameterGradients[0] {
      Kernels.Convolution.backwardWeights(
        shape,
        input: binding.inputs[0],
        outputGradient: binding.outputGradient,
        weightsGradient: weightsGradient,
        biasGradient: hasBias ? binding.parameterGradients[1] : nil,
        workspace: binding.backwardWorkspace,
        pool: step.pool
      )
    }
    if let gradient = binding.inputGradients[0] {
      Kernels.Convolution.backwardInput(
        shape,
        outputGradient: binding.outputGradient,
        weights: binding.parameters[0],
        inputGradient: gradient.values,
        accumulate: gradient.accumulate,
        workspace: binding.backwardWorkspace,
        pool: step.pool
      )
    }
  }

  private func kernelShape(batch: Int, input: Shape) -> ConvolutionShape {
    ConvolutionShape(
      batch: batch,
      inputHeight: input.height,
      inputWidth: input.width,
      inputChannels: input.channels,
      outputChannels: channels,
      kernelHeight: window.height,
      kernelWidth: window.width,
      strideY: window.strideY,
      strideX: window.strideX,
      padTop: window.padding.top,
      padLeft: window.padding.left,
      padBottom: window.padding.bottom,
      padRight: window.padding.right,
      dilationY: window.dilationY,
      dilationX: window.dilationX,
      groups: groups
    )
  }
}

extension GraphBuilder {
  /// Adds a convolution with a square window; weights and bias start as PyTorch's do unless
  /// `weights` says otherwise.
  package func convolution(
    _ value: Value,
    _ name: String,
    channels: Int,
    kernel: Int,
    stride: Int = 1,
    padding: Int = 0,
    dilation: Int = 1,
    groups: Int = 1,
    bias: Bool = true,
    weights: Initializer? = nil
  ) throws(GraphError) -> Value {
    try convolution(
      value,
      name,
      channels: channels,
      window: Window(
        size: kernel,
        stride: stride,
        padding: .even(padding),
        dilation: dilation
      ),
      groups: groups,
      bias: bias,
      weights: weights
    )
  }

  /// Adds a convolution with any window.
  package func convolution(
    _ value: Value,
    _ name: String,
    channels: Int,
    window: Window,
    groups: Int = 1,
    bias: Bool = true,
    weights: Initializer? = nil
  ) throws(GraphError) -> Value {
    let perGroup = shape(of: value).channels / max(groups, 1)
    let standard = Initializer.torchDefault(fanIn: window.height * window.width * perGroup)
    return try append(
      Convolution(
        channels: channels,
        window: window,
        groups: groups,
        hasBias: bias,
        weightInitializer: weights ?? standard,
        biasInitializer: standard
      ),
      name: name,
      inputs: [value]
    )
  }
}
