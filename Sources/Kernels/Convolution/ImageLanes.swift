import CIntrinsics

/// Images, or bands of their rows, as the lanes of vectors: 16 of them are computed together.
struct ImageLanes {
  let images: Int
  /// Bands an image is cut into.
  let bands: Int

  var count: Int { images * bands }
  var vectors: Int { (count + 15) / 16 }

  /// The lanes of a vector that there are.
  subscript(vector: Int) -> Range<Int> { 16 * vector..<min(16 * vector + 16, count) }
}

/// An array [image][row][column][channel], and the rows of it that belong to each lane.
struct LaneWindow {
  let height: Int
  let width: Int
  let channels: Int
  /// Rows of a lane, also of those that the array has not.
  let rows: Int
  /// The first row of an image's first lane, and rows from there to the next lane's.
  let origin: Int
  let step: Int

  private var row: Int { width * channels }
  /// Values of a lane.
  var count: Int { rows * row }
  /// Values from one lane to the next before they are turned into vectors: an odd number of lines
  /// of the cache, or all lanes would want the same ones.
  var spacing: Int { (count + 15) / 16 * 16 | 16 }

  /// Where the rows of an image's band begin in the array, and which of them the array has.
  @inline(__always)
  private func place(image: Int, band: Int) -> (start: Int, inside: Range<Int>) {
    let first = origin + band * step
    let from = min(max(-first, 0), rows)
    let inside = from..<max(from, min(height - first, rows))
    return ((image * height + first) * row, inside)
  }

  /// Writes a vector's lanes as [value][16], zeros where the array has none.
  ///
  /// - Parameters:
  ///   - vector: which one.
  ///   - lanes: all lanes.
  ///   - source: the array.
  ///   - transform: what is applied to its values.
  ///   - scratch: where lanes are put together that do not lie in the array as they are.
  ///   - target: [count][16].
  func gather<Kind: Element>(
    _ vector: Int,
    of lanes: ImageLanes,
    from source: UnsafePointer<Kind>,
    _ transform: ChannelTransform?,
    _ scratch: LaneScratch,
    into target: UnsafeMutablePointer<Float>
  ) {
    let own = lanes[vector]
    let isWhole = fill(scratch, own, lanes)
    scratch.places.pointee.narrow = Kind.type == .bf16 ? 1 : 0
    if isWhole && transform == nil { return gather_lanes(source, scratch.places, count, target) }
    for lane in 0..<own.count {
      let index = own.lowerBound + lane
      let (start, inside) = place(image: index / lanes.bands, band: index % lanes.bands)
      let to = scratch.staging + lane * spacing
      to.update(repeating: 0, count: inside.lowerBound * row)
      copy(
        source + (start + inside.lowerBound * row),
        to + inside.lowerBound * row,
        inside.count * row,
        transform
      )
      (to + inside.upperBound * row).update(repeating: 0, count: (rows - inside.upperBound) * row)
      scratch.starts[lane] = lane * spacing
    }
    scratch.places.pointee.narrow = 0
    gather_lanes(scratch.staging, scratch.places, count, target)
  }

  /// Writes where the lanes `own` lie, and returns whether the array has all their rows.
  private func fill(_ scratch: LaneScratch, _ own: Range<Int>, _ lanes: ImageLanes) -> Bool {
    scratch.places.pointee.lanes = own.count
    var isWhole = true
    var (image, band) = own.lowerBound.quotientAndRemainder(dividingBy: lanes.bands)
    for lane in 0..<own.count {
      let (start, inside) = place(image: image, band: band)
      scratch.starts[lane] = start
      scratch.counts[lane] = inside.count * row
      isWhole = isWhole && inside.count == rows
      band += 1
      if band == lanes.bands { (image, band) = (image + 1, 0) }
    }
    return isWhole
  }

  @inline(__always)
  private func copy<Kind: Element>(
    _ source: UnsafePointer<Kind>,
    _ target: UnsafeMutablePointer<Float>,
    _ count: Int,
    _ transform: ChannelTransform?
  ) {
    guard let transform else {
      return sweep(0..<count) { index, lanes in
        store_part_16(Kind.lanes(at: source + index, count: lanes), target + index, lanes)
      }
    }
    for pixel in stride(from: 0, to: count, by: channels) {
      sweep(0..<channels) { channel, lanes in
        let value = transform.apply(source + pixel + channel, channel: channel, count: lanes)
        store_part_16(value, target + pixel + channel, lanes)
      }
    }
  }

  /// Writes a vector's lanes, [value][16], to where they belong in the array of an ending.
  func scatter<Kind: Element>(
    _ kind: Kind.Type,
    _ vector: Int,
    of lanes: ImageLanes,
    from values: UnsafePointer<Float>,
    _ scratch: LaneScratch,
    _ ending: WinogradProduct.Ending
  ) {
    let own = lanes[vector]
    _ = fill(scratch, own, lanes)
    scratch.places.pointee.narrow = Kind.type == .bf16 ? 1 : 0
    var results = lane_results(
      to: ending.result.base,
      added: ending.added.map { UnsafeRawPointer($0.base) },
      floor: ending.activation == .relu ? 0 : -.infinity
    )
    scatter_lanes(values, count, scratch.places, &results)
    guard let sums = ending.sums else { return }
    var counted = 0
    for lane in 0..<own.count {
      let pixels = scratch.counts[lane] / channels
      let results = UnsafePointer(ending.result.of(kind) + scratch.starts[lane])
      sums.add(results, pixels, block: vector, isFirst: lane == 0)
      counted += pixels
    }
    sums.setCount(block: vector, counted)
  }
}

extension PartialMoments {
  /// Adds `count` results of all channels, as they were written, to a block's sums.
  fileprivate func add<Kind: Element>(
    _ results: UnsafePointer<Kind>,
    _ count: Int,
    block: Int,
    isFirst: Bool
  ) {
    sweep(0..<channels) { channel, lanes in
      let to = sums(block: block) + channel
      let origin =
        isFirst
        ? Kind.lanes(at: results + channel, count: lanes) : load_part_16(to, lanes)
      var total = isFirst ? Lanes.zero : load_part_16(to + channels, lanes)
      var squares = isFirst ? Lanes.zero : load_part_16(to + 2 * channels, lanes)
      for result in 0..<count {
        let value = Kind.lanes(at: results + (result * channels + channel), count: lanes)
        let difference = value - origin
        total += difference
        squares = multiply_add_16(difference, difference, squares)
      }
      store_part_16(origin, to, lanes)
      store_part_16(total, to + channels, lanes)
      store_part_16(squares, to + 2 * channels, lanes)
    }
  }
}
