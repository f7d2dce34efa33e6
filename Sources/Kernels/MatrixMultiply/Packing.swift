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
