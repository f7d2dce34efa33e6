import Engine
import Testing

/// Names, layouts and first values of weights, as each library has them.
@Suite
struct ConventionsTests {
  private func graph(_ conventions: Conventions) throws -> Graph {
    let builder = GraphBuilder(inputShape: Shape([8, 8, 6]))
    builder.conventions = conventions
    var value = try builder.scope("block1") { () throws(GraphError) -> Value in
      try builder.convolution(builder.input, "conv", channels: 4, kernel: 3)
    }
    value = try builder.batchNormalization(value, "bn")
    value = try builder.depthwiseConvolution(value, "dw", window: Window(size: 3), multiplier: 2)
    value = try builder.separableConvolution(value, "sep", channels: 5, window: Window(size: 3))
    value = try builder.dropout(builder.flatten(value), rate: 0.5)
    return builder.graph(output: try builder.dense(value, "fc", features: 7))
  }

  @Test
  func `PyTorch's names and dimensions`() throws {
    let parameters = try graph(.pytorch).parameters
    #expect(
      parameters.map(\.name) == [
        "block1.conv.weight", "block1.conv.bias", "bn.weight", "bn.bias", "bn.running_mean",
        "bn.running_var", "dw.weight", "dw.bias", "sep.depthwise_kernel", "sep.pointwise_kernel",
        "fc.weight", "fc.bias",
      ]
    )
    #expect(parameters[0].fileShape == [4, 6, 3, 3])
    #expect(parameters[6].fileShape == [8, 1, 3, 3])
    #expect(parameters[10].fileShape == [7, 20])
    #expect(
      parameters[10].spec.fileLayout == .denseAfterMap(height: 2, width: 2, channels: 5)
    )
  }

  @Test
  func `Keras' names and dimensions`() throws {
    let parameters = try graph(.keras).parameters
    #expect(
      parameters.map(\.name) == [
        "block1_conv/kernel", "block1_conv/bias", "bn/gamma", "bn/beta", "bn/moving_mean",
        "bn/moving_variance", "dw/kernel", "dw/bias", "sep/depthwise_kernel",
        "sep/pointwise_kernel", "fc/kernel", "fc/bias",
      ]
    )
    #expect(parameters[0].fileShape == [3, 3, 6, 4])
    #expect(parameters[6].fileShape == [3, 3, 4, 2])
    #expect(parameters[8].fileShape == [3, 3, 8, 1])
    #expect(parameters[10].fileShape == [20, 7])
    #expect(parameters[10].spec.fileLayout == .same)
  }

  @Test
  func `first values follow the library's fans`() throws {
    let keras = try graph(.keras).parameters.map(\.spec.initializer)
    // Glorot: ±√(6 / (inputs + outputs)).
    func glorot(_ inputs: Int, _ outputs: Int) -> Initializer {
      .uniform(bound: (3 * (1 / (Double(inputs + outputs) / 2))).squareRoot())
    }
    #expect(keras[0] == glorot(54, 36))
    #expect(keras[1] == .constant(0))
    #expect(keras[6] == glorot(36, 18))
    #expect(keras[10] == glorot(20, 7))
    let pytorch = try graph(.pytorch).parameters.map(\.spec.initializer)
    let bound = 1 / 54.0.squareRoot()
    let third = 1.0 / 3
    #expect(pytorch[0] == .uniform(bound: bound))
    #expect(pytorch[1] == pytorch[0])
    #expect(pytorch[6] == .uniform(bound: third))

    var he = Conventions.pytorch
    he.convolutionWeights = .heNormal(.outputs)
    let drawn = try graph(he).parameters.map(\.spec.initializer)
    let deviations = [(2.0 / 36).squareRoot(), (2.0 / 72).squareRoot()]
    #expect(drawn[0] == .normal(deviation: deviations[0]))
    #expect(drawn[6] == .normal(deviation: deviations[1]))
  }

  @Test
  func `a cut normal distribution keeps its deviation`() throws {
    var cut = Conventions.keras
    cut.convolutionWeights = .scaled(2, .inputs, .truncatedNormal)
    let builder = GraphBuilder(inputShape: Shape([8, 8, 64]))
    builder.conventions = cut
    let value = try builder.convolution(builder.input, "c", channels: 64, kernel: 3)
    let model = try Model(
      plan: ModelPlan(
        graph: builder.graph(output: value),
        optimizer: .sgd(momentum: 0, weightDecay: 0, nesterov: false),
        trainingBatches: [1],
        evaluationBatches: [1]
      ),
      threads: 1
    )
    model.initialize(seed: 1)
    let values = model.values(of: 0)
    let squares = values.map { Double($0 * $0) }
    let deviation = (squares.reduce(0, +) / Double(values.count)).squareRoot()
    let wanted = (2.0 / 576).squareRoot()
    #expect(abs(deviation / wanted - 1) < 0.02)
    #expect(values.allSatisfy { abs(Double($0)) <= 2.28 * wanted })
  }
}
