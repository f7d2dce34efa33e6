import Telemetry
import Testing

/// When remarks on curves are said, with which figures, and what is just short of them.
@Suite
struct CurveRemarkTests {
  /// The remarks of one kind that a run gets.
  private func said(_ kind: Remark.Kind, of run: SampleRun) -> [RemarkLog.Saying] {
    run.remarks().filter { $0.remark.kind == kind }
  }

  // MARK: - Overfitting

  @Test
  func `the residual network of a report overfits since epoch 11`() throws {
    let saying = try #require(said(.overfitting, of: SickRuns.overfitted(1)).first)
    #expect((14...16).contains(saying.epoch))
    #expect((10...12).contains(saying.remark.epoch))
    #expect(saying.remark.text.hasPrefix("overfitting since epoch \(saying.remark.epoch): "))
    #expect(abs((saying.remark.numbers["best_val_loss"] ?? 0) - 0.6) < 0.05)
  }

  @Test
  func `validation that rises with training loss is not overfitting`() {
    var run = SickRuns.overfitted(1)
    for index in run.epochs.indices {
      run.epochs[index].trainLoss = (run.epochs[index].validationLoss ?? 0) * 0.9
    }
    #expect(said(.overfitting, of: run).isEmpty)
  }

  @Test
  func `validation that rises by less than it shakes is not overfitting`() {
    for seed in 1...20 as ClosedRange<UInt64> {
      let run = SampleRun(
        name: "level",
        setup: .ten(60),
        epochs: Course(
          epochs: 40,
          train: decay(from: 1.0, to: 0.1, in: 12),
          validation: { _ in 0.5 },
          validationNoise: 0.08,
          seed: seed
        ).samples()
      )
      #expect(said(.overfitting, of: run).isEmpty, "seed \(seed)")
    }
  }

  @Test
  func `a network that only guesses does not overfit`() {
    let rising = [2.34, 2.6, 3.2, 3.8, 4.4]
    let guessing = exact(train: [2.9, 2.8, 2.6, 2.5, 2.4], validation: rising)
    #expect(said(.overfitting, of: guessing).isEmpty)
    let learning = exact(train: [2.9, 2.4, 1.9, 1.5, 1.2], validation: rising)
    #expect(said(.overfitting, of: learning).map(\.remark.epoch) == [1])
  }

  @Test
  func `losses near zero may double`() {
    let run = SampleRun(
      name: "near zero",
      setup: .ten(60),
      epochs: Course(
        epochs: 30,
        train: decay(from: 0.2, to: 0.0001, in: 3),
        validation: { $0 < 6 ? 0.02 : 0.02 + 0.0007 * Double($0 - 5) },
        validationNoise: 0.01
      ).samples()
    )
    #expect(run.remarks().isEmpty)
  }

  // MARK: - Settling statistics

  @Test
  func `the dip of a report's DenseNet is of its second epoch`() throws {
    let saying = try #require(said(.settlingStatistics, of: SickRuns.settling(1)).first)
    #expect(saying.epoch == 2)
    #expect(saying.remark.text.contains("accuracy 40.0 % against 95.0 %"))
  }

  @Test
  func `only batch normalisation settles, and only early`() {
    var run = SickRuns.settling(1)
    run.setup.normalizationMomentum = nil
    #expect(said(.settlingStatistics, of: run).isEmpty)
    run = SickRuns.settling(1)
    for index in run.epochs.indices { run.epochs[index].epoch += 20 }
    for index in run.epochs.indices { run.epochs[index].step += 20 * 1875 }
    #expect(said(.settlingStatistics, of: run).isEmpty)
    // Statistics that keep 99.97 % a step are not settled by then.
    run.setup.normalizationMomentum = 0.0001
    #expect(said(.settlingStatistics, of: run).count == 1)
  }

  @Test
  func `a gap that grows slowly from a good start is no dip`() {
    let run = SampleRun(
      name: "early overfitting",
      setup: .ten(60) { $0.normalizationMomentum = 0.1 },
      epochs: Course(
        epochs: 3,
        train: { [0.9, 0.4, 0.1][$0 - 1] },
        validation: { [0.8, 0.85, 0.9][$0 - 1] }
      ).samples()
    )
    #expect(run.remarks().isEmpty)
  }

  // MARK: - Oscillation and plateau

  @Test
  func `oscillation names the curve, the range and the rate`() throws {
    let saying = try #require(said(.oscillation, of: SickRuns.swinging(1)).first)
    #expect((7...10).contains(saying.epoch))
    #expect(saying.remark.text.hasPrefix("validation loss jumps between 0."))
    #expect(saying.remark.text.hasSuffix("the LR of 0.2 looks large"))
  }

  @Test
  func `jumps of a network that guesses are not told as oscillation`() {
    var run = SickRuns.swinging(1)
    for index in run.epochs.indices {
      run.epochs[index].trainLoss += 3
      run.epochs[index].validationLoss = (run.epochs[index].validationLoss ?? 0) + 3
    }
    #expect(said(.oscillation, of: run).isEmpty)
  }

  @Test
  func `a plateau is said anew after the rate fell and helped`() {
    let run = SampleRun(
      name: "two plateaus",
      setup: .ten(100),
      epochs: Course(
        epochs: 40,
        rate: { $0 <= 20 ? 0.1 : 0.01 },
        train: { $0 <= 20 ? 0.9 : 0.6 },
        validation: { $0 <= 20 ? 0.95 : 0.7 },
        trainNoise: 0.002,
        validationNoise: 0.005
      ).samples()
    )
    let plateaus = run.remarks()
    #expect(plateaus.map(\.remark.kind) == [.plateau, .plateau])
    #expect(plateaus.map(\.epoch) == [8, 28])
    #expect(plateaus.map(\.remark.epoch) == [1, 21])
    #expect(plateaus[1].remark.text.contains("at an LR of 0.01"))
  }

