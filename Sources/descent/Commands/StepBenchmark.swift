import Engine
import Foundation

/// Times training steps of a model on one fixed batch.
struct StepBenchmark {
  let model: Model
  let batch: Int
  let classes: Int

  struct Measured {
    /// Seconds a step.
    let median: Double
    let best: Double
    /// Mean seconds of a step's parts.
    let times: StepTimes
    let steps: Int
  }

  /// Two steps of warm-up, then at least three and as many as fit into `seconds`.
  func run(seconds: Double) -> Measured {
    prepare()
    var clock = StepClock()
    for number in 0..<2 { step(number, &clock) }
    clock = StepClock()
    var durations: [Double] = []
    let begin = ContinuousClock.now
    while durations.count < 3 || begin.duration(to: .now).seconds < seconds {
      let start = ContinuousClock.now
      step(durations.count + 2, &clock)
      durations.append(start.duration(to: .now).seconds)
    }
    durations.sort()
    let count = Double(durations.count)
    var mean = StepTimes()
    mean.forward = clock.times.forward / count
    mean.backward = clock.times.backward / count
    mean.update = clock.times.update / count
    return Measured(
      median: durations[durations.count / 2],
      best: durations[0],
      times: mean,
      steps: durations.count
    )
  }

  private func prepare() {
    model.initialize(seed: 1)
    model.trainingInput(batch: batch).fillAtRandom(classes: classes)
  }

  private func step(_ number: Int, _ clock: inout StepClock) {
    _ = model.computeGradients(batch: batch, seed: 1, step: number, clock: &clock)
    model.update(learningRate: 1e-3, clock: &clock)
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

/// What the process has used.
enum ProcessMemory {
  /// The most memory the process has had resident, in bytes; 0 where the system does not say.
  static func peakResidentBytes() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
      return 0
    }
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first
      .flatMap { Int($0) }.map { $0 << 10 } ?? 0
  }
}
