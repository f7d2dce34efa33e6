import CIntrinsics

/// Right operands in the order the tiles read them: panels of `panelWidth` columns,
/// [panel][depth][panelWidth], the last one filled up with zeros.
enum Packing {
  static func panels(_ columns: Int) -> Int { (columns + panelWidth - 1) / panelWidth }

  static func count(depth: Int, columns: Int) -> Int { panels(columns) * depth * panelWidth }

  /// Packs rows `depth` of one panel: `width` columns from `source`, whose rows are `stride`
  /// floats apart.
  static func packRows(
    _ source: UnsafePointer<Float>,
    stride: Int,
    depth: Int,
    width: Int,
    into panel: UnsafeMutablePointer<Float>
  ) {
    var from = source
    var to = panel
    if width == panelWidth {
      for _ in 0..<depth {
        store_16(load_16(from), to)
        store_16(load_16(from + 16), to + 16)
        from += stride
        to += panelWidth
      }
      return
    }
    for _ in 0..<depth {
      to.update(from: from, count: width)
      (to + width).update(repeating: 0, count: panelWidth - width)
      from += stride
      to += panelWidth
    }
  }

  /// Packs one panel of a transposed operand: column c is the row `source + c * stride`.
  static func packColumns(
    _ source: UnsafePointer<Float>,
    stride: Int,
    depth: Int,
    width: Int,
    into panel: UnsafeMutablePointer<Float>
  ) {
    for start in stride16(depth) {
      for column in stride16(panelWidth) {
        transpose_16(
          source + (column * stride + start),
          stride,
          min(max(width - column, 0), 16),
          min(depth - start, 16),
          panel + (start * panelWidth + column),
          panelWidth
        )
      }
    }
  }

  /// Packs columns `first` to `first + width` of a part of the depth of B [depth × columns], or of
  /// its transpose [columns × depth], whose rows are `stride` floats apart, and rounds them as
  /// products with activations of type `element` want them.
  static func packPart(
    _ b: UnsafePointer<Float>,
    transposed: Bool,
    stride: Int,
    first: Int,
    width: Int,
    depth: Range<Int>,
    element: ElementType,
    into packed: UnsafeMutablePointer<Float>
  ) {
    let whole = width / panelWidth
    if !transposed {
      // Row by row, so that memory is read in runs of all panels.
      for row in 0..<depth.count {
        var from = b + ((depth.lowerBound + row) * stride + first)
        var to = packed + row * panelWidth
        for _ in 0..<whole {
          store_16(load_16(from), to)
          store_16(load_16(from + 16), to + 16)
          from += panelWidth
          to += depth.count * panelWidth
        }
      }
    }
    for panel in (transposed ? 0 : whole)..<panels(width) {
      let start = first + panel * panelWidth
      let own = min(panelWidth, width - panel * panelWidth)
      let to = packed + panel * depth.count * panelWidth
      if transposed {
        let from = b + (start * stride + depth.lowerBound)
        packColumns(from, stride: stride, depth: depth.count, width: own, into: to)
      } else {
        let from = b + (depth.lowerBound * stride + start)
        packRows(from, stride: stride, depth: depth.count, width: own, into: to)
      }
    }
    round(packed, count(depth: depth.count, columns: width), to: element)
  }

  /// Rounds packed values to what `element` can hold.
  ///
  /// Products whose left operand is bf16 round the right one too, as matrix tiles of bf16 would.
  static func round(_ panel: UnsafeMutablePointer<Float>, _ count: Int, to element: ElementType) {
    guard element == .bf16 else { return }
    for index in Swift.stride(from: 0, to: count, by: 16) {
      let value = load_16(panel + index)
      store_16(widen_bfloat_16(narrow_to_bfloat_16(value)), panel + index)
    }
  }

  private static func stride16(_ end: Int) -> StrideTo<Int> {
    Swift.stride(from: 0, to: end, by: 16)
  }
}

/// Cuts `count` into the fewest parts of at most `limit`, as even as can be.
struct EvenParts {
  let count: Int
  let parts: Int

  init(_ count: Int, limit: Int) {
    self.count = count
    parts = max(1, (count + limit - 1) / limit)
  }

  init(_ count: Int, parts: Int) {
    self.count = count
    self.parts = max(1, min(parts, count))
  }

  /// The largest part.
  var size: Int { (count + parts - 1) / parts }

  subscript(part: Int) -> Range<Int> {
    (part * count / parts)..<((part + 1) * count / parts)
  }
}
