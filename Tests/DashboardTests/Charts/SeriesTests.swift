import Testing

@testable import Dashboard

@Suite
struct SeriesTests {
  private func wave(_ count: Int) -> Series {
    var series = Series()
    for index in 0..<count {
      let value = Double((index * 7919) % 1009) / 100 - 3
      series.append(x: Double(index) / 4, y: index % 97 == 96 ? .nan : value)
    }
    return series
  }

  private func direct(_ series: Series, _ range: Range<Int>) -> Series.Bucket {
    var bucket = Series.Bucket()
    for index in range { bucket.add(series.ys[index]) }
    return bucket
  }

  private func expectSame(_ left: Series.Bucket, _ right: Series.Bucket) {
    #expect(left.minimum == right.minimum)
    #expect(left.maximum == right.maximum)
    #expect(left.count == right.count)
    #expect(left.breaks == right.breaks)
    #expect(left.first == right.first || left.count == 0)
    #expect(left.last == right.last || left.count == 0)
    #expect(abs(left.sum - right.sum) < 1e-6)
  }

  @Test
  func `summaries tell what visiting every point tells`() {
    let series = wave(1000)
    for (start, end) in [(0, 1000), (0, 1), (15, 17), (16, 32), (3, 997), (512, 1000), (96, 97)] {
      expectSame(series.bucket(start..<end), direct(series, start..<end))
    }
  }

  @Test
  func `a spike is never lost among a million points`() {
    var series = Series()
    for index in 0..<1_000_000 { series.append(x: Double(index), y: index == 654_321 ? 99 : 1) }
    #expect(series.bucket(0..<series.count).maximum == 99)
    #expect(series.bucket(654_000..<655_000).maximum == 99)
    #expect(series.bucket(0..<654_000).maximum == 1)
  }

  @Test
  func `a rewind leaves the series as if the rest had never been`() {
    for kept in [0, 1, 15, 16, 17, 31, 32, 100, 511, 512, 700] {
      var series = wave(1000)
      series.truncate(afterX: Double(kept - 1) / 4)
      #expect(series.count == kept)
      for index in kept..<800 { series.append(x: Double(index) / 4, y: Double(index % 13)) }
      var fresh = Series()
      for index in 0..<kept { fresh.append(x: Double(index) / 4, y: wave(1000).ys[index]) }
      for index in kept..<800 { fresh.append(x: Double(index) / 4, y: Double(index % 13)) }
      for (start, end) in [(0, 800), (7, 640), (kept / 2, 799)] {
        expectSame(series.bucket(start..<end), fresh.bucket(start..<end))
        expectSame(series.bucket(start..<end), direct(fresh, start..<end))
      }
    }
  }

  @Test
  func `a point before the last is left out`() {
    var series = Series([(1, 1), (2, 2)])
    series.append(x: 1.5, y: 9)
    series.append(x: .nan, y: 9)
    #expect(series.count == 2)
    series.append(x: 2, y: 3)
    #expect(series.count == 3)
  }

  @Test
  func `the nearest point is found on either side`() {
    let series = Series([(1, 10), (2, 20), (4, 40)])
    #expect(series.nearest(to: -5)?.y == 10)
    #expect(series.nearest(to: 1.4)?.y == 10)
    #expect(series.nearest(to: 1.6)?.y == 20)
    #expect(series.nearest(to: 3.5)?.y == 40)
    #expect(series.nearest(to: 99)?.y == 40)
    #expect(Series().nearest(to: 1) == nil)
  }

  @Test
  func `the moving average is exact where columns hold one point`() {
    let series = Series((0..<20).map { (Double($0), Double(($0 * 37) % 11)) })
    let scale = PlotScale(
      xRange: 0...19,
      yRange: 0...11,
      yScale: .linear,
      width: 20,
      height: 40
    )
    let columns = ColumnSummaries(series, scale: scale, smoothing: 0.6).columns
    var sum = 0.0
    var weight = 0.0
    for (column, value) in zip(columns, series.ys) {
      sum = 0.6 * sum + 0.4 * value
      weight = 0.6 * weight + 0.4
      #expect(abs(column.smooth - sum / weight) < 1e-12)
    }
    #expect(columns.count == 20)
  }

  @Test
  func `the average of a constant is that constant from the start`() {
    let series = Series((0..<500).map { (Double($0), 0.25) })
    let scale = PlotScale(
      xRange: 100...499,
      yRange: 0...1,
      yScale: .linear,
      width: 50,
      height: 40
    )
    for column in ColumnSummaries(series, scale: scale, smoothing: 0.9).columns {
      #expect(abs(column.smooth - 0.25) < 1e-12)
    }
  }
}
