import Telemetry

/// Runs of which nobody with experience would say anything, in their ups and downs of many seeds.
enum HealthyRuns {
  static let all: [SampleRun] = (1...12).flatMap { seed in
    [
      plain(seed), pretrained(seed), stepped(seed), warmedUp(seed), shortAndSlow(seed),
      sparse(seed), converged(seed), annealed(seed), normalised(seed), thousand(seed),
      mildlyUneven(seed), withoutValidation(seed), shaken(seed), small(seed),
    ]
  }

  /// A network that learns, and whose validation flattens a little above training.
  static func plain(_ seed: UInt64) -> SampleRun {
    SampleRun(
      name: "plain \(seed)",
      setup: .ten(60),
      epochs: Course(
        epochs: 30,
        train: decay(from: 1.9, to: 0.35, in: 12),
        validation: decay(from: 1.82, to: 0.40, in: 12),
        seed: seed
      ).samples()
    )
  }

  /// Begins where others end.
  static func pretrained(_ seed: UInt64) -> SampleRun {
    SampleRun(
      name: "pretrained \(seed)",
      setup: .ten(40) { $0.normalizationMomentum = 0.1 },
      epochs: Course(
        epochs: 20,
        rate: { _ in 0.001 },
        train: decay(from: 0.30, to: 0.004, in: 3),
        validation: decay(from: 0.16, to: 0.13, in: 3),
        seed: seed
      ).samples()
    )
  }

  /// The custom network of a report: Adam, a tenth of the rate every 30 epochs, best at 62 of 77.
  static func stepped(_ seed: UInt64) -> SampleRun {
    let early = decay(from: 1.6, to: 0.5, in: 9)
    let late = decay(from: 0.40, to: 0.24, in: 25)
    return SampleRun(
      name: "stepped \(seed)",
      setup: .ten(300) {
        $0.isAdaptive = true
        $0.normalizationMomentum = 0.1
        $0.hasDropout = true
        $0.hasAugmentation = true
      },
      epochs: Course(
        epochs: 60,
        rate: { $0 <= 30 ? 1e-3 : 1e-4 },
        train: { $0 <= 30 ? early($0) : late($0 - 30) },
        validation: { ($0 <= 30 ? early($0) : late($0 - 30)) * 1.02 },
        validationNoise: 0.04,
        seed: seed
      ).samples()
    )
  }

  /// At chance while the rate climbs, then off.
  static func warmedUp(_ seed: UInt64) -> SampleRun {
    let learning = decay(from: 2.0, to: 0.6, in: 8)
    return SampleRun(
      name: "warmed up \(seed)",
      setup: .ten(60),
      epochs: Course(
        epochs: 25,
        rate: { 0.02 * Double(min($0, 5)) },
        train: { $0 <= 4 ? 2.305 : learning($0 - 4) },
        validation: { $0 <= 4 ? 2.303 : learning($0 - 4) },
        trainNoise: 0.002,
        validationNoise: 0.01,
        seed: seed
      ).samples()
    )
  }

  /// The ViT of a report: 29 % to 43 % of five classes in three epochs, and thus not at its end.
  static func shortAndSlow(_ seed: UInt64) -> SampleRun {
    var setup = RunSetup(classes: 5, plannedEpochs: 10)
    setup.trainCounts = Array(repeating: 12_000, count: 5)
    setup.isAdaptive = true
    return SampleRun(
      name: "short and slow \(seed)",
      setup: setup,
      epochs: Course(
        epochs: 3,
        stepsPerEpoch: 2000,
        classes: 5,
        train: { [1.55, 1.44, 1.36][$0 - 1] },
        validation: { [1.50, 1.41, 1.33][$0 - 1] },
        trainAccuracy: { [0.29, 0.37, 0.43][$0 - 1] },
        seed: seed
      ).samples()
    )
  }

  /// So few steps an epoch that chance is no wonder for a while.
  static func sparse(_ seed: UInt64) -> SampleRun {
    let learning = decay(from: 2.2, to: 1.0, in: 15)
    return SampleRun(
      name: "sparse \(seed)",
      setup: .ten(80),
      epochs: Course(
        epochs: 30,
        stepsPerEpoch: 20,
        train: { $0 <= 8 ? 2.303 : learning($0 - 8) },
        validation: { $0 <= 8 ? 2.303 : learning($0 - 8) },
        trainNoise: 0.003,
        validationNoise: 0.01,
        seed: seed
      ).samples()
    )
  }

