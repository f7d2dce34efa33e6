#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension SigmoidBinaryCrossEntropy {
  /// Adds up a batch's losses with smoothed labels and weighted classes, and counts its right
  /// answers.
  ///
  /// It is the cross-entropy of a softmax over two classes whose logits are 0 and the one here.
  ///
  /// - Parameters:
  ///   - logits: [batch].
  ///   - labels: [batch], each 0 or 1.
  ///   - batch: rows.
  ///   - target: what is wanted of both classes.
  ///   - divisor: what the gradient is that of the sum of the losses by; nil means the batch's own
  ///     weight. Divided by zero, it is zero.
  ///   - gradient: [batch]; may be `logits`.
  /// - Returns: the sum of the losses, the sum of the labels' class weights, and how many answers
  ///   are right.
  package static func evaluate(
    logits: Floats,
    labels: UnsafePointer<Int32>,
    batch: Int,
    target: LossTarget,
    divisor: Double? = nil,
    gradient: Floats?
  ) -> (loss: Double, weight: Double, correct: Int) {
    require(
      logits.count == batch && (gradient?.count ?? batch) == batch,
      "the loss of \(batch) rows: \(logits.count) logits"
    )
    target.check(classes: 2)
    for row in 0..<batch {
      require(
        labels[row] == 0 || labels[row] == 1,
        "label \(labels[row]) of row \(row), not 0 or 1"
      )
    }
    let weight = target.weight(labels, count: batch)
    let divisor = divisor ?? weight
    var total = 0.0
    var correct = 0
    for row in 0..<batch {
      let label = Int(labels[row])
      let logit = Double(logits[row])
      let no = target.wanted(0, label: label, classes: 2)
      let yes = target.wanted(1, label: label, classes: 2)
      // The exponential of a negative number: neither overflows nor loses the small ones.
      let decay = exp(-abs(logit))
      let rest = log1p(decay)
      let positivePart = logit < 0 ? 0 : logit
      total += no * (positivePart + rest) + yes * (positivePart - logit + rest)
      if !logit.isNaN && (logit > 0) == (label == 1) { correct += 1 }
      if let gradient {
        let probability = logit < 0 ? decay / (1 + decay) : 1 / (1 + decay)
        let scale = divisor > 0 ? 1 / divisor : 0
        gradient[row] = Float(((no + yes) * probability - yes) * scale)
      }
    }
    return (total, weight, correct)
  }
}
