import Testing

@testable import Kernels

@Suite
struct LossTests {
  @Test(arguments: [(1, 1), (1, 2), (7, 10), (64, 1000)])
  func `softmax cross-entropy agrees with the formula`(batch: Int, classes: Int) {
    var noise = Noise(batch * classes)
    let logits = noise.values(batch * classes).map { $0 * 5 }
    let labels = (0..<batch).map { _ in Int32(noise.pick(0...classes - 1)) }
    let wanted = SoftmaxCrossEntropy.Reference.evaluate(
      logits: logits,
      labels: labels,
      classes: classes
    )
    let from = GuardedFloats(logits)
    let gradient = GuardedFloats(count: batch * classes)
    let result = evaluate(from, labels, gradient.floats)
    #expect(abs(result.loss - wanted.loss) < 1e-9 * (1 + wanted.loss))
    #expect(largestError(gradient.values, wanted.gradient) < 1e-7)
    #expect(from.isIntact && gradient.isIntact)
    let right = (0..<batch).count { row in
      let values = logits[row * classes..<(row + 1) * classes]
      return values.max() == values[row * classes + Int(labels[row])]
    }
    #expect(result.correct == right)
    _ = evaluate(from, labels, from.floats)
    #expect(from.values == gradient.values)
  }

  @Test
  func `huge logits neither overflow nor lose the loss`() {
    let result = evaluate(GuardedFloats([1e30, 0, -1e30, 1000]), [0, 1], nil)
    #expect(result.loss == 0 && result.correct == 2)
    #expect(evaluate(GuardedFloats([0, 1e4]), [0], nil).loss == 1e4)
  }

  @Test
  func `equal logits count for the lowest index, and NaN for none`() {
    #expect(evaluate(GuardedFloats([1, 1, 0]), [0], nil).correct == 1)
    #expect(evaluate(GuardedFloats([1, 1, 0]), [1], nil).correct == 0)
    let broken = evaluate(GuardedFloats([.nan, 1, 2]), [2], nil)
    #expect(broken.loss.isNaN && broken.correct == 0)
    #expect(evaluate(GuardedFloats([.nan, .nan]), [0], nil).correct == 0)
  }

  @Test
  func `sigmoid binary cross-entropy agrees with the formula`() {
    var noise = Noise(4)
    let logits = noise.values(37).map { $0 * 8 }
    let labels = (0..<37).map { _ in Int32(noise.pick(0...1)) }
    let wanted = SigmoidBinaryCrossEntropy.Reference.evaluate(logits: logits, labels: labels)
    let gradient = GuardedFloats(count: 37)
    let result = SigmoidBinaryCrossEntropy.evaluate(
      logits: GuardedFloats(logits).floats,
      labels: labels,
      batch: 37,
      gradient: gradient.floats
    )
    #expect(abs(result.loss - wanted.loss) < 1e-9 * wanted.loss)
    #expect(largestError(gradient.values, wanted.gradient) < 1e-7)
    #expect(gradient.isIntact)
    #expect(result.correct == zip(logits, labels).count { ($0 > 0) == ($1 == 1) })
  }

  @Test
  func `a huge binary logit has a finite loss, and NaN none`() {
    let logits = GuardedFloats([1e30, -1e30, .nan])
    func loss(_ place: Int, _ label: Int32) -> (loss: Double, correct: Int) {
      SigmoidBinaryCrossEntropy.evaluate(
        logits: logits.floats[place..<place + 1],
        labels: [label],
        batch: 1,
        gradient: nil
      )
    }
    #expect(loss(0, 1) == (0, 1))
    #expect(loss(1, 0) == (0, 1))
    #expect(loss(1, 1) == (Double(Float(1e30)), 0))
    #expect(loss(2, 0).loss.isNaN && loss(2, 0).correct == 0)
  }

  @Test(arguments: [(1, 2, 0.1), (7, 10, 0), (64, 1000, 0.3)])
  func `smoothed labels and weighted classes agree with the formula`(
    batch: Int,
    classes: Int,
    smoothing: Double
  ) {
    var noise = Noise(batch + classes)
    let logits = noise.values(batch * classes).map { $0 * 5 }
    let labels = (0..<batch).map { _ in Int32(noise.pick(0...classes - 1)) }
    let weights = noise.values(classes).map { Double($0) + 1 }
    let target = LossTarget(smoothing: smoothing, classWeights: weights)
    let wanted = SoftmaxCrossEntropy.Reference.evaluate(
      logits: logits,
      labels: labels,
      classes: classes,
      target: target
    )
    let from = GuardedFloats(logits)
    let gradient = GuardedFloats(count: batch * classes)
    for into in [gradient, from] {
      let result = SoftmaxCrossEntropy.evaluate(
        logits: from.floats,
        labels: labels,
        batch: batch,
        classes: classes,
        target: target,
        gradient: into.floats
      )
      #expect(abs(result.loss / result.weight - wanted.mean) < 1e-9 * (1 + wanted.mean))
      #expect(largestError(into.values, wanted.gradient) < 1e-7)
      #expect(into.isIntact)
    }
  }

  private func evaluate(
    _ logits: GuardedFloats,
    _ labels: [Int32],
    _ gradient: Floats?
  ) -> (loss: Double, correct: Int) {
    SoftmaxCrossEntropy.evaluate(
      logits: logits.floats,
      labels: labels,
      batch: labels.count,
      classes: logits.floats.count / labels.count,
      gradient: gradient
    )
  }
}
