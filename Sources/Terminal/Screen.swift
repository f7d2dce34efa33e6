/// How many colours a screen can show.
package enum ColorDepth: Int, Hashable, Sendable, Comparable {
  case none = 0
  case sixteen = 16
  case indexed = 256
  case full = 16_777_216

  package static func < (left: ColorDepth, right: ColorDepth) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// A place to show canvases and read keys from: the real terminal, or a buffer in tests.
package protocol Screen: AnyObject {
  var size: Size { get }
  var colorDepth: ColorDepth { get }

  /// Shows the canvas; cells that did not change are not sent again.
  func present(_ canvas: Canvas)

  /// The next thing the user did, waiting at most this long (not at all for zero); nil if nothing.
  func nextKey(waiting seconds: Double) -> Key?
}
