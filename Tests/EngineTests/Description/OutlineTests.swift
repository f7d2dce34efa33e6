import Testing

@testable import Engine

/// What is found in a network's connections: cuts, branches, repetitions.
@Suite
struct OutlineTests {
  @Test(arguments: [
    ("a", "a"), ("ab", "a b"), ("aab", "2a b"), ("ababab", "3ab"), ("abcc", "a b 2c"),
    ("aabaab", "2aab"), ("xabababy", "x 3ab y"), ("", ""),
  ])
  func `the repetition that covers most is taken`(_ text: String, _ expected: String) {
    let items = Array(text)
    let runs = OutlineFolding.runs(items).map { run in
      let unit = String(items[run.start..<(run.start + run.period)])
      return run.count > 1 ? "\(run.count)\(unit)" : unit
    }
    #expect(runs.joined(separator: " ") == expected)
  }

  @Test
  func `a residual block has two ways, the second of them empty`() throws {
    let outline = try outline(Shape([8, 8, 4])) { (graph) throws(GraphError) in
      let value = try graph.convolution(graph.input, "start", channels: 4, kernel: 3, padding: 1)
      let deep = try graph.convolution(value, "b.conv", channels: 4, kernel: 3, padding: 1)
      return try graph.relu(graph.add(deep, value, "b.add"), "b.relu")
    }
    #expect(outline.count == 2)
    guard case .branches(let block) = outline[1] else {
      Issue.record("\(outline[1])")
      return
    }
    #expect(block.columns.map(\.count) == [1, 0])
    #expect(block.join.captions == ["add", "ReLU"])
    #expect(block.name == "b")
  }

  @Test
  func `a value that skips a join makes a cell`() throws {
    let outline = try outline(Shape([8, 8, 4])) { (graph) throws(GraphError) in
      let first = try graph.convolution(graph.input, "c.a", channels: 4, kernel: 1)
      let second = try graph.convolution(first, "c.b", channels: 4, kernel: 1)
      let inner = try graph.add(first, second, "c.inner")
      let third = try graph.convolution(inner, "c.d", channels: 4, kernel: 1)
      let outer = try graph.add(third, second, "c.outer")
      return try graph.add(outer, graph.input, "c.all")
    }
    let cells = outline.filter { if case .cell = $0 { true } else { false } }
    #expect(cells.count >= 1 || outline.contains { $0.signature.contains("=") })
  }

  @Test
  func `a concatenation of all earlier layers is one of the last sum and the next layer`() throws {
    let outline = try outline(Shape([8, 8, 4])) { (graph) throws(GraphError) in
      var features = [try graph.convolution(graph.input, "start", channels: 8, kernel: 1)]
      var all = features[0]
      for layer in 1...5 {
        features.append(try graph.convolution(all, "layer\(layer)", channels: 4, kernel: 1))
        all = try graph.concatenate(features, "concat\(layer)")
      }
      return all
    }
    #expect(outline.count == 2)
    guard case .repeated(let count, let unit, let last) = outline[1] else {
      Issue.record("\(outline)")
      return
    }
    #expect(count == 5)
    #expect(unit.count == 1)
    #expect(last.last?.shape == Shape([8, 8, 28]))
  }

  @Test
  func `auxiliary outputs stand beside the network`() throws {
    let builder = GraphBuilder(inputShape: Shape([4]))
    let value = try builder.dense(builder.input, "one", features: 4)
    let side = try builder.dense(value, "side", features: 2)
    builder.auxiliary(side, lossWeight: 0.3)
    let graph = builder.graph(output: try builder.dense(value, "two", features: 2))
    let outline = OutlineBuilder(graph).outline()
    #expect(outline.map(\.name) == ["one", "side", "two"])
    guard case .side = outline[1] else {
      Issue.record("\(outline[1])")
      return
    }
  }

  @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8])
  func `every layer of any network is in its diagram's sum`(_ seed: UInt64) throws {
    let graph = try RandomGraph.make(layers: 60, seed: seed)
    let lines = BlockDiagram(graph).lines()
    #expect(lines.count > 10)
    #expect(lines.first?.hasPrefix("images") == true)
    #expect(lines.joined().contains("dense, 3"))
  }

  private func outline(
    _ input: Shape,
    _ body: (GraphBuilder) throws(GraphError) -> Value
  ) throws -> [Outline] {
    let builder = GraphBuilder(inputShape: input)
    return OutlineBuilder(builder.graph(output: try body(builder))).outline()
  }
}
