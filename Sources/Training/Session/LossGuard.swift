import Foundation

/// Tells a loss that has gone wrong from one that is only high.
///
/// A loss is wrong where it is no finite number, or where it is over `factor` times what guessing
/// gives and over `factor` times its mean of late. Both must be: a network that has learned has
/// batches many times its mean, and one that begins has a mean far above guessing. A mean takes
/// its time; until then, and ever after, a loss is wrong that is over `hopeless` times the first
/// one and what guessing gives.
struct LossGuard: Hashable, Sendable, Codable {
  static let factor = 3.0
  /// Steps before a mean is one.
  static let leastSteps = 20
  /// What a new step counts for: about the last 50 steps make the mean.
  static let weight = 0.02

  static let hopeless = 30.0

  private(set) var first: Double?
  private(set) var mean = 0.0
  private(set) var steps = 0

  /// What is wrong with a loss.
  enum Fault: Hashable, Sendable {
    case notFinite
    /// So many times the mean, or the first one.
    case leapt(Double)
  }

  /// Takes the next step's mean loss of a network with so many outputs.
  mutating func observe(_ loss: Double, classes: Int) -> Fault? {
    guard loss.isFinite else { return .notFinite }
    // One output tells two classes apart.
    let guessing = log(Double(max(2, classes)))
    let start = first ?? loss
    first = start
    if loss > LossGuard.hopeless * max(start, guessing) { return .leapt(loss / start) }
    if steps >= LossGuard.leastSteps, loss > LossGuard.factor * max(mean, guessing) {
      return .leapt(loss / mean)
    }
    mean += (loss - mean) * max(LossGuard.weight, 1 / Double(steps + 1))
    steps += 1
    return nil
  }
}
