import Engine
import Testing
import Zoo

/// The architectures' counts, names and limits.
@Suite
struct CatalogTests {
  struct Count: Sendable {
    let name: String
    let input: Shape
    let classes: Int
    let trainable: Int
    let statistics: Int
    let multiplyAdds: Int
  }

  // dnn and cnn: PyTorch's own counts of the same layers; resnet18: torchvision 0.28.
  static let counts = [
    Count(
      name: "dnn",
      input: Shape([32, 32, 3]),
      classes: 10,
      trainable: 1_738_890,
      statistics: 0,
      multiplyAdds: 1_737_984
    ),
    Count(
      name: "cnn",
      input: Shape([32, 32, 3]),
      classes: 10,
      trainable: 620_810,
      statistics: 448,
      multiplyAdds: 10_848_768
    ),
    Count(
      name: "resnet18",
      input: Shape([224, 224, 3]),
      classes: 10,
      trainable: 11_181_642,
      statistics: 9600,
      multiplyAdds: 1_813_566_464
    ),
  ]

  @Test(arguments: counts)
  func `parameters and multiply-adds are exact`(_ count: Count) throws {
    let graph = try graph(count.name, count.input, classes: count.classes)
    #expect(graph.parameterCounts.trainable == count.trainable)
    #expect(graph.parameterCounts.statistics == count.statistics)
    #expect(graph.multiplyAdds == count.multiplyAdds)
    #expect(graph.outputShape == .vector(count.classes))
  }

  @Test
  func `resnet18's tensors have torchvision's names`() throws {
    let graph = try graph("resnet18", Shape([64, 64, 3]), classes: 10)
    let names = graph.parameters.filter(\.isTrainable).map(\.name)
    #expect(names.count == 62)
    #expect(
      names.prefix(4) == ["conv1.weight", "bn1.weight", "bn1.bias", "layer1.0.conv1.weight"]
    )
    #expect(names.contains("layer2.0.downsample.0.weight"))
    #expect(names.contains("layer4.1.bn2.bias"))
    #expect(names.suffix(2) == ["fc.weight", "fc.bias"])
    #expect(Set(graph.parameters.map(\.name)).count == graph.parameters.count)
  }

  @Test(arguments: [2, 3, 4, 5, 7, 8, 28, 33])
  func `cnn adapts to images of any side`(_ side: Int) throws {
    let graph = try graph("cnn", Shape([side, side, 1]), classes: 3)
    #expect(graph.outputShape == .vector(3))
  }

  @Test
  func `cnn refuses images that its pooling would eat`() {
    #expect(throws: GraphError.self) { try graph("cnn", Shape([1, 9, 1]), classes: 3) }
  }

  @Test
  func `every architecture takes one output for two classes`() throws {
    for architecture in Catalog.architectures {
      let graph = try architecture.graph(inputShape: architecture.nativeInput, classes: 1)
      #expect(graph.outputShape == .vector(1))
    }
  }

  @Test
  func `names are unique and found`() {
    let names = Catalog.architectures.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(Catalog.architecture(named: "resnet18")?.family == "resnet")
    #expect(Catalog.architecture(named: "resnet-18") == nil)
  }

  private func graph(_ name: String, _ input: Shape, classes: Int) throws -> Graph {
    try #require(Catalog.architecture(named: name)).graph(inputShape: input, classes: classes)
  }
}
