/// Makes the image that a draw describes.
///
/// In this order: warp, flips, window, brightness, contrast. What lies beside the image is its
/// nearest edge for a warp, and black for the window. The blank square is put in after
/// normalisation, as zero.
struct AugmentedImage {
  let height: Int
  let width: Int
  let channels: Int
  /// The pixel value of full brightness.
  let scale: Float

  init(of set: ImageSet) {
    (height, width, channels, scale) = (set.height, set.width, set.channels, set.scale)
  }

  /// Writes the image made of `source` to `target`; both have `height * width * channels` elements
  /// from 0 to `scale`, and do not overlap.
  func make(
    _ draw: AugmentationDraw,
    from source: UnsafePointer<Float>,
    to target: UnsafeMutablePointer<Float>
  ) {
    for y in 0..<height {
      let row = target + y * width * channels
      let fromY = place(y + draw.cropY, of: height, mirrored: draw.flipsVertically)
      for x in 0..<width {
        let pixel = row + x * channels
        guard let fromY,
          let fromX = place(x + draw.cropX, of: width, mirrored: draw.flips)
        else {
          pixel.update(repeating: 0, count: channels)
          continue
        }
        if let warp = draw.warp {
          interpolate(warp, x: Float(fromX), y: Float(fromY), source, pixel)
        } else {
          pixel.update(from: source + (fromY * width + fromX) * channels, count: channels)
        }
      }
    }
    adjust(draw, target)
  }

  /// The place in the image before window and flips; nil beside it.
  private func place(_ index: Int, of side: Int, mirrored: Bool) -> Int? {
    guard index >= 0, index < side else { return nil }
    return mirrored ? side - 1 - index : index
  }

  /// Bilinear between the four pixels around the place that the warp names.
  private func interpolate(
    _ warp: Warp,
    x: Float,
    y: Float,
    _ source: UnsafePointer<Float>,
    _ pixel: UnsafeMutablePointer<Float>
  ) {
    let atX = min(max(warp.xAtOrigin + warp.xByX * x + warp.xByY * y, 0), Float(width - 1))
    let atY = min(max(warp.yAtOrigin + warp.yByX * x + warp.yByY * y, 0), Float(height - 1))
    let (left, top) = (Int(atX), Int(atY))
    let (right, bottom) = (min(left + 1, width - 1), min(top + 1, height - 1))
    let (shareX, shareY) = (atX - Float(left), atY - Float(top))
    for channel in 0..<channels {
      func value(_ row: Int, _ column: Int) -> Float {
        source[(row * width + column) * channels + channel]
      }
      let upper = value(top, left) + shareX * (value(top, right) - value(top, left))
      let lower = value(bottom, left) + shareX * (value(bottom, right) - value(bottom, left))
      pixel[channel] = upper + shareY * (lower - upper)
    }
  }

  private func adjust(_ draw: AugmentationDraw, _ target: UnsafeMutablePointer<Float>) {
    let count = height * width * channels
    if draw.brightness != 1 {
      for element in 0..<count { target[element] = clamped(target[element] * draw.brightness) }
    }
    guard draw.contrast != 1 else { return }
    var sum = 0.0
    for element in 0..<count { sum += Double(target[element]) }
    let mean = Float(sum / Double(count))
    for element in 0..<count {
      target[element] = clamped(mean + draw.contrast * (target[element] - mean))
    }
  }

  private func clamped(_ value: Float) -> Float { min(max(value, 0), scale) }
}
