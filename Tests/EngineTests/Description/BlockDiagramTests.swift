import Testing

@testable import Engine

/// Small networks of every kind, drawn.
@Suite
struct BlockDiagramTests {
  @Test
  func `a residual stage`() throws {
    let lines = try drawn(Shape([16, 16, 3])) { (graph) throws(GraphError) in
      var value = try convolved(graph, graph.input, "conv1", channels: 8, kernel: 3)
      for block in 0..<3 {
        value = try graph.scope("layer1.\(block)") { () throws(GraphError) -> Value in
          let first = try convolved(graph, value, "conv1", channels: 16, kernel: 3)
          let deep = try graph.convolution(first, "conv2", channels: 16, kernel: 3, padding: 1)
          let shortcut =
            block > 0
            ? value : try graph.convolution(value, "downsample", channels: 16, kernel: 1)
          return try graph.relu(graph.add(deep, shortcut), "relu2")
        }
      }
      return try graph.dense(graph.globalAveragePooling(value, "pool"), "fc", features: 10)
    }
    #expect(
      lines == [
        "images                                                            16x16x3",
        "│ 3x3 conv, 8 · BatchNorm · ReLU        conv1                     16x16x8",
        "├──────────────────────────────────┐    layer1.0",
        "│ 3x3 conv, 16 · BatchNorm · ReLU  │ 1x1 conv, 16",
        "│ 3x3 conv, 16                     │",
        "├──────────────────────────────────┘",
        "│ add · ReLU                                                     16x16x16",
        "├──────────────────────────────────┐    layer1.1 … 2                      ┐ x 2",
        "│ 3x3 conv, 16 · BatchNorm · ReLU  │                                      │",
        "│ 3x3 conv, 16                     │                                      │",
        "├──────────────────────────────────┘                                      │",
        "│ add · ReLU                                                     16x16x16 ┘",
        "│ global average pool                   pool                           16",
        "│ dense, 10                             fc                             10",
      ]
    )
  }

  @Test
  func `four ways side by side use the short word`() throws {
    let lines = try drawn(Shape([16, 16, 3])) { (graph) throws(GraphError) in
      let ways = try [16, 24, 32, 48].map { (channels) throws(GraphError) in
        try convolved(graph, graph.input, "mixed.\(channels)", channels: channels, kernel: 3)
      }
      return try graph.concatenate(ways, "mixed.concat")
    }
    #expect(
      lines == [
        "images                                                            16x16x3",
        "├────────────────┬────────────────┬────────────────┐  mixed",
        "│ 3x3 conv, 16   │ 3x3 conv, 24   │ 3x3 conv, 32   │ 3x3 conv, 48",
        "│   norm · ReLU  │   norm · ReLU  │   norm · ReLU  │   norm · ReLU",
        "├────────────────┴────────────────┴────────────────┘",
        "│ concatenate                                                   16x16x120",
      ]
    )
  }

  @Test
  func `a value that two cells read is named`() throws {
    let lines = try drawn(Shape([8, 8, 4])) { (graph) throws(GraphError) in
      var before = graph.input
      var last = try graph.convolution(graph.input, "stem", channels: 4, kernel: 1)
      for cell in 1...3 {
        let first = try graph.convolution(before, "a\(cell)", channels: 4, kernel: 3, padding: 1)
        let second = try graph.convolution(last, "b\(cell)", channels: 4, kernel: 3, padding: 1)
        let sum = try graph.add(first, second, "sum\(cell)")
        let more = try graph.convolution(second, "c\(cell)", channels: 4, kernel: 1)
        (before, last) = (last, try graph.concatenate([sum, more, first], "cell\(cell)"))
      }
      return try graph.concatenate([before, last], "end")
    }
    #expect(lines.contains { $0.hasPrefix("├─ cell of last and 2nd last") })
    #expect(lines.contains { $0.hasPrefix("├─ cell of last and stem") })
    #expect(lines.contains { $0.hasPrefix("│ a  2nd last: 3x3 conv, 4") })
    #expect(lines.contains { $0.hasPrefix("│      c, a") || $0.hasPrefix("│ =  concatenate of") })
    #expect(lines.allSatisfy { $0.count <= 80 })
  }

  @Test
  func `an auxiliary output leaves the network at its side`() throws {
    let builder = GraphBuilder(inputShape: Shape([4]))
    let value = try builder.dense(builder.input, "one", features: 4)
    let hidden = try builder.relu(builder.dense(value, "aux.fc1", features: 9), "aux.relu")
    builder.auxiliary(try builder.dense(hidden, "aux.fc2", features: 2), lossWeight: 0.3)
    let graph = builder.graph(output: try builder.dense(value, "two", features: 2))
    #expect(
      BlockDiagram(graph).lines() == [
        "images                                                                  4",
        "│ dense, 4                              one                             4",
        "├───┐ auxiliary output                  aux",
        "│   │ dense, 9 · ReLU",
        "│   │ dense, 2                                                          2",
        "│ dense, 2                              two                             2",
      ]
    )
  }

  @Test(arguments: [72, 80, 120], GoldenNetwork.allCases)
  func `no line is wider than it may be`(_ width: Int, _ network: GoldenNetwork) throws {
    let side = try network.inputSide
    let builder = GraphBuilder(inputShape: .map(height: side, width: side, channels: 3))
    let graph = builder.graph(output: try network.build(builder))
    for line in BlockDiagram(graph).lines(width: width) {
      #expect(line.count <= width, Comment(rawValue: line))
    }
  }

  @Test
  func `a layer table counts statistics and names what a layer reads`() throws {
    let builder = GraphBuilder(inputShape: Shape([4, 4, 2]))
    let value = try convolved(builder, builder.input, "conv", channels: 3, kernel: 3)
    let graph = builder.graph(output: try builder.add(value, value, "sum"))
    let table = graph.layerTable
    #expect(table.map(\.name) == ["input", "conv", "conv_bn", "conv_relu", "sum"])
    #expect(table.map(\.parameters) == [0, 57, 12, 0, 0])
    #expect(table[1].multiplyAdds == 16 * 9 * 2 * 3)
    #expect(table[4].connectedTo == ["conv_relu", "conv_relu"])
    #expect(table.map(\.type) == ["Input", "Convolution", "BatchNormalization", "ReLU", "Add"])
  }

  private func drawn(
    _ input: Shape,
    _ body: (GraphBuilder) throws(GraphError) -> Value
  ) throws -> [String] {
    let builder = GraphBuilder(inputShape: input)
    return BlockDiagram(builder.graph(output: try body(builder))).lines()
  }

  private func convolved(
    _ graph: GraphBuilder,
    _ value: Value,
    _ name: String,
    channels: Int,
    kernel: Int
  ) throws(GraphError) -> Value {
    let result = try graph.convolution(
      value,
      name,
      channels: channels,
      kernel: kernel,
      padding: kernel / 2
    )
    return try graph.relu(graph.batchNormalization(result, name + "_bn"), name + "_relu")
  }
}
