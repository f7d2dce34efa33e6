#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The loss of a choice between classes: minus the logarithm of the softmax at the label.
package enum SoftmaxCrossEntropy {
  /// Adds up a batch's losses and counts its right answers.
  ///
  /// An answer is right when the label has the highest logit; of equal ones the lowest index
  /// counts, and a row with NaN is wrong. A NaN logit makes the loss NaN.
  ///
  /// - Parameters:
  ///   - logits: [batch × classes].
  ///   - labels: [batch], each in 0 ..< classes.
  ///   - batch: rows.
  ///   - classes: logits in a row.
  ///   - gradient: [batch × classes], gets the gradient of the mean loss; may be `logits`.
  /// - Returns: the sum of the losses, and how many answers are right.
  package static func evaluate(
    logits: Floats,
    labels: UnsafePointer<Int32>,
    batch: Int,
    classes: Int,
    gradient: Floats?
  ) -> (loss: Double, correct: Int) {
    require(
      logits.count == batch * classes && (gradient?.count ?? logits.count) == logits.count,
      "the loss of \(batch) rows of \(classes) classes: \(logits.count) logits"
    )
    var total = 0.0
    var correct = 0
    for row in 0..<batch {
      let label = Int(labels[row])
      require(label >= 0 && label < classes, "label \(label) of row \(row), of \(classes) classes")
      let logits = logits.base + row * classes
      let highest = highest(logits, classes)
      if highest == label { correct += 1 }
      let peak = Double(logits[max(highest, 0)])
      // Read before the gradient may take the logits' place.
      let atLabel = Double(logits[label]) - peak
      var sum = 0.0
      for index in 0..<classes { sum += exp(Double(logits[index]) - peak) }
      total += log(sum) - atLabel
      if let gradient {
        let into = gradient.base + row * classes
        let scale = 1 / (sum * Double(batch))
        for index in 0..<classes {
          let share = exp(Double(logits[index]) - peak) * scale
          into[index] = Float(index == label ? share - 1 / Double(batch) : share)
        }
      }
    }
    return (total, correct)
  }

  /// The index of the highest logit, the lowest of equal ones; -1 if one is NaN.
  static func highest(_ logits: UnsafeMutablePointer<Float>, _ count: Int) -> Int {
    var best = 0
    for index in 0..<count {
      if logits[index].isNaN { return -1 }
      if logits[index] > logits[best] { best = index }
    }
    return best
  }
}
