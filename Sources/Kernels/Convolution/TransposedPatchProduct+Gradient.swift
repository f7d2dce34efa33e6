import CIntrinsics

extension TransposedPatchProduct {
  /// Packs `width` columns of the result's gradient, at most two panels of them, for a block's
  /// pixels: [panel][pixel][panelWidth].
  func packGradient<Kind: Element>(
    _ gradient: UnsafePointer<Kind>,
    _ pixels: Int,
    _ width: Int,
    _ scratch: Scratch
  ) {
    if width == 2 * panelWidth { return packPair(gradient, pixels, scratch) }
    for first in stride(from: 0, to: width, by: panelWidth) {
      let own = min(panelWidth, width - first)
      var to = scratch.panel + first * pixels
      for pixel in 0..<pixels {
        let from = gradient + (scratch.results[pixel] + first)
        if own == panelWidth {
          store_16(Kind.lanes(at: from), to)
          store_16(Kind.lanes(at: from + 16), to + 16)
        } else {
          store_16(Kind.lanes(at: from, count: min(own, 16)), to)
          store_16(own > 16 ? Kind.lanes(at: from + 16, count: own - 16) : .zero, to + 16)
        }
        to += panelWidth
      }
    }
  }

  /// Two whole panels, pixel by pixel, so that memory is read in longer runs.
  private func packPair<Kind: Element>(
    _ gradient: UnsafePointer<Kind>,
    _ pixels: Int,
    _ scratch: Scratch
  ) {
    var first = scratch.panel
    var second = scratch.panel + pixels * panelWidth
    for pixel in 0..<pixels {
      let from = gradient + scratch.results[pixel]
      store_16(Kind.lanes(at: from), first)
      store_16(Kind.lanes(at: from + 16), first + 16)
      store_16(Kind.lanes(at: from + 32), second)
      store_16(Kind.lanes(at: from + 48), second + 16)
      first += panelWidth
      second += panelWidth
    }
  }

  /// Sums the packed columns over a block's pixels: the gradient of their bias.
  func sumColumns(
    _ part: Part,
    _ width: Int,
    into target: UnsafeMutablePointer<Float>,
    _ scratch: Scratch
  ) {
    for first in stride(from: 0, to: width, by: panelWidth) {
      var low = Vector.zero
      var high = Vector.zero
      var row = UnsafePointer(scratch.panel + first * part.pixels)
      for _ in 0..<part.pixels {
        low += load_16(row)
        high += load_16(row + 16)
        row += panelWidth
      }
      store_16(low, scratch.initial)
      store_16(high, scratch.initial + 16)
      for column in first..<min(width, first + panelWidth) {
        target[column] =
          (part.accumulate ? target[column] : 0) + scratch.initial[column - first]
      }
    }
  }
}
