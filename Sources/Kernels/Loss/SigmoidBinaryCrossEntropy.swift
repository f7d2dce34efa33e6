#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The loss of a yes or no: cross-entropy of the sigmoid of one logit a sample.
package enum SigmoidBinaryCrossEntropy {
  /// Adds up a batch's losses and counts its right answers.
  ///
  /// A logit above zero says 1, any other number 0, and NaN is wrong. A NaN logit makes the loss
  /// NaN.
  ///
  /// - Parameters:
  ///   - logits: [batch].
  ///   - labels: [batch], each 0 or 1.
  ///   - batch: rows.
  ///   - gradient: [batch], gets the gradient of the mean loss; may be `logits`.
  /// - Returns: the sum of the losses, and how many answers are right.
  package static func evaluate(
    logits: Floats,
    labels: UnsafePointer<Int32>,
    batch: Int,
    gradient: Floats?
  ) -> (loss: Double, correct: Int) {
    require(
      logits.count == batch && (gradient?.count ?? batch) == batch,
      "the loss of \(batch) rows: \(logits.count) logits"
    )
    var total = 0.0
    var correct = 0
    for row in 0..<batch {
      let label = labels[row]
      require(label == 0 || label == 1, "label \(label) of row \(row), not 0 or 1")
      let logit = Double(logits[row])
      // The exponential of a negative number: neither overflows nor loses the small ones.
      let decay = exp(-abs(logit))
      let positivePart = logit < 0 ? 0 : logit
      total += positivePart - logit * Double(label) + log1p(decay)
      if !logit.isNaN && (logit > 0) == (label == 1) { correct += 1 }
      if let gradient {
        let probability = logit < 0 ? decay / (1 + decay) : 1 / (1 + decay)
        gradient[row] = Float((probability - Double(label)) / Double(batch))
      }
    }
    return (total, correct)
  }
}
