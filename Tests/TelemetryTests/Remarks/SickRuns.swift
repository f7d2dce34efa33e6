import Telemetry

/// Runs with something to say, each with all that must be said of it.
enum SickRuns {
  static let all: [SampleRun] = (1...12).flatMap { seed in
    [
      tooLow(seed), tooHigh(seed), stuckAtChance(seed), overfitted(seed), settling(seed),
      stalled(seed), swinging(seed), ahead(seed), unfinished(seed), collapsed(seed),
    ]
  }

  static func tooLow(_ seed: UInt64) -> SampleRun {
    SampleRun(
      name: "rate too low \(seed)",
      setup: .ten(30),
      epochs: Course(
        epochs: 12,
        rate: { _ in 1e-6 },
        train: { 2.40 - 0.001 * Double($0) },
        validation: { 2.39 - 0.001 * Double($0) },
        trainNoise: 0.0001,
        validationNoise: 0.0001,
        seed: seed
      ).samples(),
      kinds: [.notLearning]
    )
  }

  static func tooHigh(_ seed: UInt64) -> SampleRun {
    SampleRun(
      name: "rate too high \(seed)",
      setup: .ten(30),
      epochs: Course(
        epochs: 12,
        rate: { _ in 0.5 },
        train: { $0 == 1 ? 14 : 3.1 },
        validation: { _ in 3.3 },
        trainNoise: 0.08,
        validationNoise: 0.2,
        validationAccuracy: { _ in 0.1 },
        seed: seed
      ).samples(),
      kinds: [.notLearning]
    )
  }

  /// The VGG-16 of a report with Adam at 0.001: 12.0 % of ten classes at its best.
  static func stuckAtChance(_ seed: UInt64) -> SampleRun {
    SampleRun(
      name: "stuck at chance \(seed)",
      setup: .ten(30) { $0.isAdaptive = true },
      epochs: Course(
        epochs: 30,
        stepsPerEpoch: 3125,
        rate: { 0.001 * [1, 0.1, 0.01, 0.001, 0.0001, 0.00001][($0 - 1) / 5] },
        train: { $0 == 1 ? 2.36 : 2.304 },
        validation: { _ in 2.303 },
        trainNoise: 0.0004,
        validationNoise: 0.0002,
        trainAccuracy: { _ in 0.0985 },
        validationAccuracy: { $0 == 7 ? 0.1201 : 0.1 },
        seed: seed
      ).samples(),
      kinds: [.notLearning]
    )
  }

  /// The lecture's network of a report: best at epoch 11, 80.9 % and 0.580, then away.
  static func overfitted(_ seed: UInt64) -> SampleRun {
    let falling = decay(from: 1.3, to: 0.55, in: 3.2)
    return SampleRun(
      name: "overfitted \(seed)",
      setup: .ten(100),
      epochs: Course(
        epochs: 40,
        stepsPerEpoch: 782,
        train: decay(from: 1.4, to: 0.02, in: 7),
        validation: { $0 <= 11 ? falling($0) : 0.58 + 0.035 * Double($0 - 11) },
        validationNoise: 0.01,
        seed: seed
      ).samples(),
      kinds: [.overfitting]
    )
  }

  /// The Keras DenseNet of a report: 94 % after one epoch, 40 % after the second, then recovered.
  static func settling(_ seed: UInt64) -> SampleRun {
    var setup = RunSetup(classes: 5, plannedEpochs: 30)
    setup.normalizationMomentum = 0.01
    setup.isAdaptive = true
    setup.validationCount = 15_000
    return SampleRun(
      name: "settling \(seed)",
      setup: setup,
      epochs: Course(
        epochs: 6,
        stepsPerEpoch: 1875,
        classes: 5,
        rate: { _ in 3e-4 },
        train: { [0.40, 0.15, 0.11, 0.09, 0.08, 0.07][$0 - 1] },
        validation: { [0.18, 3.4, 0.15, 0.12, 0.11, 0.10][$0 - 1] },
        trainAccuracy: { [0.86, 0.95, 0.965, 0.97, 0.975, 0.98][$0 - 1] },
        validationAccuracy: { [0.94, 0.40, 0.95, 0.96, 0.964, 0.966][$0 - 1] },
        seed: seed
      ).samples(),
      kinds: [.settlingStatistics]
    )
  }

  static func stalled(_ seed: UInt64) -> SampleRun {
    SampleRun(
      name: "stalled \(seed)",
      setup: .ten(100),
      epochs: Course(
        epochs: 40,
        train: decay(from: 1.8, to: 0.90, in: 2),
        validation: decay(from: 1.8, to: 0.93, in: 2),
        trainNoise: 0.003,
        validationNoise: 0.01,
        seed: seed
      ).samples(),
      kinds: [.plateau]
    )
  }

  /// Stochastic gradient descent as a report saw it: validation with ever wider swings.
  static func swinging(_ seed: UInt64) -> SampleRun {
    SampleRun(
      name: "swinging \(seed)",
      setup: .ten(100),
      epochs: Course(
        epochs: 24,
        rate: { _ in 0.2 },
        train: decay(from: 1.0, to: 0.4, in: 20),
        validation: { 1.0 + ($0.isMultiple(of: 2) ? 0.25 : -0.15) },
        trainNoise: 0.02,
        validationNoise: 0.1,
        seed: seed
      ).samples(),
      kinds: [.oscillation]
    )
  }

  static func ahead(_ seed: UInt64) -> SampleRun {
    let learning = decay(from: 1.8, to: 0.5, in: 10)
    return SampleRun(
      name: "ahead \(seed)",
      setup: .ten(100) { $0.hasDropout = true },
      epochs: Course(
        epochs: 25,
        train: learning,
        validation: { learning($0) * 0.7 },
        seed: seed
      ).samples(),
      kinds: [.validationAhead]
    )
  }

  static func unfinished(_ seed: UInt64) -> SampleRun {
    SampleRun(
      name: "unfinished \(seed)",
      setup: .ten(6),
      epochs: Course(
        epochs: 6,
        train: { 2.2 - 0.2 * Double($0) },
        validation: { 2.1 - 0.2 * Double($0) },
        trainNoise: 0.005,
        validationNoise: 0.01,
        trainAccuracy: { 0.2 + 0.06 * Double($0) },
        validationAccuracy: { 0.2 + 0.06 * Double($0) },
        seed: seed
      ).samples(),
      kinds: [.stillImproving]
    )
  }

  static func collapsed(_ seed: UInt64) -> SampleRun {
    let learning = decay(from: 1.8, to: 0.9, in: 6)
    return SampleRun(
      name: "collapsed \(seed)",
      setup: .ten(60),
      epochs: Course(
        epochs: 16,
        rate: { $0 <= 10 ? 0.01 : 0.3 },
        train: { $0 <= 10 ? learning($0) : 2.31 },
        validation: { $0 <= 10 ? learning($0) : 2.31 },
        trainNoise: 0.003,
        validationNoise: 0.003,
        seed: seed
      ).samples(),
      kinds: [.notLearning]
    )
  }
}
