#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension SoftmaxCrossEntropy {
  /// The formula as it is written down, in f64.
  package enum Reference {
    /// The sum of the losses and the gradient of their mean.
    package static func evaluate(
      logits: [Float],
      labels: [Int32],
      classes: Int
    ) -> (loss: Double, gradient: [Double]) {
      var loss = 0.0
      var gradient: [Double] = []
      for (row, label) in labels.enumerated() {
        let values = logits[row * classes..<(row + 1) * classes].map(Double.init)
        let sum = values.map { exp($0) }.reduce(0, +)
        loss += log(sum) - values[Int(label)]
        for (index, value) in values.enumerated() {
          let target = index == Int(label) ? 1.0 : 0
          gradient.append((exp(value) / sum - target) / Double(labels.count))
        }
      }
      return (loss, gradient)
    }

    /// The mean loss with smoothed labels and weighted classes, and its gradient.
    package static func evaluate(
      logits: [Float],
      labels: [Int32],
      classes: Int,
      target: LossTarget
    ) -> (mean: Double, gradient: [Double]) {
      func weight(_ index: Int) -> Double {
        target.classWeights.isEmpty ? 1 : target.classWeights[index]
      }
      let divisor = labels.map { weight(Int($0)) }.reduce(0, +)
      var loss = 0.0
      var gradient: [Double] = []
      for (row, label) in labels.enumerated() {
        let values = logits[row * classes..<(row + 1) * classes].map(Double.init)
        let sum = values.map { exp($0) }.reduce(0, +)
        let targets = (0..<classes).map { index in
          (target.smoothing / Double(classes) + (index == Int(label) ? 1 - target.smoothing : 0))
            * weight(index)
        }
        for (value, wanted) in zip(values, targets) { loss += wanted * (log(sum) - value) }
        let mass = targets.reduce(0, +)
        gradient += zip(values, targets).map { (mass * exp($0) / sum - $1) / divisor }
      }
      return (loss / divisor, gradient)
    }
  }
}

extension SigmoidBinaryCrossEntropy {
  /// The formula as it is written down, in f64.
  package enum Reference {
    /// The sum of the losses and the gradient of their mean.
    package static func evaluate(
      logits: [Float],
      labels: [Int32]
    ) -> (loss: Double, gradient: [Double]) {
      var loss = 0.0
      var gradient: [Double] = []
      for (logit, label) in zip(logits, labels) {
        let probability = 1 / (1 + exp(-Double(logit)))
        loss -= log(label == 1 ? probability : 1 - probability)
        gradient.append((probability - Double(label)) / Double(labels.count))
      }
      return (loss, gradient)
    }
  }
}
