import CIntrinsics

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
