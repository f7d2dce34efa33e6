/// What a loss wants of a sample beside its label: a little of every class, and more of some.
package struct LossTarget: Hashable, Sendable {
  /// The share of a label that is spread over all classes, itself among them; 0 ..< 1.
  package var smoothing: Double
  /// One weight a class, none below 0; empty where all count the same.
  package var classWeights: [Double]

  package init(smoothing: Double = 0, classWeights: [Double] = []) {
    self.smoothing = smoothing
    self.classWeights = classWeights
  }

  /// The label alone.
  package static let label = LossTarget()

  /// What a sample counts in the mean, by its label.
  @inline(__always)
  func weight(_ label: Int) -> Double { classWeights.isEmpty ? 1 : classWeights[label] }

  /// How much of class `index` is wanted where `label` is right, of `classes`.
  @inline(__always)
  func wanted(_ index: Int, label: Int, classes: Int) -> Double {
    let spread = smoothing / Double(classes) + (index == label ? 1 - smoothing : 0)
    return spread * weight(index)
  }

  /// The weight of all samples together: what the sum of their losses is divided by for the mean.
  func weight(_ labels: UnsafePointer<Int32>, count: Int) -> Double {
    var total = 0.0
    for row in 0..<count { total += weight(Int(labels[row])) }
    return total
  }

  /// Stops where there is not one weight a class.
  func check(classes: Int) {
    require(
      (classWeights.isEmpty || classWeights.count == classes) && smoothing >= 0 && smoothing < 1,
      "\(classWeights.count) weights of \(classes) classes, \(smoothing) of a label spread"
    )
  }
}
