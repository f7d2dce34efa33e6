import Telemetry
import Testing

/// A made-up run: its curves, and the remarks it deserves over all its epochs.
struct SampleRun: Sendable, CustomTestStringConvertible {
  let name: String
  var setup: RunSetup
  var epochs: [EpochSample]
  /// What is measured in an epoch, by its number.
  var measures: @Sendable (Int) -> EpochMeasures = { _ in EpochMeasures() }
  /// Of the remarks that must be said, none more and none less.
  var kinds: Set<Remark.Kind> = []

  var testDescription: String { name }

  /// The run as it stands after that many epochs.
  func history(after count: Int) -> RunHistory {
    RunHistory(setup: setup, epochs: Array(epochs.prefix(count)), measures: measures(count))
  }

  /// All that is said from before the first epoch to the end of the last, with the epoch.
  func remarks() -> [RemarkLog.Saying] {
    var log = RemarkLog()
    for count in 0...epochs.count { _ = log.look(at: history(after: count)) }
    return log.said
  }
}

/// Shapes of curves; every value follows from the epoch, counted from 1, and the seed.
struct Course {
  var epochs: Int
  var stepsPerEpoch = 400
  var classes = 10
  var rate: (Int) -> Double = { _ in 0.01 }
  var train: (Int) -> Double
  var validation: ((Int) -> Double)?
  /// Standard deviations of the losses, in shares of them.
  var trainNoise = 0.01
  var validationNoise = 0.02
  /// Where accuracy is not what usually goes with the loss.
  var trainAccuracy: ((Int) -> Double)?
  var validationAccuracy: ((Int) -> Double)?
  var seed: UInt64 = 1

  func samples() -> [EpochSample] {
    var noise = Noise(seed: seed)
    return (1...epochs).map { epoch in
      let trainLoss = train(epoch) * (1 + trainNoise * noise.next())
      let validationLoss = validation.map { $0(epoch) * (1 + validationNoise * noise.next()) }
      return EpochSample(
        epoch: epoch,
        step: epoch * stepsPerEpoch,
        trainLoss: trainLoss,
        trainAccuracy: trainAccuracy?(epoch) ?? accuracy(trainLoss),
        validationLoss: validationLoss,
        validationAccuracy: validationLoss.map { validationAccuracy?(epoch) ?? accuracy($0) },
        seconds: 1,
        imagesPerSecond: 1,
        learningRate: rate(epoch),
        ledger: TimeLedger()
      )
    }
  }

  /// Falls in a straight line from 1 to chance as the loss goes from 0 to that of guessing.
  private func accuracy(_ loss: Double) -> Double {
    let chance = 1 / Double(classes)
    let guessing = [2: 0.693, 5: 1.609, 10: 2.303][classes] ?? 2.303
    return min(1, max(chance, 1 - (1 - chance) * loss / guessing))
  }
}

/// Numbers around 0 with a standard deviation of 1 that follow from a seed alone.
struct Noise {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed &* 0xD134_2543_DE82_EF95
  }

  /// The sum of twelve uniform numbers, less 6: near enough to a normal one.
  mutating func next() -> Double {
    (0..<12).reduce(-6.0) { sum, _ in sum + uniform() }
  }

  /// SplitMix64 (Steele, Lea and Flood 2014), from 0 to 1.
  private mutating func uniform() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((bits ^ (bits >> 31)) >> 11) / Double(1 << 53)
  }
}

/// Falls from `start` towards `end`, a factor e nearer every `epochs` epochs.
func decay(from start: Double, to end: Double, in epochs: Double) -> (Int) -> Double {
  { epoch in
    // e^-x by halving x until its series is short.
    let x = Double(epoch - 1) / epochs / 256
    let part = 1 - x + x * x / 2 - x * x * x / 6
    return end + (start - end) * (0..<8).reduce(part) { power, _ in power * power }
  }
}

extension RunSetup {
  /// Ten balanced classes of 4,500 training and 500 validation images each.
  static func ten(_ epochs: Int, _ change: (inout RunSetup) -> Void = { _ in }) -> RunSetup {
    var setup = RunSetup(classes: 10, plannedEpochs: epochs)
    setup.trainCounts = Array(repeating: 4500, count: 10)
    setup.validationCount = 5000
    change(&setup)
    return setup
  }
}
