/// Arithmetic on short series of figures, one an epoch.
enum Curve {
  /// The middle value, or the mean of the two in the middle; 0 of nothing.
  static func median(_ values: some Collection<Double>) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
      ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// Differences of neighbours: one value fewer.
  static func changes(_ values: some Collection<Double>) -> [Double] {
    zip(values.dropFirst(), values).map { $0 - $1 }
  }

  /// By how much a series typically jumps from one value to the next and back.
  ///
  /// The smaller of two medians: differences are large where it goes straight but steeply, second
  /// differences where it jumps but once.
  static func swing(_ values: some Collection<Double>) -> Double {
    let steps = changes(values)
    return min(median(steps.map { abs($0) }), median(changes(steps).map { abs($0) }) / 2)
  }

  /// Standard deviation of what shakes a series up and down around a smooth course; 0 with fewer
  /// than five values.
  ///
  /// From second differences, which a straight course does not touch. Those of white noise have
  /// sqrt(6) times its standard deviation; the median of their absolute values is 0.6745 of that,
  /// the mean 0.7979. The larger of the two counts, for either alone is low by luck too often.
  static func noise(_ values: some Collection<Double>) -> Double {
    guard values.count >= 5 else { return 0 }
    let bends = changes(changes(values)).map { abs($0) }
    let mean = bends.reduce(0, +) / Double(bends.count)
    return max(median(bends) / 0.6745, mean / 0.7979) / (6.0).squareRoot()
  }

  /// Each value replaced by the median of itself and its neighbours; the ends by what stands beside
  /// them.
  static func smoothed(_ values: [Double]) -> [Double] {
    values.indices.map { index in
      guard values.count > 2 else { return values[index] }
      let middle = min(max(index, 1), values.count - 2)
      return median(values[(middle - 1)...(middle + 1)])
    }
  }

  /// The natural logarithm of a positive number, to about 1e-15, from additions and products
  /// alone: the same bits on every platform.
  static func naturalLogarithm(_ value: Double) -> Double {
    // value = 2^exponent * part with part within sqrt(2) of 1, where the series is short:
    // ln(part) = 2 (t + t^3/3 + t^5/5 + ...) with t = (part - 1) / (part + 1).
    var exponent = Double(value.exponent)
    var part = value.significand
    if part > 1.414 {
      part /= 2
      exponent += 1
    }
    let t = (part - 1) / (part + 1)
    let square = t * t
    let series = stride(from: 21, through: 1, by: -2).reduce(0.0) { sum, power in
      sum * square + 1 / Double(power)
    }
    return exponent * 0.693_147_180_559_945_3 + 2 * t * series
  }
}
