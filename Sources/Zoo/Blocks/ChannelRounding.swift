/// The multiple of eight nearest to `channels`, never more than a tenth below it: how the mobile
/// networks keep scaled widths fit for vector units.
func roundedToEight(_ channels: Double) -> Int {
  let rounded = max(8, Int(channels + 4) / 8 * 8)
  return Double(rounded) < 0.9 * channels ? rounded + 8 : rounded
}
