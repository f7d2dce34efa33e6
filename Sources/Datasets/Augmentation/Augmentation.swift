/// What is done at random to every training image each time it is seen; zero leaves a thing undone.
///
/// Lengths below 1 are shares of the image's side, from 1 on they are pixels.
package struct Augmentation: Hashable, Sendable {
  /// Black that is put around the image, from which a window of the image's size is cut out.
  package var crop = 0.0
  /// Share of the images that are mirrored left to right.
  package var flip = 0.0
  /// Share of the images that are mirrored top to bottom.
  package var verticalFlip = 0.0
  /// Most degrees to either side.
  package var rotation = 0.0
  /// Farthest move along either axis.
  package var shift = 0.0
  /// Most that is added to a scale of 1, or taken from it.
  package var zoom = 0.0
  /// Most degrees by which columns lean to either side.
  package var shear = 0.0
  /// Most that is added to a factor of 1 on the pixels, or taken from it.
  package var brightness = 0.0
  /// The same on their distance from the image's mean.
  package var contrast = 0.0
  /// Side of a square that is blanked out.
  package var cutout = 0.0

  package init() {}

  /// Whether images stay as they are.
  package var isNone: Bool { self == Augmentation() }

  /// Whether pixels move otherwise than by whole places.
  var warps: Bool { rotation > 0 || shift > 0 || zoom > 0 || shear > 0 }

  /// A length in pixels of a side of `side`.
  static func pixels(_ length: Double, of side: Int) -> Double {
    length < 1 ? length * Double(side) : length
  }
}
