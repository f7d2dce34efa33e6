package import Kernels

/// A network as a list of operations on symbolic shapes, in an order in which each comes after
/// what it reads.
///
/// Nothing is allocated: counts, shapes and names all come from here.
package struct Graph: Sendable {
  /// Node 0 is the input; it computes nothing.
  package internal(set) var nodes: [Node]
  package internal(set) var parameters: [Parameter]
  /// The logits.
  package internal(set) var output: Value
  package internal(set) var auxiliaries: [AuxiliaryOutput]
  package internal(set) var pixels = PixelValues.standardized

  package var inputShape: Shape { nodes[0].shape }
  package var outputShape: Shape { nodes[output.node].shape }

  /// Elements of trainable parameters, and of statistics.
  package var parameterCounts: (trainable: Int, statistics: Int) {
    parameters.reduce((0, 0)) { sum, parameter in
      parameter.isTrainable
        ? (sum.0 + parameter.count, sum.1) : (sum.0, sum.1 + parameter.count)
    }
  }

  /// Multiply-adds of one image's forward pass in evaluation.
  package var multiplyAdds: Int {
    let evaluated = keepingOutputs(of: .evaluation)
    return evaluated.nodes.reduce(0) {
      $0 + $1.operation.multiplyAdds($1.inputShapes(in: evaluated), $1.shape)
    }
  }
}

/// What a network wants to read of an image.
package enum PixelValues: Hashable, Sendable {
  /// Mean 0 and deviation 1 in every channel, over the training images.
  case standardized
  /// 0 ... 255: the network brings them into its range by layers of its own.
  case bytes
}

/// An output beside the logits, with its own part in the loss.
///
/// Szegedy et al. 2014, arXiv 1409.4842, use two to bring gradients into a deep network's middle.
package struct AuxiliaryOutput: Hashable, Sendable {
  package internal(set) var value: Value
  /// Factor of its loss in training.
  package let lossWeight: Double
  /// Whether evaluation computes it too.
  package let isEvaluated: Bool
}

/// The result of a node, as other nodes name it.
package struct Value: Hashable, Sendable {
  package let node: Int
}

/// One operation at its place in the network.
package struct Node: Sendable {
  /// The field's name of the layer; unique in the graph.
  package internal(set) var name: String
  package internal(set) var operation: any Operation
  package internal(set) var inputs: [Value]
  /// The shape of the result.
  package internal(set) var shape: Shape
  /// The type of the result's numbers: f32 until a pass chooses another one.
  package internal(set) var element = ElementType.f32
  /// Indices into `Graph.parameters`.
  package internal(set) var parameters: [Int]

  package func inputShapes(in graph: Graph) -> [Shape] {
    inputs.map { graph.nodes[$0.node].shape }
  }
}

/// A network that cannot be built: which layer, and why.
package struct GraphError: Error, Hashable, Sendable, CustomStringConvertible {
  package let layer: String
  package let problem: ShapeError

  package init(layer: String, problem: ShapeError) {
    self.layer = layer
    self.problem = problem
  }

  package var description: String { "layer \(layer) \(problem)" }
}