  @Test
  func `what still gains a little each epoch is on no plateau`() {
    let run = SampleRun(
      name: "slow",
      setup: .ten(200),
      epochs: Course(
        epochs: 40,
        train: { 0.9 - 0.004 * Double($0) },
        validation: { 0.95 - 0.003 * Double($0) },
        trainNoise: 0.001,
        validationNoise: 0.002
      ).samples()
    )
    #expect(run.remarks().isEmpty)
  }

  /// A run of given losses, without noise.
  private func exact(
    train: [Double],
    validation: [Double],
    rate: @escaping (Int) -> Double = { _ in 0.01 }
  ) -> SampleRun {
    SampleRun(
      name: "exact",
      setup: .ten(100),
      epochs: Course(
        epochs: train.count,
        rate: rate,
        train: { train[$0 - 1] },
        validation: { validation[$0 - 1] },
        trainNoise: 0,
        validationNoise: 0
      ).samples()
    )
  }

  @Test
  func `a loss that climbs in steps does not oscillate`() {
    let stairs = [0.5, 0.52, 1.0, 1.02, 1.5, 1.52, 2.0]
    #expect(exact(train: stairs, validation: stairs).remarks().isEmpty)
    let saw = [1.5, 0.52, 1.5, 0.52, 1.5, 0.52, 1.5]
    #expect(exact(train: saw, validation: saw).remarks().map(\.remark.kind) == [.oscillation])
  }

  @Test
  func `curves at the end of a schedule are flat as they should be`() {
    let flat = Array(repeating: 0.8, count: 20)
    let ended = exact(train: flat, validation: flat) { $0 <= 5 ? 0.1 : 0.001 }
    #expect(ended.remarks().isEmpty)
    let underway = exact(train: flat, validation: flat) { $0 <= 5 ? 0.1 : 0.01 }
    #expect(underway.remarks().map(\.epoch) == [13])
  }

  @Test
  func `what goes down and up again is no plateau`() {
    let flat = Array(repeating: 0.9, count: 8)
    let valley = [0.82, 0.65, 0.6, 0.6, 0.6, 0.6, 0.65, 0.82]
    #expect(exact(train: valley, validation: flat).remarks().isEmpty)
    let level = [0.63, 0.61, 0.62, 0.62, 0.62, 0.62, 0.61, 0.63]
    #expect(exact(train: level, validation: flat).remarks().map(\.remark.kind) == [.plateau])
  }

  @Test
  func `validation that is a little lower by its shaking has not improved`() {
    let flat = Array(repeating: 0.9, count: 8)
    let shaken = [1.00, 1.05, 0.95, 1.04, 0.97, 1.01, 0.96, 1.02]
    #expect(exact(train: flat, validation: shaken).remarks().map(\.remark.kind) == [.plateau])
    let lower = [1.000, 1.005, 1.000, 1.004, 0.970, 0.965, 0.961, 0.962]
    #expect(exact(train: flat, validation: lower).remarks().isEmpty)
  }

  @Test
  func `a plateau needs no validation`() {
    var run = SickRuns.stalled(1)
    for index in run.epochs.indices {
      run.epochs[index].validationLoss = nil
      run.epochs[index].validationAccuracy = nil
    }
    let texts = run.remarks().map(\.remark.text)
    #expect(texts.count == 1)
    #expect(texts.first?.contains("plateau: training loss has not improved") == true)
  }

  // MARK: - Validation ahead

  @Test
  func `validation ahead of training names what makes training harder`() throws {
    var run = SickRuns.ahead(1)
    #expect(
      try #require(run.remarks().first).remark.text.hasSuffix(
        "; dropout makes training the harder task"
      )
    )
    run.setup.hasAugmentation = true
    #expect(
      try #require(run.remarks().first).remark.text.hasSuffix(
        "; dropout and augmentation make training the harder task"
      )
    )
    run.setup.hasDropout = false
    run.setup.hasAugmentation = false
    let saying = try #require(run.remarks().first)
    #expect(saying.remark.text.hasSuffix("; neither dropout nor augmentation explains it"))
    #expect(saying.remark.advice?.contains("among the training images") == true)
  }

  @Test
  func `training figures that only lag behind are no reason`() {
    // Means over an epoch in which the loss falls by a third; validation at its end.
    let learning = decay(from: 2.2, to: 0, in: 2.5)
    let run = SampleRun(
      name: "fast",
      setup: .ten(60) { $0.hasDropout = true },
      epochs: Course(
        epochs: 10,
        train: learning,
        validation: { (learning($0) + learning($0 + 1)) / 2 },
        trainNoise: 0,
        validationNoise: 0
      ).samples()
    )
    #expect(run.remarks().isEmpty)
  }

  @Test
  func `few validation images may be ahead by luck`() {
    var run = SickRuns.ahead(1)
    for index in run.epochs.indices {
      run.epochs[index].validationAccuracy = run.epochs[index].trainAccuracy + 0.03
    }
    #expect(said(.validationAhead, of: run).count == 1)
    run.setup.validationCount = 100
    #expect(said(.validationAhead, of: run).isEmpty)
  }

  // MARK: - Still improving

  @Test
  func `epochs that run out too early are said in the last one`() throws {
    let saying = try #require(said(.stillImproving, of: SickRuns.unfinished(1)).first)
    #expect(saying.epoch == 6)
    var longer = SickRuns.unfinished(1)
    longer.setup.plannedEpochs = 7
    #expect(longer.remarks().isEmpty)
  }
}
