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
    _ map: Elements,
    into windows: Elements,
    batch: Int,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    check(map, windows, batch)
    switch map.type {
    case .f32: partition(Float.self, map, into: windows, batch, accumulate, pool)
    case .bf16: partition(BFloat16.self, map, into: windows, batch, accumulate, pool)
    }
  }

  private func partition<Kind: Element>(
    _ kind: Kind.Type,
    _ map: Elements,
    into windows: Elements,
    _ batch: Int,
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) {
    let from = map.of(kind)
    let into = windows.of(kind)
    perform(batch, pool) { mapRow, windowRow, count in
      copy(from + mapRow, into: into + windowRow, count, accumulate)
      let rest = window * channels - count
      if rest > 0 && !accumulate {
        (into + windowRow + count).update(repeating: Kind(rounding: 0), count: rest)
      }
    }
  }

  /// Copies windows back into maps, or adds them; what is outside of the map is dropped.
  package func merge(
    _ windows: Elements,
    into map: Elements,
    batch: Int,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    check(map, windows, batch)
    switch map.type {
    case .f32: merge(Float.self, windows, into: map, batch, accumulate, pool)
    case .bf16: merge(BFloat16.self, windows, into: map, batch, accumulate, pool)
    }
  }

  private func merge<Kind: Element>(
    _ kind: Kind.Type,
    _ windows: Elements,
    into map: Elements,
    _ batch: Int,
    _ accumulate: Bool,
    _ pool: WorkerPool
  ) {
    let from = windows.of(kind)
    let into = map.of(kind)
    perform(batch, pool) { mapRow, windowRow, count in
      copy(from + windowRow, into: into + mapRow, count, accumulate)
    }
  }

  private func check(_ map: Elements, _ windows: Elements, _ batch: Int) {
    let places = batch * self.windows * window * window * channels
    require(
      map.count == batch * height * width * channels && windows.count == places && window >= 1,
      "windows of \(window) on \(height)x\(width)x\(channels): \(windows.count) values"
    )
  }

  /// Calls `body(place in the map, place in the windows, values inside of the map)` for every row
  /// of every window; a row outside of the map has no values.
  @inline(__always)
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

  private func copy<Kind: Element>(
    _ source: UnsafeMutablePointer<Kind>,
    into target: UnsafeMutablePointer<Kind>,
    _ count: Int,
    _ accumulate: Bool
  ) {
    if !accumulate {
      target.update(from: source, count: count)
      return
    }
    sweep(0..<count) { place, lanes in
      let sum = target.lanes(place, count: lanes) + source.lanes(place, count: lanes)
      target.setLanes(place, sum, count: lanes)
    }
  }
}
