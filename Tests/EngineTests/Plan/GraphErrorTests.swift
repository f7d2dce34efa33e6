import Engine
import Testing

/// What is said of networks that cannot be.
@Suite
struct GraphErrorTests {
  @Test
  func `a pooling that eats the image names the layer and both sizes`() {
    let error = #expect(throws: GraphError.self) {
      let graph = GraphBuilder(inputShape: Shape([3, 3, 1]))
      _ = try graph.maxPooling(graph.maxPooling(graph.input, "first", size: 2), "second", size: 2)
    }
    #expect(
      error?.description == "layer second has a window of 2x2, but its input is only 1x1"
    )
  }

  @Test
  func `inputs of unlike shape are not added`() {
    let error = #expect(throws: GraphError.self) {
      let graph = GraphBuilder(inputShape: Shape([4, 4, 1]))
      _ = try graph.add(graph.input, graph.maxPooling(graph.input, size: 2))
    }
    #expect(error?.problem == .shapesDiffer(Shape([4, 4, 1]), Shape([2, 2, 1])))
  }

  @Test(arguments: [(4, 3), (3, 2)])
  func `groups divide both channel counts`(_ channels: Int, _ groups: Int) {
    #expect(throws: GraphError.self) {
      let graph = GraphBuilder(inputShape: Shape([4, 4, 6]))
      _ = try graph.convolution(
        graph.input,
        "conv",
        channels: channels,
        kernel: 1,
        groups: groups
      )
    }
  }

  @Test(arguments: [0, -1])
  func `a stride below one is no stride`(_ stride: Int) {
    let error = #expect(throws: GraphError.self) {
      let graph = GraphBuilder(inputShape: Shape([4, 4, 1]))
      _ = try graph.convolution(graph.input, "conv", channels: 1, kernel: 1, stride: stride)
    }
    #expect(error?.problem == .notPositive(what: "stride", value: stride))
  }
}
