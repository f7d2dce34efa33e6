#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What a learning-rate range test found (Smith 2017, arXiv 1506.01186): the loss of one step
/// after the other at ever higher rates.
package struct RangeTest: Hashable, Sendable, Codable {
  /// One step of the test.
  package struct Point: Hashable, Sendable, Codable {
    package var rate: Double
    /// Mean loss of the batch before the update at this rate.
    package var loss: Double
    /// The loss, smoothed.
    package var smoothed: Double

    package init(rate: Double, loss: Double, smoothed: Double) {
      self.rate = rate
      self.loss = loss
      self.smoothed = smoothed
    }
  }

  /// Over this many times its least, and over what guessing gives, the loss has exploded: higher
  /// rates need no trying.
  package static let explosion = 4.0
  /// What the mean before a step counts for in the smoothed loss.
  package static let memory = 0.9
  /// The share of a fall that makes it one: before it the loss only trembles.
  private static let beginning = 0.05
  /// Points at either end that make no suggestion: the first are smoothed from too few.
  private static let margin = 5

  package private(set) var points: [Point] = []
  /// The hash of weights, statistics and optimizer before the test, which is that after it.
  package var stateHash: String?

  /// The loss of guessing, as far as the test's classes are known.
  package let guessing: Double

  private var mean = 0.0

  /// A test of a network with so many outputs.
  package init(classes: Int) {
    // One output tells two classes apart.
    guessing = log(Double(max(2, classes)))
  }

  /// Rates from `lowest` to `highest`, each the same multiple of the one before.
  package static func rates(from lowest: Double, to highest: Double, count: Int) -> [Double] {
    let ratio = log(highest / lowest) / Double(max(count - 1, 1))
    return (0..<count).map { lowest * exp(ratio * Double($0)) }
  }

  /// Takes the next step's loss.
  ///
  /// - Returns: whether to go on to the next rate.
  package mutating func add(rate: Double, loss: Double) -> Bool {
    guard loss.isFinite else { return false }
    mean = RangeTest.memory * mean + (1 - RangeTest.memory) * loss
    // The mean begins at zero: it is too small by what that still counts for.
    let smoothed = mean / (1 - pow(RangeTest.memory, Double(points.count + 1)))
    points.append(Point(rate: rate, loss: loss, smoothed: smoothed))
    let least = points.lazy.map(\.smoothed).min() ?? smoothed
    return points.count <= RangeTest.margin
      || smoothed < max(RangeTest.explosion * least, guessing)
  }

  /// The rate at which the smoothed loss falls most steeply over the logarithm of the rate; nil
  /// where it does not fall by more than batches differ.
  package var steepest: Double? {
    guard fall != nil else { return nil }
    let slopes = usable.dropFirst().dropLast().map { index in
      (points[index + 1].smoothed - points[index - 1].smoothed, index)
    }
    guard let least = slopes.min(by: { $0.0 < $1.0 }), least.0 < 0 else { return nil }
    return points[least.1].rate
  }

  /// The rate in the middle, on the logarithm's scale, of the fall: from where the smoothed loss
  /// has begun to fall to where it is least; nil where it falls by less than batches differ.
  package var valley: Double? {
    fall.map { points[($0.lowerBound + $0.upperBound) / 2].rate }
  }

  /// The points from where the smoothed loss has begun to fall to where it is least.
  private var fall: ClosedRange<Int>? {
    guard let least = usable.min(by: { points[$0].smoothed < points[$1].smoothed }) else {
      return nil
    }
    let before = usable.lowerBound...least
    let top = before.lazy.map { points[$0].smoothed }.max() ?? 0
    let depth = top - points[least].smoothed
    let squares = before.lazy.map { pow(points[$0].loss - points[$0].smoothed, 2) }
    let noise = (squares.reduce(0, +) / Double(before.count)).squareRoot()
    guard depth > max(noise, 1e-3 * top) else { return nil }
    let edge = top - RangeTest.beginning * depth
    return (before.last { points[$0].smoothed >= edge } ?? least)...least
  }

  /// Without both ends, of which the last is where the loss explodes.
  private var usable: Range<Int> {
    let low = min(RangeTest.margin, points.count)
    return low..<max(low, points.count - RangeTest.margin)
  }
}
