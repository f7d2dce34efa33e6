/// Points of a curve, in order of x, kept so that drawing costs as much as the chart is wide.
///
/// Above the points stands a pyramid of summaries, each level half as long as the one below, so
/// the extremes of any stretch are found without visiting its points: no spike is ever lost. A
/// value that is not finite breaks the curve there.
nonisolated package struct Series: Sendable {
  /// What a stretch of points holds.
  package struct Bucket: Hashable, Sendable {
    /// Of the finite values; `minimum` > `maximum` if there is none.
    package var minimum = Double.infinity
    package var maximum = -Double.infinity
    package var sum = 0.0
    /// Finite values.
    package var count = 0
    /// Values that are not finite.
    package var breaks = 0
    /// The first and last finite value; NaN if there is none.
    package var first = Double.nan
    package var last = Double.nan

    package init() {}

    package var mean: Double { sum / Double(count) }

    mutating func add(_ value: Double) {
      guard value.isFinite else {
        breaks += 1
        return
      }
      if count == 0 { first = value }
      minimum = min(minimum, value)
      maximum = max(maximum, value)
      sum += value
      count += 1
      last = value
    }

    mutating func add(_ later: Bucket) {
      if count == 0 { first = later.first }
      if later.count > 0 { last = later.last }
      minimum = min(minimum, later.minimum)
      maximum = max(maximum, later.maximum)
      sum += later.sum
      count += later.count
      breaks += later.breaks
    }
  }

  /// Points that the lowest level sums up in one bucket, as a power of two.
  private static let lowestShift = 4

  package private(set) var xs: [Double] = []
  package private(set) var ys: [Double] = []
  /// `levels[k][i]` holds the points from `i << (k + lowestShift)` on, that many at most.
  private var levels: [[Bucket]] = []

  package init() {}

  /// A series of given points.
  package init(_ points: [(x: Double, y: Double)]) {
    for point in points { append(x: point.x, y: point.y) }
  }

  package var count: Int { xs.count }
  package var isEmpty: Bool { xs.isEmpty }
  /// The last point, finite or not.
  package var last: (x: Double, y: Double)? {
    guard let x = xs.last, let y = ys.last else { return nil }
    return (x, y)
  }
  /// First and last x; nil while empty.
  package var xRange: ClosedRange<Double>? {
    guard let first = xs.first, let last = xs.last else { return nil }
    return first...last
  }

  /// Adds a point.
  ///
  /// One whose x lies before the last point's, or is not finite, is left out.
  package mutating func append(x: Double, y: Double) {
    guard x.isFinite, xs.last.map({ $0 <= x }) ?? true else { return }
    let index = xs.count
    xs.append(x)
    ys.append(y)
    grow(for: xs.count)
    for level in levels.indices {
      let place = index >> (level + Series.lowestShift)
      if place == levels[level].count { levels[level].append(Bucket()) }
      levels[level][place].add(y)
    }
  }

  /// Removes every point with a greater x, as when a run is rewound.
  package mutating func truncate(afterX x: Double) {
    let kept = firstIndex(after: x)
    guard kept < xs.count else { return }
    xs.removeSubrange(kept...)
    ys.removeSubrange(kept...)
    for level in levels.indices {
      let shift = level + Series.lowestShift
      let whole = kept >> shift
      levels[level].removeSubrange(min(whole, levels[level].count)...)
      guard whole << shift < kept else { continue }
      var partial = Bucket()
      if level == 0 {
        for value in ys[(whole << shift)...] { partial.add(value) }
      } else {
        for bucket in levels[level - 1][(whole * 2)...] { partial.add(bucket) }
      }
      levels[level].append(partial)
    }
  }

  /// The index of the first point with x not before this one.
  package func firstIndex(from x: Double) -> Int { partition { $0 >= x } }

  /// The index of the first point with a greater x.
  package func firstIndex(after x: Double) -> Int { partition { $0 > x } }

  /// The summary of the points with these indices, in the order of the logarithm of their number.
  package func bucket(_ range: Range<Int>) -> Bucket {
    var result = Bucket()
    var index = max(0, range.lowerBound)
    let end = min(count, range.upperBound)
    while index < end {
      var best: Int?
      for level in levels.indices {
        let shift = level + Series.lowestShift
        guard index & ((1 << shift) - 1) == 0, index + (1 << shift) <= end else { break }
        best = level
      }
      if let best {
        let shift = best + Series.lowestShift
        result.add(levels[best][index >> shift])
        index += 1 << shift
      } else {
        result.add(ys[index])
        index += 1
      }
    }
    return result
  }

  /// The point whose x is nearest; nil while empty.
  package func nearest(to x: Double) -> (x: Double, y: Double)? {
    guard !isEmpty else { return nil }
    let after = firstIndex(from: x)
    let before = max(0, after - 1)
    let index = after < count && xs[after] - x < x - xs[before] || before == after ? after : before
    return (xs[index], ys[index])
  }

  /// Levels are made once there are points for two buckets of them.
  private mutating func grow(for count: Int) {
    while count > 1 << (levels.count + Series.lowestShift) {
      let level = levels.count
      var buckets: [Bucket] = []
      if level == 0 {
        var first = Bucket()
        for value in ys.dropLast() { first.add(value) }
        buckets = [first]
      } else {
        var first = Bucket()
        for bucket in levels[level - 1] { first.add(bucket) }
        buckets = [first]
      }
      levels.append(buckets)
    }
  }

  private func partition(_ isAfter: (Double) -> Bool) -> Int {
    var low = 0
    var high = xs.count
    while low < high {
      let middle = (low + high) / 2
      if isAfter(xs[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
