#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension SoftmaxCrossEntropy {
  /// Adds up a batch's losses with smoothed labels and weighted classes, and counts its right
  /// answers, as PyTorch's cross_entropy.
  ///
  /// With t(c) the target of class c, a sample loses -Σ t(c) · log softmax(c), and the mean of a
  /// batch is the sum of the losses by the sum of the labels' class weights.
  ///
  /// - Parameters:
  ///   - logits: [batch × classes].
  ///   - labels: [batch], each in 0 ..< classes.
  ///   - batch: rows.
  ///   - classes: logits in a row.
  ///   - target: what is wanted of every class.
  ///   - divisor: what the gradient is that of the sum of the losses by; nil means the batch's own
  ///     weight. Divided by zero, it is zero.
  ///   - gradient: [batch × classes]; may be `logits`.
  /// - Returns: the sum of the losses, the sum of the labels' class weights, and how many answers
  ///   are right.
  package static func evaluate(
    logits: Floats,
    labels: UnsafePointer<Int32>,
    batch: Int,
    classes: Int,
    target: LossTarget,
    divisor: Double? = nil,
    gradient: Floats?
  ) -> (loss: Double, weight: Double, correct: Int) {
    require(
      logits.count == batch * classes && (gradient?.count ?? logits.count) == logits.count,
      "the loss of \(batch) rows of \(classes) classes: \(logits.count) logits"
    )
    target.check(classes: classes)
    for row in 0..<batch {
      let label = Int(labels[row])
      require(label >= 0 && label < classes, "label \(label) of row \(row), of \(classes) classes")
    }
    let weight = target.weight(labels, count: batch)
    let divisor = divisor ?? weight
    var total = 0.0
    var correct = 0
    for row in 0..<batch {
      let label = Int(labels[row])
      let logits = logits.base + row * classes
      let highest = highest(logits, classes)
      if highest == label { correct += 1 }
      let peak = Double(logits[max(highest, 0)])
      var sum = 0.0
      for index in 0..<classes { sum += exp(Double(logits[index]) - peak) }
      let logarithm = log(sum) + peak
      var mass = 0.0
      for index in 0..<classes {
        let wanted = target.wanted(index, label: label, classes: classes)
        mass += wanted
        // Nothing times an infinite loss is nothing.
        if wanted != 0 { total += wanted * (logarithm - Double(logits[index])) }
      }
      guard let gradient else { continue }
      let into = gradient.base + row * classes
      let scale = divisor > 0 ? 1 / divisor : 0
      for index in 0..<classes {
        let share = exp(Double(logits[index]) - peak) / sum
        let wanted = target.wanted(index, label: label, classes: classes)
        into[index] = Float((mass * share - wanted) * scale)
      }
    }
    return (total, weight, correct)
  }
}
