import Kernels

/// What training minimises: a measure of the logits against the labels, averaged over the batch.
package enum Loss: Hashable, Sendable {
  /// Softmax over the classes, then the negative logarithm of the right one's share.
  case softmaxCrossEntropy
  /// One logit for a two-class problem: sigmoid, then binary cross-entropy.
  case sigmoidBinaryCrossEntropy

  /// The loss for this number of outputs: one means a sigmoid.
  package init(outputs: Int) {
    self = outputs == 1 ? .sigmoidBinaryCrossEntropy : .softmaxCrossEntropy
  }

  /// The loss and accuracy of a batch, and the gradient of `weight` times the mean loss where
  /// asked for.
  ///
  /// `logits` are [batch × outputs], `labels` are `batch` class numbers; `target` is what is wanted
  /// of every class, and `divisor` what the sum of the losses is divided by for the mean, nil for
  /// the batch's own weight.
  func evaluate(
    logits: Floats,
    labels: UnsafeBufferPointer<Int32>,
    batch: Int,
    outputs: Int,
    weight: Double,
    target: LossTarget = .label,
    divisor: Double? = nil,
    gradient: Floats?
  ) -> BatchResult {
    guard let labels = labels.baseAddress else { return BatchResult() }
    let result =
      target == .label
      ? plain(logits, labels, batch, outputs, gradient)
      : shaped(logits, labels, batch, outputs, target, divisor, gradient)
    if let gradient, weight != 1 {
      for index in 0..<gradient.count { gradient[index] *= Float(weight) }
    }
    return result
  }

  private func plain(
    _ logits: Floats,
    _ labels: UnsafePointer<Int32>,
    _ batch: Int,
    _ outputs: Int,
    _ gradient: Floats?
  ) -> BatchResult {
    let result =
      switch self {
      case .softmaxCrossEntropy:
        SoftmaxCrossEntropy.evaluate(
          logits: logits,
          labels: labels,
          batch: batch,
          classes: outputs,
          gradient: gradient
        )
      case .sigmoidBinaryCrossEntropy:
        SigmoidBinaryCrossEntropy.evaluate(
          logits: logits,
          labels: labels,
          batch: batch,
          gradient: gradient
        )
      }
    return BatchResult(count: batch, lossSum: result.loss, correct: result.correct)
  }

  private func shaped(
    _ logits: Floats,
    _ labels: UnsafePointer<Int32>,
    _ batch: Int,
    _ outputs: Int,
    _ target: LossTarget,
    _ divisor: Double?,
    _ gradient: Floats?
  ) -> BatchResult {
    let result =
      switch self {
      case .softmaxCrossEntropy:
        SoftmaxCrossEntropy.evaluate(
          logits: logits,
          labels: labels,
          batch: batch,
          classes: outputs,
          target: target,
          divisor: divisor,
          gradient: gradient
        )
      case .sigmoidBinaryCrossEntropy:
        SigmoidBinaryCrossEntropy.evaluate(
          logits: logits,
          labels: labels,
          batch: batch,
          target: target,
          divisor: divisor,
          gradient: gradient
        )
      }
    return BatchResult(
      count: batch,
      lossSum: result.loss,
      correct: result.correct,
      weight: result.weight
    )
  }
}

/// The measure of one batch.
package struct BatchResult: Hashable, Sendable {
  package var count: Int
  /// Sum of the samples' losses.
  package var lossSum: Double
  /// Samples classified rightly.
  package var correct: Int
  /// What the sum of the losses is divided by for their mean: the count, where all classes count
  /// the same.
  package var weight: Double
  /// Weighted sum of what the auxiliary outputs lose beside that.
  package var auxiliaryLossSum = 0.0

  package init(count: Int = 0, lossSum: Double = 0, correct: Int = 0, weight: Double? = nil) {
    self.count = count
    self.weight = weight ?? Double(count)
    self.lossSum = lossSum
    self.correct = correct
  }

  package var meanLoss: Double { weight > 0 ? lossSum / weight : 0 }
  /// The mean loss times the count: means over several batches are means over images.
  package var imageLossSum: Double {
    weight == Double(count) ? lossSum : meanLoss * Double(count)
  }
  package var accuracy: Double { Double(correct) / Double(max(count, 1)) }

  package static func += (total: inout BatchResult, batch: BatchResult) {
    total.count += batch.count
    total.lossSum += batch.lossSum
    total.correct += batch.correct
    total.weight += batch.weight
    total.auxiliaryLossSum += batch.auxiliaryLossSum
  }
}
