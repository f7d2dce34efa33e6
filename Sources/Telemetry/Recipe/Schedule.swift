#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// How the learning rate changes by itself, as a factor on the base rate, in PyTorch's formulas.
///
/// All but `onecycle` change at the ends of epochs only; `onecycle` changes with every step.
package enum Schedule: Hashable, Sendable, Codable {
  case constant
  /// Multiplied by `factor` after every `every` epochs (StepLR).
  case step(every: Int, factor: Double)
  /// Multiplied by `factor` after each of these numbers of epochs (MultiStepLR).
  case multistep(epochs: [Int], factor: Double)
  /// Multiplied by `gamma` after every epoch (ExponentialLR).
  case exponential(gamma: Double)
  /// Half a cosine from 1 to `minimum` over all epochs (CosineAnnealingLR).
  case cosine(minimum: Double)
  /// Half cosines from 1 to `minimum`, the first over `first` epochs and every other over
  /// `multiplier` times the one before (CosineAnnealingWarmRestarts).
  case restarts(first: Int, multiplier: Int, minimum: Double)
  /// Up from 1/`divisor` to 1 over the share `rise` of all steps, then down to a `finalDivisor`th
  /// of where it began, both along half a cosine (OneCycleLR). The momentum stays as it is.
  case onecycle(rise: Double, divisor: Double, finalDivisor: Double)
  /// A power of the share of epochs still to come, from 1 to `end` (PolynomialLR).
  case polynomial(power: Double, end: Double)
  /// Multiplied where the validation loss no longer falls: `PlateauState` has the factor.
  case plateau(PlateauSettings)
}

extension Schedule {
  /// The factor on the base learning rate of the step at `position`; of `plateau`, 1.
  package func factor(at position: SchedulePosition) -> Double {
    let epoch = position.epoch
    switch self {
    case .constant, .plateau:
      return 1
    case .step(let every, let factor):
      return Schedule.product(of: factor, count: epoch / every)
    case .multistep(let epochs, let factor):
      return Schedule.product(of: factor, count: epochs.count { $0 <= epoch })
    case .exponential(let gamma):
      return Schedule.product(of: gamma, count: epoch)
    case .cosine(let minimum):
      return Schedule.fall(from: 1, to: minimum, at: Double(epoch) / Double(position.epochs))
    case .restarts(let first, let multiplier, let minimum):
      return Schedule.fall(
        from: 1,
        to: minimum,
        at: Schedule.shareOfCycle(epoch, first: first, multiplier: multiplier)
      )
    case .onecycle(let rise, let divisor, let finalDivisor):
      let start = 1 / divisor
      return Schedule.onecycle(at: position, rise: rise, start: start, end: start / finalDivisor)
    case .polynomial(let power, let end):
      let left = 1 - min(Double(epoch) / Double(position.epochs), 1)
      return end + (1 - end) * pow(left, power)
    }
  }

  /// Repeated products, not a power function: the same bits on every platform.
  private static func product(of factor: Double, count: Int) -> Double {
    (0..<count).reduce(1) { product, _ in product * factor }
  }

  /// Half a cosine, which has left `from` at 0 and reaches `to` at 1 and beyond.
  private static func fall(from: Double, to: Double, at share: Double) -> Double {
    to + (from - to) * (1 + cos(Double.pi * min(max(share, 0), 1))) / 2
  }

  /// How much of its cycle is over at an epoch, 0 ..< 1.
  private static func shareOfCycle(_ epoch: Int, first: Int, multiplier: Int) -> Double {
    var start = 0
    var length = first
    while epoch - start >= length {
      start += length
      length *= multiplier
    }
    return Double(epoch - start) / Double(length)
  }

  private static func onecycle(
    at position: SchedulePosition,
    rise: Double,
    start: Double,
    end: Double
  ) -> Double {
    let steps = Double(position.epochs * position.stepsPerEpoch)
    let step = Double(position.step)
    let top = rise * steps - 1
    if step <= top { return fall(from: start, to: 1, at: top > 0 ? step / top : 1) }
    let length = steps - 1 - top
    return fall(from: 1, to: end, at: length > 0 ? (step - top) / length : 1)
  }
}

/// Where in a run a schedule is asked: before the step that is to be made.
///
/// The place is told by the epoch and the step in it, not by a count of all steps, so that a batch
/// size that changes on the way moves nothing.
package struct SchedulePosition: Hashable, Sendable {
  /// Whole epochs done: 0 during the first.
  package var epoch: Int
  /// Steps done of the epoch under way.
  package var stepOfEpoch: Int
  package var stepsPerEpoch: Int
  /// Epochs the run is to have.
  package var epochs: Int

  package init(epoch: Int, stepOfEpoch: Int, stepsPerEpoch: Int, epochs: Int) {
    self.epoch = epoch
    self.stepOfEpoch = stepOfEpoch
    self.stepsPerEpoch = stepsPerEpoch
    self.epochs = epochs
  }

  /// Steps done, were all epochs as long as this one.
  package var step: Int { epoch * stepsPerEpoch + stepOfEpoch }

  /// The position in a run that began `epochs` later.
  func after(epochs: Int) -> SchedulePosition {
    var later = self
    later.epoch -= epochs
    later.epochs = max(later.epochs - epochs, 1)
    return later
  }
}

/// A learning rate that grows in a straight line, step by step, to the schedule's (LinearLR).
///
/// The schedule begins where the warm-up ends, and has the epochs that are left (SequentialLR).
package struct Warmup: Hashable, Sendable, Codable {
  package static let defaultStart = 0.01

  package var epochs: Int
  /// The first step's factor.
  package var start: Double

  package init(epochs: Int, start: Double = Warmup.defaultStart) {
    self.epochs = epochs
    self.start = start
  }

  /// The factor on the base learning rate during the warm-up; nil behind it.
  package func factor(at position: SchedulePosition) -> Double? {
    let steps = epochs * position.stepsPerEpoch
    guard position.epoch < epochs, steps > 0 else { return nil }
    return start + (1 - start) * Double(position.step) / Double(steps)
  }
}

extension Recipe {
  /// What warm-up and schedule make of the base learning rate in the step at `position`.
  ///
  /// `plateau` is what the run keeps for a schedule of that name; it counts for no other.
  package func scheduleFactor(at position: SchedulePosition, plateau: PlateauState?) -> Double {
    if let factor = warmup?.factor(at: position) { return factor }
    if case .plateau = schedule { return plateau?.factor ?? 1 }
    return schedule.factor(at: position.after(epochs: warmup?.epochs ?? 0))
  }
}
