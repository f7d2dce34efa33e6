/// The number format of activations and of the operands of products.
///
/// Only planning knows both so far; execution is in 32 bits.
package enum Precision: String, Hashable, Sendable, CaseIterable {
  /// 32-bit floats everywhere.
  case f32
  /// Activations, their gradients and the products' operands have 16 bits (eight of them exponent).
  ///
  /// Weights, their gradients, the optimizer's arrays, statistics, workspaces, the images and the
  /// logits keep 32 bits.
  case bf16

  /// Bytes of an activation, and of its gradient.
  var activationStride: Int {
    switch self {
    case .f32: 4
    case .bf16: 2
    }
  }

  /// Bytes that each element of a kernel takes beside the master copy, as the products' operand.
  var kernelCopyStride: Int {
    switch self {
    case .f32: 0
    case .bf16: 2
    }
  }
}
