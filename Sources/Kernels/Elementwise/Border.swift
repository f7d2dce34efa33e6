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
    input: Elements,
    output: Elements,
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
    let copy = BorderCopy(
      border: border,
      images: images,
      height: height,
      width: width,
      channels: channels,
      accumulate: accumulate
    )
    switch input.type {
    case .f32: copy.run(input.of(Float.self), into: output.of(Float.self), pool)
    case .bf16: copy.run(input.of(BFloat16.self), into: output.of(BFloat16.self), pool)
    }
  }
}

/// A copy between maps with and without a border, before it is known of which type.
private struct BorderCopy {
  let border: Border
  let images: Int
  let height: Int
  let width: Int
  let channels: Int
  let accumulate: Bool

  func run<Kind: Element>(
    _ input: UnsafeMutablePointer<Kind>,
    into output: UnsafeMutablePointer<Kind>,
    _ pool: WorkerPool
  ) {
    let outputHeight = height + border.top + border.bottom
    let outputWidth = width + border.left + border.right
    // The part of an output row that lies over the input's.
    let first = min(max(border.left, 0), outputWidth)
    let end = max(first, min(border.left + width, outputWidth))
    let line = outputWidth * channels
    let zero = Kind(rounding: 0)
    let pieces = Pieces(items: images * outputHeight, valuesPerItem: line)
    pool.perform(pieces.count) { piece, _ in
      for row in pieces.range(piece) {
        let into = output + row * line
        let y = row % outputHeight - border.top
        guard y >= 0, y < height, first < end else {
          if !accumulate { into.update(repeating: zero, count: line) }
          continue
        }
        let image = row / outputHeight
        let from = input + ((image * height + y) * width + first - border.left) * channels
        copyLine(from, into: into + first * channels, (end - first) * channels)
        if accumulate { continue }
        into.update(repeating: zero, count: first * channels)
        (into + end * channels).update(repeating: zero, count: (outputWidth - end) * channels)
      }
    }
  }

  @inline(__always)
  private func copyLine<Kind: Element>(
    _ source: UnsafeMutablePointer<Kind>,
    into destination: UnsafeMutablePointer<Kind>,
    _ count: Int
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
