/// One layer as the field's tables have it.
package struct LayerRow: Hashable, Sendable {
  package let name: String
  /// The layer's type: `Convolution`.
  package let type: String
  package let outputShape: Shape
  /// Elements of its parameters, statistics included.
  package let parameters: Int
  /// Of one image's forward pass.
  package let multiplyAdds: Int
  /// The layers it reads.
  package let connectedTo: [String]
}

extension Graph {
  /// Every layer in the order of execution, the images first, auxiliary outputs included.
  package var layerTable: [LayerRow] {
    nodes.map { node in
      LayerRow(
        name: node.name,
        type: node.operation.kind,
        outputShape: node.shape,
        parameters: node.parameters.reduce(0) { $0 + parameters[$1].count },
        multiplyAdds: node.operation.multiplyAdds(node.inputShapes(in: self), node.shape),
        connectedTo: node.inputs.map { nodes[$0.node].name }
      )
    }
  }
}
