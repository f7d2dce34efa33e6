import Foundation
import Telemetry
import Testing

/// What is suggested after a learning-rate range test, and how settings are written by hand.
@Suite
struct RangeTestTests {
  /// A loss of guessing that falls between two rates and explodes at a third.
  private func test(falls: ClosedRange<Double>, explodes: Double, noise: Double = 0) -> RangeTest {
    var test = RangeTest(classes: 10)
    for (index, rate) in RangeTest.rates(from: 1e-6, to: 10, count: 100).enumerated() {
      let share = log(rate / falls.lowerBound) / log(falls.upperBound / falls.lowerBound)
      let loss = rate > explodes ? 1e3 * rate : 2.3 - 1.8 * min(max(share, 0), 1)
      let trembling = noise * sin(Double(index) * 12.9898)
      if !test.add(rate: rate, loss: loss + trembling) { break }
    }
    return test
  }

  @Test(arguments: [0, 0.02])
  func `the suggestion lies in the middle of the fall`(_ noise: Double) throws {
    let test = test(falls: 1e-3...1e-1, explodes: 1, noise: noise)
    let valley = try #require(test.valley)
    #expect((3e-3...5e-2).contains(valley), "\(valley)")
    let steepest = try #require(test.steepest)
    #expect((1e-3...2e-1).contains(steepest), "\(steepest)")
  }

  @Test
  func `it ends where the loss explodes`() {
    let test = test(falls: 1e-3...1e-1, explodes: 1)
    #expect(test.points.count < 100)
    #expect(test.points.last.map { $0.rate > 1 && $0.rate < 3 } ?? false)
  }

  @Test
  func `a network that has learned is not taken for one that explodes`() {
    var test = RangeTest(classes: 10)
    var steps = 0
    for (index, rate) in RangeTest.rates(from: 1e-6, to: 10, count: 100).enumerated() {
      steps = index + 1
      // Batches differ a hundredfold, and all are far below guessing.
      if !test.add(rate: rate, loss: index % 7 == 6 ? 0.2 : 0.002) { break }
    }
    #expect(steps == 100)
    #expect(test.valley == nil && test.steepest == nil, "it trembles, it does not fall")
  }

  @Test
  func `a loss that is no number ends it, and a loss that never falls suggests nothing`() {
    var test = RangeTest(classes: 10)
    let goesOn = test.add(rate: 1e-6, loss: .nan)
    #expect(!goesOn && test.points.isEmpty && test.valley == nil && test.steepest == nil)
    var rising = RangeTest(classes: 10)
    for index in 0..<40 { _ = rising.add(rate: Double(index + 1), loss: 1 + Double(index) / 100) }
    #expect(rising.valley == nil && rising.steepest == nil)
  }

  @Test
  func `rates are each the same multiple of the one before`() {
    let rates = RangeTest.rates(from: 1e-4, to: 1, count: 5)
    for (rate, wanted) in zip(rates, [1e-4, 1e-3, 1e-2, 1e-1, 1]) {
      #expect(abs(rate / wanted - 1) < 1e-12)
    }
  }

  @Test(arguments: [
    ("momentum 0.5", SettingChange.momentum(0.5)), ("weight-decay=1e-4", .weightDecay(1e-4)),
    ("dropout 0.3", .dropout(0.3)), ("batch 32", .batchSize(32)), ("epochs 20", .epochs(20)),
    ("epochs +5", .moreEpochs(5)), ("epochs -5", .moreEpochs(-5)), ("threads 2", .threads(2)),
    ("augment flip+rotate:10", .augmentation(AugmentationSettings([.flip: 0.5, .rotate: 10]))),
    ("augment none", .augmentation(AugmentationSettings())),
    ("freeze layer1.*", .freeze("layer1.*")), (" unfreeze  layer1 ", .unfreeze("layer1")),
  ])
  func `settings are read as people write them`(_ text: String, _ change: SettingChange) {
    #expect(SettingChange(text: text) == change)
  }

  @Test(arguments: [
    "", "momentum", "momentum x", "batch 1.5", "speed 3", "momentum nan", "a b c", "augment fly",
  ])
  func `what is no setting is none`(_ text: String) {
    #expect(SettingChange(text: text) == nil)
  }

  @Test
  func `a fork is asked for with rates and settings, commas between`() throws {
    let run = RunID(3)
    #expect(ForkRequest(text: "", run: run) == ForkRequest(run: run))
    let request = try #require(ForkRequest(text: "*0.3, momentum 0.5,batch 32", run: run))
    #expect(request.learningRate == .multiply(0.3))
    #expect(request.changes == [.momentum(0.5), .batchSize(32)])
    #expect(ForkRequest(text: "lr 3e-4", run: run)?.learningRate == .set(3e-4))
    #expect(ForkRequest(text: "3e-4, nonsense", run: run) == nil)
  }
}
