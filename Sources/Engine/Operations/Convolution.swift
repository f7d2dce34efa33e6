import Kernels

/// A two-dimensional convolution with zero padding, and bias, ReLU and the sums a normalisation
/// needs in its epilogue if wanted.
///
/// Input [height, width, in], output [outHeight, outWidth, out]; weights
/// [kernelHeight][kernelWidth][in / groups][out]. The sum is a cross-correlation, as everywhere
/// in the field.
struct Convolution: Operation, FusesActivation, ReadsTransformed, LeavesSums {
  var kind: String { isDepthwise ? "DepthwiseConvolution" : "Convolution" }
  let elementTypes = Set(ElementType.allCases)
  let channels: Int
  let window: Window
  let groups: Int
  let isDepthwise: Bool
  let hasBias: Bool
  /// What the weights are in files: the kernel, or a part of a separable convolution's.
  let weightMeaning: ParameterSpec.Meaning
  let weightInitializer: Initializer
  let biasInitializer: Initializer
  var activation = Activation.none
  var leavesSums = false
  /// Whether the input is added to the result.
  var addsInput = false

  /// All but convolutions of every channel by itself, which have a kernel of their own.
  var readsTransformed: Bool { hasEpilogue }
  var canLeaveSums: Bool { hasEpilogue }
  private var hasEpilogue: Bool { groups == 1 || (!isDepthwise && groups != channels) }

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
      weightMeaning,
      shape: [window.height, window.width, inputs[0].channels / groups, channels],
      initializer: weightInitializer,
      fileLayout: isDepthwise ? .depthwise(inputs: inputs[0].channels) : .convolution
    )
    let bias = ParameterSpec(.bias, shape: [channels], initializer: biasInitializer)
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
    needs.forwardWorkspace += ownWeightsCount
    if leavesSums { needs.sums = Kernels.Convolution.sumsCount(shape) }
    if site.mode == .training {
      needs.backwardWorkspace = max(
        Kernels.Convolution.backwardInputWorkspaceCount(shape) + ownWeightsCount,
        Kernels.Convolution.backwardWeightsWorkspaceCount(shape)
      )
    }
    return needs
  }

  func forward(_ binding: Binding, _ step: StepContext) {
    let (weights, workspace) = weights(binding, binding.forwardWorkspace)
    Kernels.Convolution.forward(
      kernelShape(batch: binding.batch, input: binding.inputShapes[0]),
      input: binding.inputs[0],
      transform: binding.transforms[0],
      weights: weights,
      bias: hasBias ? binding.parameters[1] : nil,
      activation: activation,
      epilogue: ConvolutionEpilogue(sums: binding.sums?.values),
      output: binding.output,
      workspace: workspace,
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
        transform: binding.transforms[0],
        outputGradient: binding.outputGradient,
        weightsGradient: weightsGradient,
        biasGradient: hasBias ? binding.parameterGradients[1] : nil,
        workspace: binding.backwardWorkspace,
        pool: step.pool
      )
    }
    if let gradient = binding.inputGradients[0] {
      let (weights, workspace) = weights(binding, binding.backwardWorkspace)
      Kernels.Convolution.backwardInput(
        shape,
        outputGradient: binding.outputGradient,
        weights: weights,
        inputGradient: gradient.values,
        accumulate: gradient.accumulate,
        workspace: workspace,
        pool: step.pool
      )
    }
  }

  /// Whether a window's middle is the result's own pixel, so that the input can be added by its
  /// weight.
  func canAddInput(_ input: Shape) -> Bool {
    isDepthwise && channels == input.channels && window.strideY == 1 && window.strideX == 1
      && window.height % 2 == 1 && window.width % 2 == 1
      && window.padding.top == window.dilationY * (window.height / 2)
      && window.padding.bottom == window.padding.top
      && window.padding.left == window.dilationX * (window.width / 2)
      && window.padding.right == window.padding.left
  }

  /// Floats of weights that add the input, if this convolution does.
  private var ownWeightsCount: Int {
    addsInput ? (window.height * window.width * channels + 15) / 16 * 16 : 0
  }

  /// The weights that the kernels multiply with, and the workspace that is left to them.
  private func weights(_ binding: Binding, _ workspace: Floats) -> (Floats, Floats) {
    let weights = binding.parameters[0]
    guard addsInput else { return (weights, workspace) }
    workspace.base.update(from: weights.base, count: weights.count)
    let middle = workspace.base + window.height * window.width / 2 * channels
    for channel in 0..<channels { middle[channel] += 1 }
    return (workspace[0..<weights.count], workspace[ownWeightsCount..<workspace.count])
  }

  /// The kernels' words for this convolution at its place.
  func kernelShape(batch: Int, input: Shape) -> ConvolutionShape {
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
  /// Adds a convolution with a square window, which starts as the conventions say unless
  /// `weights` does.
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
    weights: WeightRule? = nil
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
    weights: WeightRule? = nil,
    weightMeaning: ParameterSpec.Meaning = .kernel,
    weightsIn: String? = nil
  ) throws(GraphError) -> Value {
    try append(
      convolution(
        of: value,
        channels: channels,
        window: window,
        groups: groups,
        isDepthwise: false,
        bias: bias,
        weights: weights,
        meaning: weightMeaning
      ),
      name: name,
      inputs: [value],
      weightsIn: weightsIn
    )
  }

  /// Adds a convolution of every channel by itself, into `multiplier` channels each: output
  /// channel c · multiplier + m comes from input channel c.
  package func depthwiseConvolution(
    _ value: Value,
    _ name: String,
    window: Window,
    multiplier: Int = 1,
    bias: Bool = true,
    weights: WeightRule? = nil,
    weightMeaning: ParameterSpec.Meaning = .kernel,
    weightsIn: String? = nil
  ) throws(GraphError) -> Value {
    let inputs = shape(of: value).channels
    return try append(
      convolution(
        of: value,
        channels: inputs * multiplier,
        window: window,
        groups: inputs,
        isDepthwise: true,
        bias: bias,
        weights: weights,
        meaning: weightMeaning
      ),
      name: name,
      inputs: [value],
      weightsIn: weightsIn
    )
  }

  /// Adds a depthwise and a 1x1 convolution without biases and with nothing between them, whose
  /// weights share a layer's name: `NAME/depthwise_kernel` and `NAME/pointwise_kernel`.
  ///
  /// Chollet 2016, arXiv 1610.02357; Keras' SeparableConv2D.
  package func separableConvolution(
    _ value: Value,
    _ name: String,
    channels: Int,
    window: Window
  ) throws(GraphError) -> Value {
    let spread = try depthwiseConvolution(
      value,
      name + "_depthwise",
      window: window,
      bias: false,
      weightMeaning: .named("depthwise_kernel"),
      weightsIn: name
    )
    return try convolution(
      spread,
      name,
      channels: channels,
      window: Window(size: 1),
      bias: false,
      weightMeaning: .named("pointwise_kernel")
    )
  }

  private func convolution(
    of value: Value,
    channels: Int,
    window: Window,
    groups: Int,
    isDepthwise: Bool,
    bias: Bool,
    weights: WeightRule?,
    meaning: ParameterSpec.Meaning
  ) -> Convolution {
    let fans = conventions.fans(
      window: window,
      inputs: shape(of: value).channels,
      outputs: channels,
      groups: groups,
      isDepthwise: isDepthwise
    )
    return Convolution(
      channels: channels,
      window: window,
      groups: groups,
      isDepthwise: isDepthwise,
      hasBias: bias,
      weightMeaning: meaning,
      weightInitializer: (weights ?? conventions.convolutionWeights).initializer(fans),
      biasInitializer: conventions.biases.initializer(fans)
    )
  }
}
