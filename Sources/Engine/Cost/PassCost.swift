import Kernels

/// What a forward or a backward pass, or an update, has to move and to compute.
package struct PassCost: Hashable, Sendable {
  /// Bytes read and written, each array as often as the pass goes over it.
  package var byteCount = 0
  /// Bytes of those arrays, each once: what a cache would have to hold.
  package var workingSet = 0
  /// Multiply-adds of products; sums, normalisation and activations count nothing.
  package var multiplyAdds = 0
  /// Those that the kernel computes: fewer where it multiplies transformed values.
  package var computedMultiplyAdds = 0

  package init(
    byteCount: Int,
    workingSet: Int? = nil,
    multiplyAdds: Int = 0,
    computedMultiplyAdds: Int? = nil
  ) {
    self.byteCount = byteCount
    self.workingSet = workingSet ?? byteCount
    self.multiplyAdds = multiplyAdds
    self.computedMultiplyAdds = computedMultiplyAdds ?? multiplyAdds
  }
}

/// How often the passes of an operation go over its arrays.
///
/// Once is right for most. What a pass reads again from a cache, such as the row it has just
/// summed, counts once.
struct Traffic {
  /// Readings of the first input, forward.
  var inputs = 1
  /// Readings in backward, of the first input and of the output, if `MemoryNeeds` says that it
  /// reads them at all.
  var backwardInputs = 1
  var backwardOutput = 1
  /// Readings of the output's gradient, and writings of it in place.
  var gradientReads = 1
  var gradientWrites = 0
  /// Multiply-adds of backward over those of forward.
  var backwardProducts = 2.0
}

/// An operation whose passes go over some array more than once.
protocol RepeatsTraffic: Operation {
  /// `wantsInputGradient` says whether the first input's gradient is computed.
  func traffic(wantsInputGradient: Bool) -> Traffic
}

extension FusesActivation {
  /// The traffic of weights' and data's gradients, which are passes of their own, behind the pass
  /// that turns the activation's gradient in place.
  fileprivate func productTraffic(wantsInputGradient: Bool) -> Traffic {
    var traffic = Traffic()
    traffic.gradientReads = wantsInputGradient ? 2 : 1
    traffic.backwardProducts = wantsInputGradient ? 2 : 1
    if activation != .none {
      traffic.gradientReads += 1
      traffic.gradientWrites = 1
    }
    return traffic
  }
}

extension Convolution: RepeatsTraffic {
  func traffic(wantsInputGradient: Bool) -> Traffic {
    productTraffic(wantsInputGradient: wantsInputGradient)
  }
}

extension Dense: RepeatsTraffic {
  /// Slopes that the reader of the result has applied cost no pass.
  func traffic(wantsInputGradient: Bool) -> Traffic {
    var dense = self
    if takesSlopedGradient { dense.activation = .none }
    return dense.productTraffic(wantsInputGradient: wantsInputGradient)
  }
}

extension BatchNormalization: RepeatsTraffic {
  /// A residual, and where one was added the output, are read once.
  ///
  /// Statistics first, unless its input's maker has them, then the result, if it writes one; in
  /// backward both sums first, then the gradient.
  func traffic(wantsInputGradient: Bool) -> Traffic {
    var traffic = Traffic()
    traffic.inputs = (sumsSource == nil ? 1 : 0) + (isDeferred ? 0 : 1)
    traffic.backwardInputs = 2
    traffic.gradientReads = 2
    return traffic
  }
}

extension Attention: RepeatsTraffic {
  /// Five products against two: backward computes the scores again.
  func traffic(wantsInputGradient: Bool) -> Traffic {
    var traffic = Traffic()
    traffic.backwardProducts = 2.5
    return traffic
  }
}

/// An operation whose kernels compute fewer products than the field counts.
protocol SavesProducts: Operation {
  /// Multiply-adds of the passes over a batch; backward's are those of the parameters, and of the
  /// input if its gradient is wanted.
  func computedMultiplyAdds(
    batch: Int,
    input: Shape,
    wantsInputGradient: Bool
  ) -> (forward: Int, backward: Int)
}

extension Convolution: SavesProducts {
  func computedMultiplyAdds(
    batch: Int,
    input: Shape,
    wantsInputGradient: Bool
  ) -> (forward: Int, backward: Int) {
    let shape = kernelShape(batch: batch, input: input)
    func products(_ pass: ConvolutionBenchmarks.Pass) -> Int {
      Kernels.Convolution.computedMultiplyAdds(shape, pass)
    }
    let data = wantsInputGradient ? products(.backwardInput) : 0
    return (products(.forward), products(.backwardWeights) + data)
  }
}
