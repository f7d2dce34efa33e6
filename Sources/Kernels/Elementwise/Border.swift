/// Zeros around a map, or a part of it: how many rows and columns are added on each side; below
/// zero, how many are taken away.
package struct Border: Hashable, Sendable {
  package let top: Int
  package let left: Int
  package let bottom: Int
  package let right: Int

  package init(top: Int, left: Int, bottom: Int, right: Int) {
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }

  /// What undoes it, as far as nothing was taken away: also its gradient's border.
  package var opposite: Border { Border(top: -top, left: -left, bottom: -bottom, right: -right) }
}

extension Elementwise {
  /// Copies a map into one that has a border more or less, and writes zeros into what is new.
  ///
  /// The gradient's pass is the same with the opposite border.
  ///
  /// - Parameters:
  ///   - border: what the output has more than the input.
  ///   - images: maps.
  ///   - height: the input's.
  ///   - width: the input's.
  ///   - channels: values at a position.
  ///   - input: [images × height × width × channels].
  ///   - output: [images × (height + top + bottom) × (width + left + right) × channels].
  ///   - accumulate: adds the input to what is there, and leaves the rest alone.
  ///   - pool: the threads that share the work.
  package static func addBorder(
    _ border: Border,
    images: Int,
    height: Int,
    width: Int,
    channels: Int,
    input: Floats,
    output: Floats,
    accumulate: Bool,
    pool: WorkerPool
  ) {
    let outputHeight = height + border.top + border.bottom
    let outputWidth = width + border.left + border.right
    require(
      outputHeight >= 0 && outputWidth >= 0 && input.count == images * height * width * channels
        && output.count == images * outputHeight * outputWidth * channels,
      "a border of \(border) around \(images) maps of \(height)x\(width)x\(channels)"
    )
    // The part of an output row that lies over the input's.
    let first = min(max(border.left, 0), outputWidth)
    let end = max(first, min(border.left + width, outputWidth))
    let line = outputWidth * channels
    let pieces = Pieces(items: images * outputHeight, valuesPerItem: line)
    pool.perform(pieces.count) { piece, _ in
      for row in pieces.range(piece) {
        let into = output.base + row * line
        let y = row % outputHeight - border.top
        guard y >= 0, y < height, first < end else {
          if !accumulate { into.update(repeating: 0, count: line) }
          continue
        }
        let image = row / outputHeight
        let from = input.base + ((image * height + y) * width + first - border.left) * channels
        copyLine(from, into: into + first * channels, (end - first) * channels, accumulate)
        if accumulate { continue }
        into.update(repeating: 0, count: first * channels)
        (into + end * channels).update(repeating: 0, count: (outputWidth - end) * channels)
      }
    }
  }

  @inline(__always)
  private static func copyLine(
    _ source: UnsafeMutablePointer<Float>,
    into destination: UnsafeMutablePointer<Float>,
    _ count: Int,
    _ accumulate: Bool
  ) {
    if !accumulate {
      destination.update(from: source, count: count)
      return
    }
    sweep(0..<count) { offset, lanes in
      let sum = destination.lanes(offset, count: lanes) + source.lanes(offset, count: lanes)
      destination.setLanes(offset, sum, count: lanes)
    }
  }
}
