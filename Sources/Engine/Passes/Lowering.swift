extension Graph {
  /// The network as a mode executes it: outputs the mode does not compute left out, activations
  /// and residual connections in the operation before them, results in the precision's type,
  /// normalisations left to those who read them, and in training their statistics taken as their
  /// input is made, and slopes of activations as gradients are.
  ///
  /// Without `fuses` every layer runs and writes its result as it was built. With `recomputes`
  /// results that can be computed again from what is kept anyway stay layers of their own.
  func lowered(
    for mode: Mode,
    precision: Precision,
    fuses: Bool = true,
    recomputes: Bool = false
  ) -> Graph {
    var graph = verified(after: "building")
    if fuses {
      graph = graph.keepingOutputs(of: mode).verified(after: "leaving out outputs")
      graph = graph.fusingActivations(
        keepingSlopes: mode == .evaluation || !recomputes
      ).verified(after: "fusing activations")
      if precision == .f32 {
        graph = graph.fusingOwnInputs().verified(after: "fusing sums with a convolution's input")
      }
      graph = graph.fusingResiduals().verified(after: "fusing residual connections")
    }
    graph = graph.inPrecision(precision).verified(after: "choosing the precision")
    if fuses {
      graph = graph.deferringNormalizations().verified(after: "deferring normalisations")
      if mode == .training {
        graph = graph.passingSums().verified(after: "passing sums to normalisations")
        graph = graph.passingSlopes().verified(after: "passing slopes to products")
      }
    }
    return graph
  }
}
