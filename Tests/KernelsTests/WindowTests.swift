import Testing

@testable import Kernels

@Suite
struct WindowTests {
  static let grids = [
    (4, 4, 1, 2), (5, 7, 3, 3), (2, 3, 20, 4), (1, 1, 17, 1), (1, 1, 2, 5), (9, 9, 16, 9),
    (8, 2, 33, 3), (28, 27, 5, 7),
  ].map { WindowGrid(height: $0.0, width: $0.1, channels: $0.2, window: $0.3) }

  @Test(arguments: grids)
  func `windows hold the map's pixels in order, and zeros outside of it`(_ grid: WindowGrid) {
    let batch = 3
    var noise = Noise(grid.height * 100 + grid.width)
    let map = noise.values(batch * grid.height * grid.width * grid.channels)
    let places = grid.windows * grid.window * grid.window * grid.channels
    let wanted = (0..<batch * places).map { index in
      let place = sourceOf(index % places, grid)
      return place.map { map[index / places * map.count / batch + $0] } ?? 0
    }
    let results = onThreadCounts { pool in
      let windows = GuardedFloats(count: batch * places)
      let from = GuardedFloats(map).elements
      grid.partition(from, into: windows.elements, batch: batch, accumulate: false, pool: pool)
      #expect(windows.isIntact && windows.values == wanted)
      grid.partition(from, into: windows.elements, batch: batch, accumulate: true, pool: pool)
      #expect(windows.isIntact && windows.values == wanted.map { 2 * $0 })
      let back = GuardedFloats(count: map.count)
      grid.merge(windows.elements, into: back.elements, batch: batch, accumulate: false, pool: pool)
      #expect(back.isIntact && back.values == map.map { 2 * $0 })
      grid.merge(windows.elements, into: back.elements, batch: batch, accumulate: true, pool: pool)
      #expect(back.isIntact && back.values == map.map { 4 * $0 })
      return windows.bits
    }
    #expect(results[1] == results[0] && results[2] == results[0])
  }

  /// Where in a map the value at a place of its windows comes from; nil outside of the map.
  private func sourceOf(_ place: Int, _ grid: WindowGrid) -> Int? {
    let token = place / grid.channels % (grid.window * grid.window)
    let window = place / grid.channels / (grid.window * grid.window)
    let y = window / grid.windowColumns * grid.window + token / grid.window
    let x = window % grid.windowColumns * grid.window + token % grid.window
    if y >= grid.height || x >= grid.width { return nil }
    return (y * grid.width + x) * grid.channels + place % grid.channels
  }

  @Test(arguments: [(1, 1), (3, 17), (2, 40_000), (5, 16)])
  func `a table is added to every sample, and its gradient is their sum`(batch: Int, count: Int) {
    var noise = Noise(count)
    let values = noise.values(batch * count)
    let table = noise.values(count)
    let stride = count + 3
    let results = onThreadCounts { pool in
      let sums = GuardedFloats(values)
      let from = GuardedFloats(table).floats
      Broadcast.add(sums.elements, from, batch: batch, into: sums.elements, pool: pool)
      #expect(sums.values == values.indices.map { values[$0] + table[$0 % count] })
      let copies = GuardedFloats(count: batch * stride, filledWith: 7)
      Broadcast.copy(from, batch: batch, into: copies.elements, stride: stride, pool: pool)
      #expect(copies.values == (0..<batch).flatMap { _ in table + [7, 7, 7] })
      let gradient = GuardedFloats(count: count)
      Broadcast.sum(
        copies.elements,
        batch: batch,
        stride: stride,
        into: gradient.floats,
        pool: pool
      )
      #expect(sums.isIntact && copies.isIntact && gradient.isIntact)
      #expect(largestError(gradient.values, table.map { Double($0) * Double(batch) }) < 1e-6)
      return gradient.bits
    }
    #expect(results[1] == results[0] && results[2] == results[0])
  }
}
