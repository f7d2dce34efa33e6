extension Schedule: CustomStringConvertible {
  /// What can be written for a schedule.
  package static let spellings = """
    constant, step:EVERY:FACTOR (as step:30:0.1), multistep:E1,E2,…:FACTOR, exponential:GAMMA, \
    cosine[:MIN], \
    restarts:FIRST[:MULTIPLIER[:MIN]], onecycle[:RISE[:DIVISOR[:FINAL_DIVISOR]]], \
    polynomial:POWER[:END] or plateau:FACTOR:PATIENCE[:THRESHOLD[:COOLDOWN[:MIN]]]
    """

  /// The command line's spelling: `constant`, `step:30:0.1`.
  ///
  /// What has its default is left out.
  package var description: String {
    switch self {
    case .constant: "constant"
    case .step(let every, let factor): "step:\(every):\(factor)"
    case .multistep(let epochs, let factor):
      "multistep:\(epochs.map(String.init).joined(separator: ",")):\(factor)"
    case .exponential(let gamma): "exponential:\(gamma)"
    case .cosine(let minimum): Spelled("cosine", [(minimum, 0)]).text
    case .restarts(let first, let multiplier, let minimum):
      Spelled("restarts:\(first)", [(Double(multiplier), 1), (minimum, 0)]).text
    case .onecycle(let rise, let divisor, let finalDivisor):
      Spelled("onecycle", [(rise, 0.3), (divisor, 25), (finalDivisor, 1e4)]).text
    case .polynomial(let power, let end): Spelled("polynomial:\(power)", [(end, 0)]).text
    case .plateau(let settings):
      Spelled(
        "plateau:\(settings.factor):\(settings.patience)",
        [
          (settings.threshold, PlateauSettings.defaultThreshold),
          (Double(settings.cooldown), 0),
          (settings.minimum, 0),
        ]
      ).text
    }
  }

  /// Reads the command line's spelling; nil where it is none, or has numbers out of their ranges.
  package init?(text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard let name = parts.first, let kind = Kind(rawValue: name) else { return nil }
    var reader = NumberReader(Array(parts.dropFirst()))
    let schedule = kind.schedule(&reader)
    guard reader.isDone else { return nil }
    self = schedule
  }

  /// The schedules' names.
  private enum Kind: String {
    case constant
    case step
    case multistep
    case exponential
    case cosine
    case restarts
    case onecycle
    case polynomial
    case plateau

    /// The schedule with the numbers behind its name; of no use where the reader is not done.
    func schedule(_ reader: inout NumberReader) -> Schedule {
      switch self {
      case .constant: .constant
      case .step: .step(every: reader.count(from: 1), factor: reader.factor())
      case .multistep: .multistep(epochs: reader.counts(), factor: reader.factor())
      case .exponential: .exponential(gamma: reader.factor())
      case .cosine: .cosine(minimum: reader.share(or: 0))
      case .restarts:
        .restarts(
          first: reader.count(from: 1),
          multiplier: reader.count(from: 1, or: 1),
          minimum: reader.share(or: 0)
        )
      case .onecycle:
        .onecycle(
          rise: reader.share(or: 0.3),
          divisor: reader.factor(or: 25),
          finalDivisor: reader.factor(or: 1e4)
        )
      case .polynomial: .polynomial(power: reader.factor(), end: reader.share(or: 0))
      case .plateau:
        .plateau(
          PlateauSettings(
            factor: reader.number(above: 0, below: 1),
            patience: reader.count(from: 0),
            threshold: reader.number(from: 0, or: PlateauSettings.defaultThreshold),
            cooldown: reader.count(from: 0, or: 0),
            minimum: reader.share(or: 0)
          )
        )
      }
    }
  }
}

extension Warmup: CustomStringConvertible {
  /// The command line's spelling: epochs, and `:START` where that is not its default.
  package var description: String { Spelled("\(epochs)", [(start, Warmup.defaultStart)]).text }

  /// Reads the command line's spelling; nil where it is none.
  package init?(text: String) {
    var reader = NumberReader(
      text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    )
    self.init(epochs: reader.count(from: 1), start: reader.share(or: Warmup.defaultStart))
    guard reader.isDone else { return nil }
  }
}

/// A name, and its numbers up to the last one that is not its default.
private struct Spelled {
  let text: String

  init(_ name: String, _ numbers: [(value: Double, usual: Double)]) {
    let count = (numbers.lastIndex { $0.value != $0.usual } ?? -1) + 1
    let texts = numbers.prefix(count).map { number in
      // A count has no fraction, and is read without one.
      Int(exactly: number.value).map { "\($0)" } ?? "\(number.value)"
    }
    text = ([name] + texts).joined(separator: ":")
  }
}

/// Takes numbers off a row of texts; what is missing, or out of its range, ends the reading.
private struct NumberReader {
  private var rest: [String]
  private var failed = false

  init(_ texts: [String]) { rest = texts }

  /// Whether all were read, and none was wrong.
  var isDone: Bool { rest.isEmpty && !failed }

  /// A whole number; `usual` where there is none.
  mutating func count(from least: Int, or usual: Int? = nil) -> Int {
    guard let text = next(usual != nil) else { return usual ?? 0 }
    guard let value = Int(text), value >= least, value <= 1_000_000 else { return fail(0) }
    return value
  }

  /// Whole numbers that grow, between commas.
  mutating func counts() -> [Int] {
    guard let text = next(false) else { return [] }
    let values = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard zip([0] + values, values).allSatisfy(<) else { return fail([]) }
    return values
  }

  /// Above 0.
  mutating func factor(or usual: Double? = nil) -> Double { number(above: 0, or: usual) }

  /// From 0 to 1.
  mutating func share(or usual: Double) -> Double {
    let value = number(from: 0, or: usual)
    return value <= 1 ? value : fail(0)
  }

  mutating func number(
    from least: Double = 0,
    above limit: Double = -1,
    below most: Double = .infinity,
    or usual: Double? = nil
  ) -> Double {
    guard let text = next(usual != nil) else { return usual ?? 0 }
    guard let value = Double(text), value >= least, value > limit, value < most else {
      return fail(0)
    }
    return value
  }

  private mutating func next(_ isOptional: Bool) -> String? {
    guard let text = rest.first else { return isOptional ? nil : fail(nil) }
    rest.removeFirst()
    return text
  }

  private mutating func fail<Value>(_ value: Value) -> Value {
    failed = true
    return value
  }
}
