import Engine
import Testing
import Zoo

/// What images the reports' networks, Keras' and the transformers take.
@Suite
struct ReportNetworkLimitTests {
  /// Names, and the smallest side that works.
  static let smallest = [
    ("dnn", 1), ("cnn-lecture", 8), ("resnet-lecture", 1), ("resnet-custom", 1), ("cnn-v1", 10),
    ("cnn-v2", 8), ("cnn-v3", 8), ("lenet5", 12), ("alexnet-mini", 37), ("googlenet-280", 93),
    ("resnet50-keras", 1), ("efficientnet-b0-keras", 1), ("nasnet-mobile", 3),
    ("vit-b16", 16), ("vit-s32", 32), ("davit-t", 1),
  ]

  @Test(arguments: smallest)
  func `images may be small, grey or with a fourth channel, and not square`(
    _ name: String,
    _ side: Int
  ) throws {
    for (height, width, channels) in [(side, side, 1), (side, side + 5, 4), (side + 9, side, 3)] {
      let input = Shape([height, width, channels])
      #expect(try graph(name, input, classes: 3).outputShape == .vector(3))
    }
  }

  @Test(arguments: smallest.filter { $0.1 > 1 })
  func `smaller images are refused with the layer's name`(_ name: String, _ side: Int) throws {
    let error = try #require(throws: GraphError.self) {
      try graph(name, Shape([side - 1, side - 1, 3]), classes: 3)
    }
    #expect(error.layer != "input")
    #expect(error.description.contains("window"))
  }

  @Test
  func `googlenet's auxiliary heads count and are computed in evaluation`() throws {
    let graph = try graph("googlenet-280", Shape([280, 280, 3]), classes: 1)
    #expect(graph.auxiliaries.map(\.lossWeight) == [1, 1])
    #expect(graph.auxiliaries.map(\.isEvaluated) == [true, true])
  }

  @Test
  func `only Keras' EfficientNet reads bytes`() throws {
    for architecture in Catalog.architectures {
      let graph = try architecture.graph(inputShape: architecture.nativeInput, classes: 2)
      let expected: PixelValues =
        architecture.name == "efficientnet-b0-keras" ? .bytes : .standardized
      #expect(graph.pixels == expected)
    }
  }

  @Test(arguments: [(224, 7), (280, 9), (32, 1), (256, 8)])
  func `a DaViT's window has a token for every 32 pixels of the image`(
    _ side: Int,
    _ window: Int
  ) throws {
    let graph = try graph("davit-t", Shape([side, side, 3]), classes: 2)
    let attention = try #require(graph.nodes.first { $0.operation.kind == "Attention" })
    #expect(attention.shape.dimensions[1] == window * window)
  }

  private func graph(_ name: String, _ input: Shape, classes: Int) throws -> Graph {
    try #require(Catalog.architecture(named: name)).graph(inputShape: input, classes: classes)
  }
}
