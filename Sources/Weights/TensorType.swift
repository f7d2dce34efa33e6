/// How the elements of a stored tensor are written, spelled as in a safetensors header.
///
/// Elements are little-endian. `BOOL` is one byte an element.
package enum TensorType: String, Hashable, Sendable, CaseIterable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int64 = "I64"
  case int32 = "I32"
  case int16 = "I16"
  case int8 = "I8"
  case unsigned64 = "U64"
  case unsigned32 = "U32"
  case unsigned16 = "U16"
  case unsigned8 = "U8"
  case boolean = "BOOL"

  /// Bytes of one element.
  package var byteCount: Int {
    switch self {
    case .float64, .int64, .unsigned64: 8
    case .float32, .int32, .unsigned32: 4
    case .float16, .bfloat16, .int16, .unsigned16: 2
    case .int8, .unsigned8, .boolean: 1
    }
  }
}

/// One tensor of a safetensors file: what it is called, how it is written and where it lies.
package struct StoredTensor: Hashable, Sendable {
  package let name: String
  package let type: TensorType
  /// Outermost dimension first; empty for a single value.
  package let shape: [Int]
  /// Where its bytes lie in the data section, which starts right after the header.
  package let bytes: Range<Int>

  /// Number of elements: the product of `shape`.
  package var count: Int { bytes.count / type.byteCount }

  /// The bytes a tensor of this type and shape needs; nil for a negative dimension or a product
  /// that no `Int` holds.
  static func byteCount(type: TensorType, shape: [Int]) -> Int? {
    var product = type.byteCount
    for dimension in shape {
      let (result, overflow) = product.multipliedReportingOverflow(by: dimension)
      guard dimension >= 0, !overflow else { return nil }
      product = result
    }
    return product
  }
}
