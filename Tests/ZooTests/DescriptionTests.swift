import Testing
import Zoo

@testable import Engine

/// What is told of every architecture: layers, memory, diagram.
@Suite
struct DescriptionTests {
  static let momentum = Optimizer.sgd(momentum: 0.9, weightDecay: 0, nesterov: false)
  static let names = Catalog.architectures.map(\.name)

  @Test(arguments: names)
  func `the layer table adds up to the counts`(_ name: String) throws {
    let graph = try graph(name)
    let table = graph.layerTable
    let counts = graph.parameterCounts
    #expect(table.count == graph.nodes.count)
    #expect(table.reduce(0) { $0 + $1.parameters } == counts.trainable + counts.statistics)
    #expect(table.reduce(0) { $0 + $1.multiplyAdds } >= graph.multiplyAdds)
    for row in table.dropFirst() {
      #expect(!row.connectedTo.isEmpty, Comment(rawValue: row.name))
    }
  }

  @Test(arguments: names)
  func `memory is known in both precisions`(_ name: String) throws {
    let graph = try graph(name)
    let memory = graph.trainingMemory(batch: 16, optimizer: Self.momentum)
    let wide = try #require(memory[.f32])
    let narrow = try #require(memory[.bf16])
    #expect(wide.weights == narrow.weights)
    // The images are there in both types: in a network of few layers that is more than it saves.
    let images = 16 * graph.inputShape.count * 2
    #expect(narrow.arena < wide.arena + images)
    #expect(
      narrow.total == narrow.weights + narrow.optimizerState + narrow.gradients + narrow.arena
    )
  }

  @Test(arguments: names)
  func `the diagram is shorter than the table and fits a terminal`(_ name: String) throws {
    let graph = try graph(name)
    let lines = BlockDiagram(graph).lines(width: 80)
    #expect(lines.count <= graph.nodes.count + 2)
    #expect(lines.last?.hasSuffix(" \(graph.outputShape)") == true)
    for line in lines { #expect(line.count <= 80, Comment(rawValue: line)) }
  }

  @Test(arguments: ["resnet18", "densenet121", "nasnet-mobile", "davit-t", "mobilenet-v2"])
  func `no two arrays that live at one time share a byte`(_ name: String) throws {
    let graph = try graph(name).fusingActivations()
    for precision in Precision.allCases {
      let plan = Plan(graph: graph.inPrecision(precision), mode: .training, batchSizes: [16])
      let storages = plan.storages.filter { $0.byteCount > 0 }.sorted { $0.offset < $1.offset }
      for (index, first) in storages.enumerated() {
        let end = first.offset + first.byteCount
        #expect(end <= plan.arenaByteCount)
        let neighbours = storages.dropFirst(index + 1).prefix { $0.offset < end }
        #expect(!neighbours.contains { $0.overlaps(first) })
      }
    }
  }

  @Test(arguments: names)
  func `the arena is little more than the busiest moment`(_ name: String) throws {
    let graph = try graph(name).fusingActivations()
    for precision in Precision.allCases {
      let plan = Plan(graph: graph.inPrecision(precision), mode: .training, batchSizes: [16])
      var change = Array(repeating: 0, count: 2 * plan.graph.nodes.count + 2)
      for storage in plan.storages {
        change[storage.first] += storage.byteCount
        change[storage.last + 1] -= storage.byteCount
      }
      var busy = 0
      let busiest =
        change.map { difference -> Int in
          busy += difference
          return busy
        }.max() ?? 0
      let share = Double(plan.arenaByteCount) / Double(busiest)
      #expect(share >= 1 && share < 1.06, "\(name) in \(precision): \(share)")
    }
  }

  @Test
  func `resnet18's diagram draws equal blocks once`() throws {
    let lines = BlockDiagram(try graph("resnet18")).lines()
    #expect(lines.contains { $0.contains("layer1.0 … 1") && $0.hasSuffix("┐ x 2") })
    #expect(lines.contains { $0.contains("1x1 conv, 128, /2 · BatchNorm") })
    #expect(lines.contains { $0.hasPrefix("│ add · ReLU") && $0.hasSuffix("7x7x512") })
  }

  private func graph(_ name: String) throws -> Graph {
    let architecture = try #require(Catalog.architecture(named: name))
    return try architecture.graph(
      inputShape: architecture.nativeInput,
      classes: architecture.nativeClasses
    )
  }
}
