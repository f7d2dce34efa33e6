import Engine
import Foundation
import Testing
import Zoo

/// torchvision's networks against torchvision's own numbers, in `Fixtures/torchvision`.
@Suite
struct TorchvisionTests {
  /// What torchvision says of one network with one number of classes.
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let side: Int
    let classes: Int
    let trainable: Int
    let statistics: Int
    let multiplyAdds: Int
    let tensors: Int
    let hash: String
    let firstTensor: String
    let lastTensor: String

    var testDescription: String { "\(name), \(classes) outputs" }

    init?(_ line: Substring) {
      let fields = line.split(separator: " ").map(String.init)
      let numbers = fields.dropFirst().prefix(6).compactMap { Int($0) }
      guard fields.count == 10, numbers.count == 6 else { return nil }
      name = fields[0]
      side = numbers[0]
      classes = numbers[1]
      trainable = numbers[2]
      statistics = numbers[3]
      multiplyAdds = numbers[4]
      tensors = numbers[5]
      hash = fields[7]
      firstTensor = fields[8]
      lastTensor = fields[9]
    }

    func graph() throws -> Graph {
      let architecture = try #require(Catalog.architecture(named: name))
      let input = Shape.map(height: side, width: side, channels: 3)
      return try architecture.graph(inputShape: input, classes: classes)
    }
  }

  static let rows: [Row] = {
    let path = Bundle.module.bundlePath + "/Fixtures/torchvision/networks.txt"
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap { Row($0) }
  }()

  @Test
  func `the stored numbers are there`() {
    #expect(Self.rows.count == 86)
    #expect(Set(Self.rows.map(\.name)).count == 37)
  }

  @Test(arguments: rows)
  func `counts are torchvision's`(_ row: Row) throws {
    let graph = try row.graph()
    #expect(graph.parameterCounts.trainable == row.trainable)
    #expect(graph.parameterCounts.statistics == row.statistics)
    #expect(graph.multiplyAdds == row.multiplyAdds)
    #expect(graph.parameters.filter(\.isTrainable).count == row.tensors)
    #expect(graph.outputShape == .vector(row.classes))
  }

  @Test(arguments: rows)
  func `tensors have torchvision's names and shapes`(_ row: Row) throws {
    let lines = try row.graph().tensorListing
    #expect(lines.first?.hasPrefix(row.firstTensor + " ") == true)
    #expect(lines.last?.hasPrefix(row.lastTensor + " ") == true)
    #expect(hashText(lines.map { $0 + "\n" }.joined()) == row.hash)
  }

  @Test(arguments: rows)
  func `the published side and number of classes are the native ones`(_ row: Row) throws {
    let architecture = try #require(Catalog.architecture(named: row.name))
    #expect(architecture.nativeInput == .map(height: row.side, width: row.side, channels: 3))
    #expect(architecture.nativeClasses == 1000)
  }

  @Test(arguments: Set(rows.map(\.name)).sorted())
  func `images may be small and have other channels`(_ name: String) throws {
    let architecture = try #require(Catalog.architecture(named: name))
    let side = name == "alexnet" ? 63 : 32
    for channels in [1, 3, 4] {
      let input = Shape.map(height: side, width: side + 5, channels: channels)
      let graph = try architecture.graph(inputShape: input, classes: 1)
      #expect(graph.outputShape == .vector(1))
      #expect(graph.parameters.first?.fileShape.dropFirst().first == channels)
    }
  }

  struct Limit: Sendable, CustomTestStringConvertible {
    let name: String
    /// The smallest side that works.
    let side: Int
    /// The layer that one pixel less is too small for.
    let layer: String

    var testDescription: String { name }
  }

  static let limits = [
    Limit(name: "alexnet", side: 63, layer: "features.12"),
    Limit(name: "vgg11", side: 32, layer: "features.20"),
    Limit(name: "vgg19-bn", side: 32, layer: "features.52"),
    Limit(name: "densenet121", side: 29, layer: "features.transition3.pool"),
    Limit(name: "googlenet", side: 31, layer: "maxpool4"),
    Limit(name: "squeezenet1.1", side: 25, layer: "features.8"),
    Limit(name: "convnext-tiny", side: 32, layer: "features.6.1"),
  ]

  @Test(arguments: limits)
  func `too small an image is refused at a named layer`(_ limit: Limit) throws {
    let architecture = try #require(Catalog.architecture(named: limit.name))
    let enough = Shape.map(height: limit.side, width: limit.side, channels: 3)
    #expect(try architecture.graph(inputShape: enough, classes: 2).outputShape == .vector(2))
    let small = Shape.map(height: limit.side - 1, width: limit.side + 40, channels: 3)
    let error = #expect(throws: GraphError.self) {
      try architecture.graph(inputShape: small, classes: 2)
    }
    #expect(error?.layer == limit.layer)
    #expect(error?.description.contains("has a window of") == true)
  }

  @Test
  func `googlenet without its heads is torchvision's with aux_logits off`() throws {
    let architecture = try #require(Catalog.architecture(named: "googlenet"))
    let whole = try architecture.graph(inputShape: architecture.nativeInput, classes: 5)
    let plain = whole.withoutAuxiliaryOutputs()
    #expect(plain.auxiliaries.isEmpty)
    #expect(plain.parameterCounts.trainable == 5_605_029)
    #expect(plain.multiplyAdds == whole.multiplyAdds)
    #expect(!plain.nodes.contains { $0.name.hasPrefix("aux") })
  }

  @Test
  func `googlenet has two heads that only training computes`() throws {
    let architecture = try #require(Catalog.architecture(named: "googlenet"))
    let input = Shape.map(height: 64, width: 64, channels: 3)
    let graph = try architecture.graph(inputShape: input, classes: 7)
    #expect(graph.auxiliaries.map(\.lossWeight) == [0.3, 0.3])
    #expect(graph.auxiliaries.allSatisfy { !$0.isEvaluated })
    let shapes = graph.auxiliaries.map { graph.nodes[$0.value.node].shape }
    #expect(shapes == [.vector(7), .vector(7)])
    let names = graph.auxiliaries.map { graph.nodes[$0.value.node].name }
    #expect(names == ["aux1.fc2", "aux2.fc2"])
  }

  @Test
  func `one output of squeezenet may be negative`() throws {
    let architecture = try #require(Catalog.architecture(named: "squeezenet1.1"))
    let input = Shape.map(height: 64, width: 64, channels: 3)
    let one = try architecture.graph(inputShape: input, classes: 1)
    let two = try architecture.graph(inputShape: input, classes: 2)
    #expect(!one.nodes.contains { $0.name == "classifier.2" })
    #expect(two.nodes.contains { $0.name == "classifier.2" })
  }

  struct Start: Sendable, CustomTestStringConvertible {
    let name: String
    let parameter: String
    let initializer: Initializer

    var testDescription: String { "\(name) \(parameter)" }
  }

  // Written out from the `init` calls in torchvision's own code.
  static let starts = [
    Start(
      name: "alexnet",
      parameter: "features.0.bias",
      initializer: .uniform(bound: 1 / (3.0 * 121).squareRoot())
    ),
    Start(
      name: "vgg16-bn",
      parameter: "features.3.weight",
      initializer: .normal(deviation: (2.0 / (64 * 9)).squareRoot())
    ),
    Start(
      name: "vgg16",
      parameter: "classifier.6.weight",
      initializer: .normal(deviation: 0.01)
    ),
    Start(
      name: "resnext50",
      parameter: "layer1.0.conv2.weight",
      initializer: .normal(deviation: (2.0 / (128 * 9)).squareRoot())
    ),
    Start(
      name: "densenet121",
      parameter: "features.conv0.weight",
      initializer: .normal(deviation: (2.0 / (3 * 49)).squareRoot())
    ),
    Start(
      name: "densenet121",
      parameter: "classifier.bias",
      initializer: .constant(0)
    ),
    Start(
      name: "googlenet",
      parameter: "aux1.fc1.weight",
      initializer: .normal(deviation: 0.01)
    ),
    Start(
      name: "googlenet",
      parameter: "aux1.fc1.bias",
      initializer: .uniform(bound: 1 / 2048.0.squareRoot())
    ),
    Start(
      name: "squeezenet1.1",
      parameter: "features.3.squeeze.weight",
      initializer: .uniform(bound: (6.0 / 64).squareRoot())
    ),
    Start(
      name: "squeezenet1.1",
      parameter: "classifier.1.weight",
      initializer: .normal(deviation: 0.01)
    ),
    Start(
      name: "mobilenet-v2",
      parameter: "features.1.conv.0.0.weight",
      initializer: .normal(deviation: (2.0 / (32 * 9)).squareRoot())
    ),
    Start(
      name: "mnasnet1.0",
      parameter: "classifier.1.weight",
      initializer: .uniform(bound: (3.0 / 1000).squareRoot())
    ),
    Start(
      name: "shufflenet-v2-1.0",
      parameter: "stage2.0.branch1.0.weight",
      initializer: .uniform(bound: 1.0 / 3)
    ),
    Start(
      name: "convnext-tiny",
      parameter: "features.1.0.block.3.weight",
      initializer: .normal(deviation: 0.02)
    ),
    Start(
      name: "convnext-tiny",
      parameter: "features.1.0.layer_scale",
      initializer: .constant(1e-6)
    ),
    Start(
      name: "efficientnet-b0",
      parameter: "classifier.1.weight",
      initializer: .uniform(bound: 1 / 1000.0.squareRoot())
    ),
    Start(
      name: "efficientnet-lite0",
      parameter: "_blocks.3._depthwise_conv.weight",
      initializer: .normal(deviation: (2.0 / 25).squareRoot())
    ),
  ]

  @Test(arguments: starts)
  func `weights start as torchvision's`(_ start: Start) throws {
    let architecture = try #require(Catalog.architecture(named: start.name))
    let graph = try architecture.graph(inputShape: architecture.nativeInput, classes: 1000)
    let parameter = try #require(graph.parameters.first { $0.name == start.parameter })
    #expect(values(parameter.spec.initializer, are: start.initializer))
  }

  private func values(_ first: Initializer, are second: Initializer) -> Bool {
    switch (first, second) {
    case (.constant(let a), .constant(let b)): a == b
    case (.uniform(let a), .uniform(let b)): abs(a / b - 1) < 1e-12
    case (.normal(let a), .normal(let b)): abs(a / b - 1) < 1e-12
    default: false
    }
  }
}
