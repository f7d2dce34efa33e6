import CIntrinsics

/// The sums of what a block writes to up to 16 channels, while its rows are finished.
struct TileMoments {
  private let target: UnsafeMutablePointer<Float>
  private let channels: Int
  private let count: Int
  private var hasOrigin: Bool
  private var origin = Vector.zero
  private var total = Vector.zero
  private var squares = Vector.zero

  /// Continues a block's sums of channels `first` on, or begins them.
  init(_ sums: PartialMoments, _ block: Int, _ first: Int, _ count: Int, starts: Bool) {
    target = sums.sums(block: block) + first
    channels = sums.channels
    self.count = count
    hasOrigin = !starts
    if starts { return }
    origin = load_part_16(target, count)
    total = load_part_16(target + channels, count)
    squares = load_part_16(target + 2 * channels, count)
  }

  /// Adds what is written of a row of results.
  mutating func add(_ value: Vector) {
    // What is written is what counts.
    let written = widen_bfloat_16(narrow_to_bfloat_16(value))
    if !hasOrigin { origin = written }
    hasOrigin = true
    let difference = written - origin
    total += difference
    squares = multiply_add_16(difference, difference, squares)
  }

  func store() {
    store_part_16(origin, target, count)
    store_part_16(total, target + channels, count)
    store_part_16(squares, target + 2 * channels, count)
  }
}

extension ChannelTransform {
  /// The first `count` of up to 16 transformed values of channels `channel` on.
  @inline(__always)
  func lanes(_ values: UnsafePointer<UInt16>, _ channel: Int, count: Int) -> Vector {
    let least = Vector(repeating: relu ? 0 : -.infinity)
    let value = multiply_add_16(
      load_part_bfloat_16(values, count) - load_part_16(mean.base + channel, count),
      load_part_16(factor.base + channel, count),
      load_part_16(shift.base + channel, count)
    )
    return value.replacing(with: least, where: value .< least)
  }
}
