import Kernels
import Synchronization

/// Memory for a kernel under test, between two bands that nobody may write.
final class GuardedFloats {
  let floats: Floats
  private let base: UnsafeMutablePointer<Float>
  private let band = 64
  private let mark: Float = -12345.678

  init(_ values: [Float]) {
    base = allocateForGood(values.count + 2 * band)
    base.initialize(repeating: mark, count: values.count + 2 * band)
    floats = Floats(base: base + band, count: values.count)
    for (index, value) in values.enumerated() { floats[index] = value }
  }

  convenience init(count: Int, filledWith value: Float = .nan) {
    self.init([Float](repeating: value, count: count))
  }

  var values: [Float] { (0..<floats.count).map { floats[$0] } }
  /// The same memory as activations.
  var elements: Elements { Elements(floats) }
  var bits: [UInt32] { values.map(\.bitPattern) }

  /// Whether both bands are as they were.
  var isIntact: Bool {
    (0..<band).allSatisfy { base[$0] == mark && base[band + floats.count + $0] == mark }
  }
}

/// Memory that is never given back: a kernel gets bare addresses, which keep no owner alive.
private func allocateForGood<Value>(_ count: Int) -> UnsafeMutablePointer<Value> {
  let base = UnsafeMutablePointer<Value>.allocate(capacity: count)
  allocated.withLock { $0.append(UInt(bitPattern: base)) }
  return base
}

/// Keeps what was allocated reachable, so that it is no leak.
private let allocated = Mutex<[UInt]>([])

/// The same for bytes.
final class GuardedBytes {
  let bytes: Bytes
  private let base: UnsafeMutablePointer<UInt8>
  private let band = 64
  private let mark: UInt8 = 0xA5

  init(count: Int) {
    base = allocateForGood(count + 2 * band)
    base.initialize(repeating: mark, count: count + 2 * band)
    bytes = Bytes(base: base + band, count: count)
  }

  var values: [UInt8] { (0..<bytes.count).map { bytes.base[$0] } }

  var isIntact: Bool {
    (0..<band).allSatisfy { base[$0] == mark && base[band + bytes.count + $0] == mark }
  }
}

/// Repeatable values for tests (SplitMix64).
struct Noise {
  private var state: UInt64

  init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  mutating func pick(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }

  mutating func value() -> Float { Float(next() >> 40) / 8_388_608 - 1 }

  mutating func values(_ count: Int) -> [Float] { (0..<count).map { _ in value() } }
}

/// The largest |a - b| / (1 + |b|); infinite when lengths differ or a value is not finite.
func largestError(_ values: [Float], _ wanted: [Double]) -> Double {
  guard values.count == wanted.count else { return .infinity }
  var largest = 0.0
  for (value, wanted) in zip(values, wanted) {
    let error = abs(Double(value) - wanted) / (1 + abs(wanted))
    if !error.isFinite { return .infinity }
    largest = max(largest, error)
  }
  return largest
}

/// What `body` gives on one, two and three threads.
func onThreadCounts<Result>(_ body: (WorkerPool) -> Result) -> [Result] {
  (1...3).map { body(WorkerPool(threads: $0)) }
}
