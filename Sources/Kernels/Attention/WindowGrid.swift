import CIntrinsics

/// A map cut into square windows, row by row; the last ones of a row and of a column reach over
/// the map's border, where there are zeros.
package struct WindowGrid: Hashable, Sendable {
  package let height: Int
  package let width: Int
  package let channels: Int
  /// Rows and columns of a window.
  package let window: Int

  package init(height: Int, width: Int, channels: Int, window: Int) {
    self.height = height
    self.width = width
    self.channels = channels
    self.window = window
  }

  package var windowRows: Int { (height + window - 1) / window }
  package var windowColumns: Int { (width + window - 1) / window }
  /// Windows of one map.
  package var windows: Int { windowRows * windowColumns }
  /// Whether the one window is the map itself, in the same order.
  package var isWhole: Bool { height == window && width == window }

  /// Copies maps [batch][height][width][channels] into windows
  /// [batch][windows][window · window][channels], or adds them; zeros go outside of the map.
  package func partition(
    _ map: Floats,
    into windows: Floats,
    batch: Int,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    check(map, windows, batch)
    perform(batch, pool) { mapRow, windowRow, count in
      copy(map.base + mapRow, into: windows.base + windowRow, count, accumulate)
      let rest = window * channels - count
      if rest > 0 && !accumulate {
        (windows.base + windowRow + count).update(repeating: 0, count: rest)
      }
    }
  }

  /// Copies windows back into maps, or adds them; what is outside of the map is dropped.
  package func merge(
    _ windows: Floats,
    into map: Floats,
    batch: Int,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    check(map, windows, batch)
    perform(batch, pool) { mapRow, windowRow, count in
      copy(windows.base + windowRow, into: map.base + mapRow, count, accumulate)
    }
  }

  private func check(_ map: Floats, _ windows: Floats, _ batch: Int) {
    let places = batch * self.windows * window * window * channels
    require(
      map.count == batch * height * width * channels && windows.count == places && window >= 1,
      "windows of \(window) on \(height)x\(width)x\(channels): \(windows.count) values"
    )
  }

  /// Calls `body(place in the map, place in the windows, values inside of the map)` for every row
  /// of every window; a row outside of the map has no values.
  private func perform(
    _ batch: Int,
    _ pool: WorkerPool,
    _ body: (_ mapRow: Int, _ windowRow: Int, _ count: Int) -> Void
  ) {
    let row = window * channels
    let pieces = Pieces(items: batch * windows, valuesPerItem: window * row)
    pool.perform(pieces.count) { piece, _ in
      for index in pieces.range(piece) {
        let sample = index / windows
        let top = index % windows / windowColumns * window
        let left = index % windowColumns * window
        let inside = min(window, width - left) * channels
        for y in 0..<window {
          let isInside = top + y < height
          let mapRow = ((sample * height + top + y) * width + left) * channels
          body(isInside ? mapRow : 0, (index * window + y) * row, isInside ? inside : 0)
        }
      }
    }
  }

  private func copy(
    _ source: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>,
    _ count: Int,
    _ accumulate: Bool
  ) {
    if !accumulate {
      target.update(from: source, count: count)
      return
    }
    rowVectors(count) { column, lanes in
      let sum = load_part_16(target + column, lanes) + load_part_16(source + column, lanes)
      store_part_16(sum, target + column, lanes)
    }
  }
}
