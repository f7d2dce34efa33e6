/// A layer as far as a diagram needs it.
struct DiagramNode: Hashable, Sendable {
  let name: String
  let caption: String
  let isMinor: Bool
  let hasParameters: Bool
  /// Indices of the layers it reads.
  var inputs: [Int]
  let shape: Shape

  /// Whether it brings several values together.
  var isJoin: Bool { Set(inputs).count > 1 }

  /// The layers of a graph, in its order.
  static func nodes(of graph: Graph) -> [DiagramNode] {
    var nodes = graph.nodes.map { node in
      DiagramNode(
        name: node.name,
        caption: LayerCaption.text(of: node),
        isMinor: node.isMinor(in: graph),
        hasParameters: !node.parameters.isEmpty,
        inputs: node.inputs.map(\.node),
        shape: node.shape
      )
    }
    nestConcatenations(of: graph, in: &nodes)
    return nodes
  }

  /// A concatenation of what an earlier one has, and more, becomes one of that one and the rest:
  /// the same values, and a densely connected block falls into its layers.
  private static func nestConcatenations(of graph: Graph, in nodes: inout [DiagramNode]) {
    var known: [[Int]: Int] = [:]
    for (index, node) in graph.nodes.enumerated() where node.operation is Concatenate {
      let inputs = node.inputs.map(\.node)
      for count in stride(from: inputs.count - 1, through: 2, by: -1) {
        guard let earlier = known[Array(inputs.prefix(count))] else { continue }
        nodes[index].inputs = [earlier] + inputs.dropFirst(count)
        break
      }
      if known[inputs] == nil { known[inputs] = index }
    }
  }
}
