import CIntrinsics

/// In how many bits activations and their gradients are kept.
///
/// Parameters, statistics, sums and losses are f32 whatever the activations are.
package enum ElementType: Hashable, Sendable, CaseIterable {
  case f32
  case bf16

  /// Bytes of one element.
  package var stride: Int {
    switch self {
    case .f32: 4
    case .bf16: 2
    }
  }
}

/// A kind of number that activations are kept as; all arithmetic on them is f32.
///
/// Kernels are generic over it and enter by a switch over `Elements.type`, so that each is
/// compiled for both.
package protocol Element: BitwiseCopyable, Sendable {
  static var type: ElementType { get }
  static func lanes(at source: UnsafePointer<Self>) -> SIMD16<Float>
  static func lanes(at source: UnsafePointer<Self>, count: Int) -> SIMD16<Float>
  static func setLanes(_ value: SIMD16<Float>, at target: UnsafeMutablePointer<Self>)
  static func setLanes(_ value: SIMD16<Float>, at target: UnsafeMutablePointer<Self>, count: Int)
  /// Rounds to the nearest value of the type, ties to even.
  init(rounding value: Float)
  var float: Float { get }
}

extension Float: Element {
  package static var type: ElementType { .f32 }

  @inline(__always)
  package static func lanes(at source: UnsafePointer<Float>) -> SIMD16<Float> { load_16(source) }

  @inline(__always)
  package static func lanes(at source: UnsafePointer<Float>, count: Int) -> SIMD16<Float> {
    load_part_16(source, count)
  }

  @inline(__always)
  package static func setLanes(_ value: SIMD16<Float>, at target: UnsafeMutablePointer<Float>) {
    store_16(value, target)
  }

  @inline(__always)
  package static func setLanes(
    _ value: SIMD16<Float>,
    at target: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    store_part_16(value, target, count)
  }

  @inline(__always)
  package init(rounding value: Float) { self = value }

  @inline(__always)
  package var float: Float { self }
}

/// The upper half of an f32: its range, with 8 bits of significand.
package struct BFloat16: Element, Hashable {
  package var bits: UInt16

  package init(bits: UInt16) { self.bits = bits }

  package static var type: ElementType { .bf16 }

  @inline(__always)
  package static func lanes(at source: UnsafePointer<BFloat16>) -> SIMD16<Float> {
    load_bfloat_16(words(source))
  }

  @inline(__always)
  package static func lanes(at source: UnsafePointer<BFloat16>, count: Int) -> SIMD16<Float> {
    load_part_bfloat_16(words(source), count)
  }

  @inline(__always)
  package static func setLanes(_ value: SIMD16<Float>, at target: UnsafeMutablePointer<BFloat16>) {
    store_bfloat_16(value, words(target))
  }

  @inline(__always)
  package static func setLanes(
    _ value: SIMD16<Float>,
    at target: UnsafeMutablePointer<BFloat16>,
    count: Int
  ) {
    store_part_bfloat_16(value, words(target), count)
  }

  @inline(__always)
  package init(rounding value: Float) {
    bits = narrow_to_bfloat_16(SIMD16(repeating: value))[0]
  }

  @inline(__always)
  package var float: Float { Float(bitPattern: UInt32(bits) << 16) }

  @inline(__always)
  private static func words(_ pointer: UnsafePointer<BFloat16>) -> UnsafePointer<UInt16> {
    UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt16.self)
  }

  @inline(__always)
  private static func words(
    _ pointer: UnsafeMutablePointer<BFloat16>
  ) -> UnsafeMutablePointer<UInt16> {
    UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: UInt16.self)
  }
}

extension Element {
  /// Elements of a line of the caches.
  static var lineCount: Int { 64 / type.stride }
}
