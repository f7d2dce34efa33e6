package import Engine

/// An optimizer and a learning rate with which a network's loss on one batch falls from the first
/// steps on, whatever the network: for trying it out, not for training it well.
///
/// Behind batch normalisation gradients have one size everywhere, and SGD with momentum does. Plain
/// deep networks and transformers start with gradients of very different sizes, which Adam's own
/// scaling evens out.
package struct FirstSteps: Hashable, Sendable {
  package let optimizer: Optimizer
  package let learningRate: Double

  package init(for graph: Graph) {
    let isNormalized = graph.nodes.contains { $0.operation.kind == "BatchNormalization" }
    if isNormalized {
      optimizer = .sgd(momentum: 0.9, weightDecay: 0, nesterov: false)
      learningRate = 0.01
    } else {
      optimizer = .adam(weightDecay: 0)
      learningRate = 1e-4
    }
  }
}
