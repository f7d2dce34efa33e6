import Foundation
import Terminal

/// One labelled place on an axis.
nonisolated struct AxisTick: Hashable {
  var value: Double
  var label: String
}

/// Round numbers for axes.
nonisolated enum AxisTicks {
  /// The smallest of 1, 2 and 5 times a power of ten that is not below `value`.
  static func roundStep(atLeast value: Double) -> Double {
    guard value > 0, value.isFinite else { return 1 }
    let decade = pow(10, log10(value).rounded(.down))
    for factor in [1.0, 2, 5] where factor * decade >= value * (1 - 1e-9) { return factor * decade }
    return 10 * decade
  }

  /// Multiples of `step` within the range.
  static func multiples(of step: Double, in range: ClosedRange<Double>) -> [Double] {
    guard step > 0 else { return [] }
    let first = (range.lowerBound / step - 1e-6).rounded(.up)
    let last = (range.upperBound / step + 1e-6).rounded(.down)
    guard first <= last, last - first < 1000 else { return [] }
    return (Int(first)...Int(last)).map { Double($0) * step }
  }

  /// Ticks of a linear value axis, at most about `count`.
  static func linear(
    in range: ClosedRange<Double>,
    count: Int,
    format: ValueFormat
  ) -> [AxisTick] {
    let step = roundStep(atLeast: (range.upperBound - range.lowerBound) / Double(max(1, count)))
    return multiples(of: step, in: range).map { value in
      AxisTick(value: value, label: label(value, step: step, format: format))
    }
  }

  /// Ticks of a logarithmic axis over positive values: decades, and 2 and 5 of them where less
  /// than two decades show.
  static func logarithmic(
    in range: ClosedRange<Double>,
    count: Int,
    format: ValueFormat
  ) -> [AxisTick] {
    guard range.lowerBound > 0, range.upperBound.isFinite else { return [] }
    let low = log10(range.lowerBound)
    let high = log10(range.upperBound)
    let every = max(1, Int(((high - low) / Double(max(1, count))).rounded(.up)))
    let factors: [Double] = high - low < 2 && count >= 3 ? [1, 2, 5] : [1]
    var ticks: [AxisTick] = []
    for exponent in Int(low.rounded(.down))...Int(high.rounded(.up))
    where exponent.isMultiple(of: every) {
      for factor in factors {
        let value = factor * pow(10, Double(exponent))
        guard value >= range.lowerBound * 0.999, value <= range.upperBound * 1.001 else { continue }
        let text = format == .percent ? label(value, step: value, format: format) : plain(value)
        ticks.append(AxisTick(value: value, label: text))
      }
    }
    return ticks
  }

  /// Ticks of an x axis, so that labels stay about `spacing` columns apart.
  static func horizontal(
    in range: ClosedRange<Double>,
    unit: AxisUnit,
    columns: Int,
    spacing: Int = 11
  ) -> [AxisTick] {
    let count = max(1, columns / spacing)
    let rough = (range.upperBound - range.lowerBound) / Double(count)
    switch unit {
    case .epochs:
      // Parts of epochs only while there is hardly one.
      let isShort = range.upperBound - range.lowerBound < 2
      let step = isShort ? roundStep(atLeast: rough) : max(1, roundStep(atLeast: rough))
      return multiples(of: step, in: range).map {
        AxisTick(value: $0, label: decimal($0, step: step))
      }
    case .steps:
      let step = max(1, roundStep(atLeast: rough))
      return multiples(of: step, in: range).map {
        AxisTick(value: $0, label: NumberText.count(Int($0)))
      }
    case .seconds:
      let step = timeStep(atLeast: rough)
      return multiples(of: step, in: range).map { AxisTick(value: $0, label: time($0, step: step)) }
    case .learningRates:
      // Powers of ten; a marked rate says what lies between.
      let step = max(1, rough.rounded(.up))
      return multiples(of: step, in: range).map {
        AxisTick(value: $0, label: NumberText.learningRate(pow(10, $0)))
      }
    }
  }

  /// What the axis counts, in a word; empty where the labels say it themselves.
  static func unitName(_ unit: AxisUnit) -> String {
    switch unit {
    case .epochs: "epoch"
    case .steps: "step"
    case .seconds: ""
    case .learningRates: "LR"
    }
  }

  /// A place on the x axis, spelled out: `epoch 3.42`, `step 1,234`, `3 min 12 s`.
  static func position(_ x: Double, unit: AxisUnit) -> String {
    switch unit {
    case .epochs: "epoch " + decimal(x, step: x == x.rounded() ? 1 : 0.01)
    case .steps: "step " + NumberText.count(Int(x.rounded()))
    case .seconds: NumberText.duration(x)
    case .learningRates: "LR " + NumberText.learningRate(pow(10, x))
    }
  }

  private static func timeStep(atLeast value: Double) -> Double {
    let steps: [Double] = [
      1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
    ]
    if value < 1 { return roundStep(atLeast: value) }
    return steps.first { $0 >= value } ?? 86_400 * roundStep(atLeast: value / 86_400)
  }

  private static func time(_ seconds: Double, step: Double) -> String {
    if step < 1 { return decimal(seconds, step: step) + " s" }
    let whole = Int(seconds.rounded())
    if whole == 0 { return "0" }
    if whole < 60 { return "\(whole) s" }
    if whole < 3600, whole % 60 != 0 {
      return String(format: "%d:%02d min", whole / 60, whole % 60)
    }
    if whole < 3600 || step < 3600 && whole % 3600 != 0 {
      if whole < 3600 { return "\(whole / 60) min" }
      return String(format: "%d:%02d h", whole / 3600, whole / 60 % 60)
    }
    return whole < 86_400 * 2 ? "\(whole / 3600) h" : "\(whole / 86_400) d"
  }

  private static func label(_ value: Double, step: Double, format: ValueFormat) -> String {
    switch format {
    case .percent: decimal(value * 100, step: step * 100) + " %"
    case .loss: step < 1e-4 || step >= 1e5 ? plain(value) : decimal(value, step: step)
    case .learningRate: NumberText.learningRate(value)
    }
  }

  /// A decimal number with as many places as the step between numbers asks for.
  private static func decimal(_ value: Double, step: Double) -> String {
    let places = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
    return String(format: "%.\(places)f", value == 0 ? 0 : value)
  }

  private static func plain(_ value: Double) -> String {
    value == 0
      ? "0"
      : (0.001..<100_000).contains(abs(value))
        ? String(format: "%g", value) : NumberText.learningRate(value)
  }
}
