import Foundation

/// A series as the columns of a plot see it.
nonisolated struct ColumnSummaries {
  /// One dot column that holds points.
  struct Column {
    var column: Int
    var bucket: Series.Bucket
    /// The moving average at the column's end; NaN without a finite value so far.
    var smooth: Double
  }

  /// From left to right; columns without points are left out.
  private(set) var columns: [Column] = []

  /// Sums up the points of each dot column, with one point on either side of the plot so that
  /// lines reach its edges.
  ///
  /// The moving average weighs the past with `smoothing` per point, corrected for its start from
  /// nothing. A column with several points counts as so many points at their mean, so drawing
  /// costs as much as the plot is wide.
  init(_ series: Series, scale: PlotScale, smoothing: Double) {
    guard !series.isEmpty, scale.width > 0 else { return }
    var average = MovingAverage(weight: smoothing)
    let half = 0.5
    var index = series.firstIndex(from: scale.x(column: -half))
    if smoothing > 0 { average.warmUp(series, before: index) }
    if index > 0 { append(series, index - 1..<index, scale: scale, average: nil) }
    for column in 0..<scale.width where index < series.count {
      // Jumps over columns without points.
      guard scale.column(series.xs[index]) < Double(column) + half else { continue }
      let end = series.firstIndex(from: scale.x(column: Double(column) + half))
      guard end > index else { continue }
      let bucket = series.bucket(index..<end)
      average.add(bucket)
      columns.append(Column(column: column, bucket: bucket, smooth: average.value))
      index = end
    }
    if index < series.count {
      append(series, index..<index + 1, scale: scale, average: average.value)
    }
  }

  private mutating func append(
    _ series: Series,
    _ range: Range<Int>,
    scale: PlotScale,
    average: Double?
  ) {
    let bucket = series.bucket(range)
    let place = scale.column(series.xs[range.lowerBound]).rounded()
    let column = Int(max(-1e6, min(1e6, place)))
    columns.append(Column(column: column, bucket: bucket, smooth: average ?? bucket.last))
  }
}

/// A moving average with exponential weights, free of bias towards its start.
nonisolated struct MovingAverage {
  let weight: Double
  private var sum = 0.0
  private var total = 0.0

  init(weight: Double) {
    self.weight = max(0, min(0.999_9, weight))
  }

  var value: Double { total > 0 ? sum / total : .nan }

  mutating func add(_ bucket: Series.Bucket) {
    guard bucket.count > 0 else { return }
    let kept = bucket.count == 1 ? weight : pow(weight, Double(bucket.count))
    sum = kept * sum + (1 - kept) * bucket.mean
    total = kept * total + (1 - kept)
  }

  /// Takes in the points before the first one shown, as many as still matter.
  mutating func warmUp(_ series: Series, before end: Int) {
    let reach = Int(8 / (1 - weight))
    for index in max(0, end - min(reach, 2000))..<end { add(series.bucket(index..<index + 1)) }
  }
}