  /// Has learned all there is.
  static func converged(_ seed: UInt64) -> SampleRun {
    SampleRun(
      name: "converged \(seed)",
      setup: .ten(60),
      epochs: Course(
        epochs: 40,
        train: decay(from: 0.8, to: 0.004, in: 2),
        validation: decay(from: 0.5, to: 0.031, in: 2),
        trainNoise: 0.1,
        validationNoise: 0.06,
        seed: seed
      ).samples()
    )
  }

  /// Half a cosine: flat at the end because the rate is nearly nought.
  static func annealed(_ seed: UInt64) -> SampleRun {
    let learning = decay(from: 1.8, to: 0.4, in: 6)
    return SampleRun(
      name: "annealed \(seed)",
      setup: .ten(40),
      epochs: Course(
        epochs: 40,
        rate: { 0.1 * Double((40 - $0) * (40 - $0)) / 1600 + 1e-5 },
        train: learning,
        validation: { learning($0) * 1.05 },
        trainNoise: 0.004,
        seed: seed
      ).samples()
    )
  }

  /// Batch normalisation from scratch, validation unsteady but never far off.
  static func normalised(_ seed: UInt64) -> SampleRun {
    SampleRun(
      name: "normalised \(seed)",
      setup: .ten(60) { $0.normalizationMomentum = 0.01 },
      epochs: Course(
        epochs: 30,
        rate: { _ in 0.1 },
        train: decay(from: 1.5, to: 0.3, in: 10),
        validation: decay(from: 1.6, to: 0.4, in: 10),
        validationNoise: 0.08,
        seed: seed
      ).samples()
    )
  }

  /// A thousand classes: 1.5 % is fifteen times chance.
  static func thousand(_ seed: UInt64) -> SampleRun {
    var setup = RunSetup(classes: 1000, plannedEpochs: 90)
    setup.validationCount = 50_000
    return SampleRun(
      name: "thousand \(seed)",
      setup: setup,
      epochs: Course(
        epochs: 4,
        stepsPerEpoch: 5000,
        train: { [6.3, 5.4, 4.8, 4.4][$0 - 1] },
        validation: { [5.7, 5.0, 4.5, 4.2][$0 - 1] },
        trainAccuracy: { [0.015, 0.07, 0.13, 0.17][$0 - 1] },
        validationAccuracy: { [0.04, 0.10, 0.16, 0.19][$0 - 1] },
        seed: seed
      ).samples()
    )
  }

  /// Two classes, 70 to 30, learned slowly but surely.
  static func mildlyUneven(_ seed: UInt64) -> SampleRun {
    var setup = RunSetup(classes: 1, plannedEpochs: 60)
    setup.trainCounts = [700, 300]
    setup.classNames = ["healthy", "ill"]
    setup.validationCount = 250
    return SampleRun(
      name: "mildly uneven \(seed)",
      setup: setup,
      epochs: Course(
        epochs: 25,
        stepsPerEpoch: 32,
        classes: 2,
        train: decay(from: 0.60, to: 0.15, in: 10),
        validation: decay(from: 0.58, to: 0.20, in: 10),
        validationNoise: 0.04,
        trainAccuracy: { min(0.95, 0.71 + 0.01 * Double($0)) },
        validationAccuracy: { min(0.93, 0.70 + 0.01 * Double($0)) },
        seed: seed
      ).samples()
    )
  }

  static func withoutValidation(_ seed: UInt64) -> SampleRun {
    SampleRun(
      name: "without validation \(seed)",
      setup: .ten(60) { $0.validationCount = 0 },
      epochs: Course(epochs: 25, train: decay(from: 1.9, to: 0.3, in: 9), seed: seed).samples()
    )
  }

  /// A spike now and then, from which it comes back.
  static func shaken(_ seed: UInt64) -> SampleRun {
    let learning = decay(from: 1.8, to: 0.3, in: 8)
    return SampleRun(
      name: "shaken \(seed)",
      setup: .ten(60),
      epochs: Course(
        epochs: 30,
        train: { learning($0) * ($0.isMultiple(of: 9) ? 1.4 : 1) },
        validation: { learning($0) * ($0.isMultiple(of: 9) ? 2 : 1.1) },
        seed: seed
      ).samples()
    )
  }

  /// Few images: validation shakes, and its accuracy by points.
  static func small(_ seed: UInt64) -> SampleRun {
    SampleRun(
      name: "small \(seed)",
      setup: .ten(60) {
        $0.trainCounts = Array(repeating: 130, count: 10)
        $0.validationCount = 200
      },
      epochs: Course(
        epochs: 25,
        stepsPerEpoch: 20,
        train: decay(from: 1.6, to: 0.2, in: 7),
        validation: decay(from: 1.3, to: 0.25, in: 7),
        trainNoise: 0.03,
        validationNoise: 0.07,
        seed: seed
      ).samples()
    )
  }
}
