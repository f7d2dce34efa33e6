import Foundation

/// What chance makes of an augmentation for one image in one epoch.
///
/// Every number has its own place in the stream of (seed, epoch, image), so that an image's turn
/// stays what it was when other things are switched on, and no batch or thread plays a part.
struct AugmentationDraw: Hashable {
  /// Whole pixels by which the window lies beside the image.
  var cropX = 0
  var cropY = 0
  var flips = false
  var flipsVertically = false
  /// Nil where pixels move by whole places only.
  var warp: Warp?
  var brightness: Float = 1
  var contrast: Float = 1
  /// Nil without one.
  var blank: BlankSquare?

  init(
    _ augmentation: Augmentation,
    seed: UInt64,
    epoch: Int,
    image: Int,
    height: Int,
    width: Int
  ) {
    var random = CounterRandom(
      seed: seed,
      purpose: .augmentation,
      index: UInt32(truncatingIfNeeded: epoch),
      element: UInt32(truncatingIfNeeded: image)
    )
    let sides = (x: width, y: height)
    cropX = random.offset(Augmentation.pixels(augmentation.crop, of: sides.x))
    cropY = random.offset(Augmentation.pixels(augmentation.crop, of: sides.y))
    flips = random.unit() < augmentation.flip
    flipsVertically = random.unit() < augmentation.verticalFlip
    let angle = random.signed() * augmentation.rotation
    let shiftX = random.signed() * Augmentation.pixels(augmentation.shift, of: sides.x)
    let shiftY = random.signed() * Augmentation.pixels(augmentation.shift, of: sides.y)
    let scale = 1 + random.signed() * augmentation.zoom
    let lean = random.signed() * augmentation.shear
    brightness = Float(1 + random.signed() * augmentation.brightness)
    contrast = Float(1 + random.signed() * augmentation.contrast)
    let centre = (x: random.unit() * Double(sides.x), y: random.unit() * Double(sides.y))
    if augmentation.warps {
      warp = Warp(
        angle: angle * .pi / 180,
        lean: lean * .pi / 180,
        scale: scale,
        shift: (shiftX, shiftY),
        height: height,
        width: width
      )
    }
    if augmentation.cutout > 0 {
      let side = Augmentation.pixels(augmentation.cutout, of: min(height, width))
      blank = BlankSquare(side: side, centre: centre, height: height, width: width)
    }
  }
}

/// A square of the image that is blanked out, cut at the image's edges; never empty.
struct BlankSquare: Hashable {
  let rows: Range<Int>
  let columns: Range<Int>

  init(side: Double, centre: (x: Double, y: Double), height: Int, width: Int) {
    rows = BlankSquare.span(of: side, around: centre.y, within: height)
    columns = BlankSquare.span(of: side, around: centre.x, within: width)
  }

  private static func span(of length: Double, around centre: Double, within side: Int) -> Range<Int>
  {
    let places = max(1, Int(length.rounded()))
    let start = Int((centre - Double(places) / 2).rounded())
    let first = min(max(0, start), side - 1)
    return first..<min(max(start + places, first + 1), side)
  }
}

/// Where a pixel of the new image lies in the old one: an affine map around the centre.
struct Warp: Hashable {
  /// Columns of the old image for one column and one row of the new, and at its first pixel.
  let xByX: Float
  let xByY: Float
  let xAtOrigin: Float
  let yByX: Float
  let yByY: Float
  let yAtOrigin: Float

  /// Of an image that is leaned, turned, scaled and then shifted; angles in radians, shifts in
  /// pixels.
  init(
    angle: Double,
    lean: Double,
    scale: Double,
    shift: (x: Double, y: Double),
    height: Int,
    width: Int
  ) {
    // Back from the new image: unshift, unscale, turn back, lean back.
    let (cosine, sine, slope) = (cos(angle) / scale, sin(angle) / scale, tan(lean))
    let rows = (x: -sine, y: cosine)
    let columns = (x: cosine - slope * rows.x, y: sine - slope * rows.y)
    let centre = (x: Double(width - 1) / 2, y: Double(height - 1) / 2)
    let from = (x: -centre.x - shift.x, y: -centre.y - shift.y)
    xByX = Float(columns.x)
    xByY = Float(columns.y)
    xAtOrigin = Float(columns.x * from.x + columns.y * from.y + centre.x)
    yByX = Float(rows.x)
    yByY = Float(rows.y)
    yAtOrigin = Float(rows.x * from.x + rows.y * from.y + centre.y)
  }
}

extension CounterRandom {
  /// From 0 to below 1.
  fileprivate mutating func unit() -> Double { Double(next()) / 4_294_967_296 }

  /// From -1 to below 1.
  fileprivate mutating func signed() -> Double { 2 * unit() - 1 }

  /// A whole number from -length to length, each as likely; one draw whatever the length.
  fileprivate mutating func offset(_ length: Double) -> Int {
    let most = Int(length.rounded())
    return Int(unit() * Double(2 * most + 1)) - most
  }
}
