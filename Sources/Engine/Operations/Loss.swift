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
  /// `logits` are [batch × outputs], `labels` are `batch` class numbers.
  func evaluate(
    logits: Floats,
    labels: UnsafeBufferPointer<Int32>,
    batch: Int,
    outputs: Int,
    weight: Double,
    gradient: Floats?
  ) -> BatchResult {
    guard let labels = labels.baseAddress else { return BatchResult() }
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
    if let gradient, weight != 1 {
      for index in 0..<gradient.count { gradient[index] *= Float(weight) }
    }
    return BatchResult(count: batch, lossSum: result.loss, correct: result.correct)
  }
}

/// The measure of one batch.
package struct BatchResult: Hashable, Sendable {
  package var count: Int
  /// Sum of the samples' losses.
  package var lossSum: Double
  /// Samples classified rightly.
  package var correct: Int
  /// Weighted sum of what the auxiliary outputs lose beside that.
  package var auxiliaryLossSum = 0.0

  package init(count: Int = 0, lossSum: Double = 0, correct: Int = 0) {
    self.count = count
    self.lossSum = lossSum
    self.correct = correct
  }

  package var meanLoss: Double { lossSum / Double(max(count, 1)) }
  package var accuracy: Double { Double(correct) / Double(max(count, 1)) }

  package static func += (total: inout BatchResult, batch: BatchResult) {
    total.count += batch.count
    total.lossSum += batch.lossSum
    total.correct += batch.correct
    total.auxiliaryLossSum += batch.auxiliaryLossSum
  }
}
