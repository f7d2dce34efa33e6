import Engine
import Foundation
import Kernels

/// Times training steps of a case on one fixed batch, and what memory they take.
struct StepBenchmark {
  let plan: ModelPlan
  let batch: Int
  let classes: Int
  let threads: Int

  struct Measured {
    let step: BenchmarkTiming
    /// Mean seconds of a step's parts.
    let times: StepTimes
    /// Bytes that became resident with the model and its steps; 0 where the system does not say.
    let grownBytes: Int
    let profile: StepProfile?
  }

  /// Makes the model, takes two steps of warm-up, then at least three and as many as fit into
  /// `seconds`; `operations` is how many a profile is wanted of.
  ///
  /// - Throws: `OutOfMemory`.
  func run(seconds: Double, profiling operations: Int? = nil) throws -> Measured {
    let before = ProcessMemory.anonymousBytes()
    ProcessMemory.resetPeak()
    let model = try Model(plan: plan, threads: threads)
    model.initialize(seed: 1)
    model.trainingInput(batch: batch).fillAtRandom(classes: classes)
    var clock = StepClock()
    for number in 0..<2 { step(model, number, &clock) }
    clock = StepClock()
    model.profile = operations.map { StepProfile(operations: $0) }
    let durations = durations(model, seconds, &clock)
    // Nothing of a model is given back while it lives: what is there now is the most there was.
    let after = ProcessMemory.anonymousBytes()
    return Measured(
      step: BenchmarkTiming(times: durations),
      times: clock.times.divided(by: Double(durations.count)),
      grownBytes: max(0, after - before),
      profile: model.profile
    )
  }

  private func durations(_ model: Model, _ seconds: Double, _ clock: inout StepClock) -> [Double] {
    var durations: [Double] = []
    let begin = ContinuousClock.now
    while durations.count < 3 || begin.duration(to: .now).seconds < seconds {
      let start = ContinuousClock.now
      step(model, durations.count + 2, &clock)
      durations.append(start.duration(to: .now).seconds)
    }
    return durations
  }

  private func step(_ model: Model, _ number: Int, _ clock: inout StepClock) {
    _ = model.computeGradients(batch: batch, seed: 1, step: number, clock: &clock)
    model.update(learningRate: 1e-3, clock: &clock)
  }
}

extension StepTimes {
  fileprivate func divided(by count: Double) -> StepTimes {
    var result = StepTimes()
    result.forward = forward / count
    result.backward = backward / count
    result.update = update / count
    return result
  }
}

extension BatchInput {
  /// Images of the size of normalised ones, and labels; the same every time.
  func fillAtRandom(classes: Int) {
    var generator = FixedGenerator()
    for index in images.indices {
      images[index] = Float.random(in: -1.7...1.7, using: &generator)
    }
    for index in labels.indices {
      labels[index] = Int32.random(in: 0..<Int32(max(classes, 2)), using: &generator)
    }
  }
}

/// SplitMix64 (Steele, Lea and Flood 2014) from one fixed seed.
private struct FixedGenerator: RandomNumberGenerator {
  private var state: UInt64 = 1

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }
}

/// What the process uses; 0 where the system does not say.
enum ProcessMemory {
  /// The most memory the process has had resident, in bytes, since it began or `resetPeak`.
  static func peakResidentBytes() -> Int { bytes(of: "VmHWM:") }

  /// The memory that is resident now and is no file's, as the program's own code is, in bytes.
  static func anonymousBytes() -> Int { bytes(of: "RssAnon:") }

  /// Lets the peak begin anew with what is resident now, where the system can.
  static func resetPeak() {
    try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
  }

  private static func bytes(of key: String) -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
      return 0
    }
    let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first
      .flatMap { Int($0) }.map { $0 << 10 } ?? 0
  }
}
