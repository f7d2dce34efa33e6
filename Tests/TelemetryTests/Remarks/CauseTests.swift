import Telemetry
import Testing

/// Why a run does not learn, and when that is said.
@Suite
struct CauseTests {
  /// The only remark of a run, with the epoch at whose end it is said.
  private func only(_ run: SampleRun) throws -> RemarkLog.Saying {
    let said = run.remarks()
    try #require(said.count == 1, "\(said.map(\.remark.text))")
    return said[0]
  }

  /// Ten epochs at chance.
  private func stuck(
    rate: Double,
    adaptive: Bool = false,
    loss: @escaping (Int) -> Double = { _ in 2.303 }
  ) -> SampleRun {
    SampleRun(
      name: "stuck",
      setup: .ten(10) { $0.isAdaptive = adaptive },
      epochs: Course(
        epochs: 10,
        rate: { _ in rate },
        train: loss,
        validation: { _ in 2.303 },
        trainNoise: 0,
        validationNoise: 0,
        trainAccuracy: { _ in 0.101 }
      ).samples()
    )
  }

  @Test
  func `a loss that hardly moves means a rate too low`() throws {
    let saying = try only(SickRuns.tooLow(1))
    #expect(saying.epoch == 2)
    #expect(saying.remark.epoch == 1)
    #expect(saying.remark.text.contains("the LR of 1e-6 looks too low"))
    #expect(saying.remark.numbers["learning_rate"] == 1e-6)
    // Within the usual rates, steady small steps say the same, once there are enough of them.
    let crawl = try only(stuck(rate: 2e-3) { 2.9 - 0.01 * Double($0) })
    #expect(crawl.remark.text.contains("too low"))
  }

  @Test
  func `a loss above guessing means a rate too high`() throws {
    let saying = try only(SickRuns.tooHigh(1))
    #expect(saying.remark.text.contains("the LR of 0.5 looks too high"))
    #expect(abs((saying.remark.numbers["chance_loss"] ?? 0) - 2.302_585) < 1e-5)
  }

  @Test
  func `the VGG-16 of a report is told after two of its thirty epochs`() throws {
    let saying = try only(SickRuns.stuckAtChance(1))
    #expect(saying.epoch == 2)
    #expect(saying.remark.text.contains("LR of 1e-3 looks too high"))
  }

  @Test
  func `what had learned and fell back is told so`() throws {
    let saying = try only(SickRuns.collapsed(1))
    #expect(saying.epoch == 12)
    #expect(saying.remark.epoch == 11)
    #expect(saying.remark.text.contains("it had reached"))
    #expect((saying.remark.numbers["best_train_accuracy"] ?? 0) > 0.5)
  }

  @Test
  func `without a sign of the cause none is named`() throws {
    let text = try only(stuck(rate: 0.01)).remark.text
    #expect(!text.contains("too low") && !text.contains("too high"))
    #expect(text.contains("2.303 of guessing"))
  }

  @Test
  func `a gradient near zero is the cause where it is measured`() throws {
    var run = stuck(rate: 0.01)
    run.measures = { _ in EpochMeasures(gradientNorm: .init(mean: 2e-6, minimum: 1e-7)) }
    let near = try only(run).remark
    #expect(near.text.contains("the gradient is near zero (norm 2e-6 on average)"))
    #expect(near.numbers["gradient_norm_minimum"] == 1e-7)
    run.measures = { _ in EpochMeasures(gradientNorm: .init(mean: 0.17, minimum: 0.1)) }
    #expect(try !only(run).remark.text.contains("gradient"))
  }

  @Test
  func `a dead layer is the cause before all others`() {
    var run = stuck(rate: 1e-6)
    run.measures = { _ in
      EpochMeasures(deadUnits: [
        .init(layer: "fc1", units: 64, dead: 3), .init(layer: "fc2", units: 256, dead: 255),
      ])
    }
    let texts = run.remarks().map(\.remark.text)
    #expect(texts.count == 2)
    #expect(texts[0].contains("fc2 is dead: 255 of its 256 units are always zero"))
    #expect(texts[1].contains("255 of 256 units of fc2 are dead (99.6 %)"))
  }

  @Test
  func `a majority of one class is not learning`() {
    var setup = RunSetup(classes: 2, plannedEpochs: 20)
    setup.trainCounts = [950, 50]
    setup.validationCount = 1000
    func run(loss: Double) -> SampleRun {
      SampleRun(
        name: "majority",
        setup: setup,
        epochs: Course(
          epochs: 8,
          classes: 2,
          train: { _ in loss },
          validation: { _ in loss },
          trainNoise: 0.001,
          validationNoise: 0.001,
          trainAccuracy: { _ in 0.95 },
          validationAccuracy: { _ in 0.95 }
        ).samples()
      )
    }
    // Entropy of 95 to 5: 0.199. Below it the network knows more than its answers show.
    #expect(run(loss: 0.199).remarks().map(\.remark.kind) == [.imbalance, .notLearning])
    #expect(!run(loss: 0.12).remarks().contains { $0.remark.kind == .notLearning })
  }

  @Test
  func `training above chance is learning, whatever validation says`() {
    var run = stuck(rate: 0.01)
    for index in run.epochs.indices {
      run.epochs[index].trainLoss = 1.2
      run.epochs[index].trainAccuracy = 0.6
    }
    #expect(!run.remarks().contains { $0.remark.kind == .notLearning })
  }

  @Test
  func `nothing is expected of the first steps, nor while the rate climbs`() {
    var run = stuck(rate: 0.01)
    for index in run.epochs.indices { run.epochs[index].step = 19 * (index + 1) }
    #expect(run.remarks().isEmpty)
    run = stuck(rate: 0.01)
    for index in run.epochs.indices { run.epochs[index].learningRate = 0.01 * Double(index + 1) }
    #expect(run.remarks().isEmpty)
  }
}
