import Engine
import TestSupport
import Testing

/// Borders as other libraries put them, and layers that change their part in evaluation.
@Suite
struct PointwiseGraphTests {
  /// (side, kernel, stride, before, after) of TensorFlow's 'same'.
  @Test(arguments: [
    (224, 7, 2, 2, 3), (224, 3, 2, 0, 1), (113, 3, 2, 1, 1), (12, 5, 2, 1, 2), (10, 3, 1, 1, 1),
    (10, 2, 2, 0, 0), (5, 1, 3, 0, 0), (35, 2, 2, 0, 1),
  ])
  func `the 'same' border is TensorFlow's, the larger part behind`(
    side: Int,
    kernel: Int,
    stride: Int,
    before: Int,
    after: Int
  ) throws {
    let padding = Window.Padding.same(
      window: kernel,
      stride: stride,
      input: Shape([side, side + stride, 3])
    )
    #expect(padding.top == before && padding.bottom == after)
    #expect(padding.left == before && padding.right == after)
    let graph = GraphBuilder(inputShape: Shape([side, side, 1]))
    let result = try graph.maxPooling(
      graph.input,
      window: Window(size: kernel, stride: stride, padding: padding)
    )
    #expect(graph.shape(of: result).height == (side + stride - 1) / stride)
  }

  @Test
  func `a spread window's 'same' border covers its spread`() {
    let padding = Window.Padding.same(
      window: 3,
      stride: 1,
      input: Shape([9, 9, 1]),
      dilation: 2
    )
    #expect(padding == .even(2))
  }

  @Test(arguments: [(224, 3, 0, 1), (111, 5, 2, 2), (56, 7, 2, 3), (113, 3, 1, 1)])
  func `keras.applications puts less before an even side`(
    side: Int,
    kernel: Int,
    before: Int,
    after: Int
  ) {
    let padding = Window.Padding.correct(kernel: kernel, input: Shape([side, 9, 3]))
    #expect(padding.top == before && padding.bottom == after)
    #expect(padding.left == kernel / 2 && padding.right == kernel / 2)
  }

  @Test
  func `stochastic depth drops whole samples in training and nothing in evaluation`() throws {
    let batch = 16
    let small = try SmallModel(input: Shape([2, 3, 5]), batch: batch) {
      try $0.stochasticDepth($0.input, rate: 0.5)
    }
    let images = [Float](repeating: 1, count: batch * 30)
    small.setImages(images)
    let trained = small.forward()
    let samples = (0..<batch).map { Array(trained[$0 * 30..<($0 + 1) * 30]) }
    #expect(samples.allSatisfy { Set($0) == [0] || Set($0) == [2] })
    #expect(Set(samples.map { $0[0] }) == [0, 2])
    #expect(small.forward(step: 1) != trained)
    small.setImages(images, mode: .evaluation)
    _ = small.model.evaluate(batch: batch)
    #expect(Array(small.model.logits(mode: .evaluation, batch: batch)) == images)
  }

  @Test
  func `input normalisation has seven values that start as the identity and are not trained`()
    throws
  {
    let small = try SmallModel(input: Shape([2, 2, 3]), batch: 2) {
      try $0.inputNormalization($0.rescaling($0.input, scale: 1.0 / 255))
    }
    let graph = small.model.plan.graph
    #expect(graph.parameterCounts == (trainable: 0, statistics: 7))
    #expect(
      graph.parameters.map(\.name) == [
        "normalization.mean", "normalization.variance", "normalization.count",
      ]
    )
    let images = (0..<24).map { Float($0) * 10 }
    small.setImages(images)
    #expect(Closeness.relativeError(small.forward(), images.map { Double($0) / 255 }) < 1e-6)
    _ = small.model.values(of: 0).update(from: [0.5, 0, 0])
    _ = small.model.values(of: 1).update(from: [4, 1, 1])
    let moved = images.enumerated().map { index, value in
      index % 3 == 0 ? (Double(value) / 255 - 0.5) / 2 : Double(value) / 255
    }
    small.setImages(images)
    #expect(Closeness.relativeError(small.forward(), moved) < 1e-6)
  }

  @Test
  func `a layer scale's weights have the layer's name and ConvNeXt's shape in files`() throws {
    let small = try SmallModel(input: Shape([2, 2, 6]), batch: 1) {
      try $0.layerScale($0.input, "layer_scale", initial: 1e-6)
    }
    let parameter = small.model.plan.graph.parameters[0]
    #expect(parameter.name == "layer_scale" && parameter.fileShape == [6, 1, 1])
    #expect(Array(small.model.values(of: 0)) == [Float](repeating: 1e-6, count: 6))
  }

  @Test
  func `what does not fit is refused by name`() throws {
    let graph = GraphBuilder(inputShape: Shape([4, 4, 6]))
    let vector = try graph.globalAveragePooling(graph.input)
    #expect(throws: GraphError.self) { try graph.multiply(graph.input, by: vector, "se") }
    #expect(
      throws: GraphError(
        layer: "half",
        problem: .noSuchChannels(start: 4, count: 3, input: Shape([4, 4, 6]))
      )
    ) {
      try graph.sliceChannels(graph.input, "half", from: 4, count: 3)
    }
    #expect(throws: GraphError.self) { try graph.shuffleChannels(graph.input, groups: 4) }
    #expect(
      throws: GraphError(
        layer: "crop",
        problem: .notPositive(what: "output height", value: 0)
      )
    ) {
      try graph.zeroPadding(
        graph.input,
        "crop",
        padding: .init(top: -2, left: 0, bottom: -2, right: 0)
      )
    }
    #expect(throws: GraphError.self) {
      try graph.adaptiveAveragePooling(vector, height: 1, width: 1)
    }
  }
}
