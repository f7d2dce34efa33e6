/// A run of activations or their gradients in a slab, in either type: where a kernel reads or
/// writes.
///
/// It does not own the memory, as `Floats` does not. Parameters, statistics and workspaces are
/// `Floats`: they are f32 in every precision.
package struct Elements: @unchecked Sendable {
  package let base: UnsafeMutableRawPointer
  package let count: Int
  package let type: ElementType

  package init(base: UnsafeMutableRawPointer, count: Int, type: ElementType) {
    self.base = base
    self.count = count
    self.type = type
  }

  package init(_ floats: Floats) {
    self.init(base: UnsafeMutableRawPointer(floats.base), count: floats.count, type: .f32)
  }

  /// The values as f32; they must be.
  package var floats: Floats { Floats(base: of(Float.self), count: count) }

  /// The values' address under their type, which must be `Kind`.
  package func of<Kind: Element>(_ kind: Kind.Type) -> UnsafeMutablePointer<Kind> {
    require(type == Kind.type, "\(type) values read as \(Kind.type)")
    return base.assumingMemoryBound(to: kind)
  }

  /// The values `range`, in the same memory.
  package subscript(range: Range<Int>) -> Elements {
    require(
      range.lowerBound >= 0 && range.upperBound <= count,
      "slice \(range) of \(count) values"
    )
    return Elements(base: base + range.lowerBound * type.stride, count: range.count, type: type)
  }
}

extension Slab {
  /// The slice of `count` elements at `offset` bytes.
  package func elements(at offset: Int, count: Int, type: ElementType) -> Elements {
    Elements(
      base: UnsafeMutableRawPointer(bytes(at: offset, count: count * type.stride).base),
      count: count,
      type: type
    )
  }
}
