@testable import Kernels

/// Activations of either type for a kernel under test, between two bands that nobody may write.
final class GuardedElements {
  let elements: Elements
  private let memory: GuardedBytes

  /// Memory with these values, rounded to the type.
  init(_ values: [Float], _ type: ElementType) {
    memory = GuardedBytes(count: values.count * type.stride)
    elements = Elements(
      base: UnsafeMutableRawPointer(memory.bytes.base),
      count: values.count,
      type: type
    )
    for (index, value) in values.enumerated() {
      switch type {
      case .f32: elements.of(Float.self)[index] = value
      case .bf16: elements.of(BFloat16.self)[index] = BFloat16(rounding: value)
      }
    }
  }

  convenience init(count: Int, _ type: ElementType) {
    self.init([Float](repeating: .nan, count: count), type)
  }

  var values: [Float] {
    (0..<elements.count).map { index in
      switch elements.type {
      case .f32: elements.of(Float.self)[index]
      case .bf16: elements.of(BFloat16.self)[index].float
      }
    }
  }

  var isIntact: Bool { memory.isIntact }
}

extension [Float] {
  /// These values as bf16 can hold them.
  var rounded: [Float] { map { BFloat16(rounding: $0).float } }
}
