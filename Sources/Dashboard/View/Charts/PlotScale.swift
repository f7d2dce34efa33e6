import Foundation

/// Where values lie among the dots of a plot.
nonisolated struct PlotScale {
  var xRange: ClosedRange<Double>
  var yRange: ClosedRange<Double>
  var yScale: ValueScale
  /// Dots across and down.
  var width: Int
  var height: Int

  /// The dot column of an x, unrounded; outside of the plot for an x outside of the range.
  func column(_ x: Double) -> Double {
    (x - xRange.lowerBound) / (xRange.upperBound - xRange.lowerBound) * Double(width - 1)
  }

  /// The x in the middle of a dot column.
  func x(column: Double) -> Double {
    guard width > 1 else { return xRange.lowerBound }
    return xRange.lowerBound
      + column / Double(width - 1) * (xRange.upperBound - xRange.lowerBound)
  }

  /// The dot row of a value, held near the plot where it lies far outside; nil for a value that
  /// has no place, such as zero on a logarithmic scale.
  func row(_ y: Double) -> Int? {
    guard y.isFinite else { return nil }
    let share: Double
    switch yScale {
    case .linear:
      share = (y - yRange.lowerBound) / (yRange.upperBound - yRange.lowerBound)
    case .logarithmic:
      guard y > 0 else { return nil }
      share = log(y / yRange.lowerBound) / log(yRange.upperBound / yRange.lowerBound)
    }
    let row = ((1 - share) * Double(height - 1)).rounded()
    return Int(max(-2, min(Double(height) + 1, row)))
  }
}

/// Chooses the part of the y axis to show.
nonisolated enum ValueRange {
  /// Fewer values than this are all shown.
  private static let fewest = 20

  /// The range that shows the values well.
  ///
  /// A rare value that lies many times farther out than nearly all others does not get to
  /// flatten them: it is left outside, where the chart marks it.
  static func fit(_ values: [Double], scale: ValueScale, format: ValueFormat) -> ClosedRange<Double>
  {
    let usable = values.filter { $0.isFinite && (scale == .linear || $0 > 0) }.sorted()
    guard let least = usable.first, let most = usable.last else {
      return scale == .linear ? 0...1 : 0.1...1
    }
    if scale == .logarithmic { return logarithmic(least, most) }
    var low = least
    var high = most
    if usable.count >= fewest, format != .percent {
      let lower = usable[usable.count / 20]
      let upper = usable[usable.count - 1 - usable.count / 20]
      let spread = max(upper - lower, abs(upper) * 1e-3)
      // The fence of box plots: up to the last value within one and a half spreads.
      if high > upper + 4 * spread {
        high = usable.last { $0 <= upper + 1.5 * spread } ?? upper
      }
      if low < lower - 4 * spread {
        low = usable.first { $0 >= lower - 1.5 * spread } ?? lower
      }
    }
    return linear(low, high, format: format)
  }

  private static func linear(
    _ low: Double,
    _ high: Double,
    format: ValueFormat
  ) -> ClosedRange<Double> {
    var low = low
    var high = high
    if high - low < max(abs(high), 1e-12) * 1e-6 {
      let room = abs(high) > 0 ? abs(high) * 0.1 : 1
      return (low - room)...(high + room)
    }
    // Zero belongs to the picture where it is near.
    if low > 0, low < 0.3 * high { low = 0 }
    let room = 0.04 * (high - low)
    // Ends move in steps, so the picture stands still while values drift.
    let step = AxisTicks.roundStep(atLeast: (high - low) / 10) / 2
    high = ((high + room) / step).rounded(.up) * step
    low = low == 0 ? 0 : ((low - room) / step).rounded(.down) * step
    if format == .percent {
      low = max(0, low)
      high = min(1, high)
    }
    return low...high
  }

  private static func logarithmic(_ low: Double, _ high: Double) -> ClosedRange<Double> {
    let room = max(1.1, pow(high / low, 0.05))
    return (low / room)...(high * room)
  }
}
