import Foundation
import Testing

@testable import Telemetry

/// The arithmetic under the rules, and how their figures are written.
@Suite
struct CurveTests {
  @Test(arguments: [1e-300, 1e-9, 0.1, 0.5, 0.707, 0.999, 1, 1.415, 2, 2.718_281_828, 10, 1e300])
  func `the natural logarithm is that of the C library`(_ value: Double) {
    let expected = Foundation.log(value)
    #expect(abs(Curve.naturalLogarithm(value) - expected) <= 4e-16 * max(1, abs(expected)))
  }

  @Test
  func `a median is the middle value`() {
    #expect(Curve.median([3, 1, 2]) == 2)
    #expect(Curve.median([4, 1, 2, 3]) == 2.5)
    #expect(Curve.median([Double]()) == 0)
  }

  @Test
  func `noise is measured on any straight course, and not on it`() {
    #expect(Curve.noise((0..<20).map { 5 - 0.25 * Double($0) }) == 0)
    #expect(Curve.noise([1, 2, 9, 4]) == 0)
    for seed in 1...10 as ClosedRange<UInt64> {
      var noise = Noise(seed: seed)
      let values = (0..<400).map { 5 - 0.01 * Double($0) + 0.3 * noise.next() }
      #expect(abs(Curve.noise(values) - 0.3) < 0.06)
    }
  }

  @Test
  func `swing ignores a steep course and a single jump`() {
    #expect(Curve.swing([8, 7, 6, 5, 4, 3, 2]) == 0)
    #expect(Curve.swing([1, 1, 1, 9, 1, 1, 1]) == 0)
    #expect(Curve.swing([1, 3, 1, 3, 1, 3, 1]) == 2)
  }

  @Test
  func `smoothing takes a single value away`() {
    #expect(Curve.smoothed([0.2, 5, 4, 0.1, 3, 2]) == [4, 4, 4, 3, 2, 2])
    #expect(Curve.smoothed([5, 4]) == [5, 4])
    #expect(Curve.smoothed([]) == [])
  }

  @Test
  func `the loss of guessing is the entropy of the classes`() {
    var setup = RunSetup(classes: 10, plannedEpochs: 1)
    #expect(abs(Chance(setup).loss - Foundation.log(10.0)) < 1e-12)
    #expect(Chance(setup).accuracy == 0.1)
    setup.labelSmoothing = 0.1
    #expect(abs(Chance(setup).loss - Foundation.log(10.0)) < 1e-12)
    setup = RunSetup(classes: 1, plannedEpochs: 1)
    setup.trainCounts = [900, 100]
    #expect(Chance(setup).accuracy == 0.9)
    #expect(abs(Chance(setup).loss - 0.325_083) < 1e-6)
    // Weights that undo the imbalance make it the balanced loss again.
    setup.classWeights = [1, 9]
    #expect(abs(Chance(setup).loss - Foundation.log(2.0)) < 1e-12)
    // A class without images takes nothing from it.
    setup = RunSetup(classes: 3, plannedEpochs: 1)
    setup.trainCounts = [50, 50, 0]
    #expect(abs(Chance(setup).loss - Foundation.log(2.0)) < 1e-12)
  }

  @Test
  func `accuracy is that of guessing within a margin and within luck`() {
    let thousand = Chance(RunSetup(classes: 1000, plannedEpochs: 1))
    #expect(thousand.covers(accuracy: 0.0012, images: 0))
    #expect(!thousand.covers(accuracy: 0.0015, images: 0))
    let ten = Chance(RunSetup(classes: 10, plannedEpochs: 1))
    #expect(ten.covers(accuracy: 0.1201, images: 10_000))
    #expect(!ten.covers(accuracy: 0.13, images: 10_000))
    #expect(ten.covers(accuracy: 0.18, images: 100))
    let two = Chance(RunSetup(classes: 2, plannedEpochs: 1))
    #expect(two.covers(accuracy: 0.52, images: 0))
    #expect(!two.covers(accuracy: 0.55, images: 0))
  }

  @Test
  func `figures are written as people do`() {
    #expect(FigureText.percent(0.8085) == "80.9 %")
    #expect(FigureText.percent(1) == "100.0 %")
    #expect(FigureText.loss(0.58012) == "0.580")
    #expect(FigureText.loss(9.9999) == "10.000")
    #expect(FigureText.loss(15.512) == "15.5")
    #expect(FigureText.loss(0.00512) == "5.12e-3")
    #expect(FigureText.loss(47_900) == "4.79e4")
    #expect(FigureText.loss(0) == "0")
    #expect(FigureText.loss(.infinity) == "inf")
    #expect(FigureText.decimal(-0.25, places: 1) == "-0.3")
    #expect(FigureText.decimal(-0.01, places: 1) == "0.0")
    #expect(FigureText.decimal(2.5, places: 0) == "3")
    #expect(FigureText.decimal(.nan, places: 1) == "nan")
  }
}
