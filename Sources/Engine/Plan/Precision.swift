import Kernels

/// The number format of activations and of the operands of products.
package enum Precision: String, Hashable, Sendable, CaseIterable {
  /// 32-bit floats everywhere.
  case f32
  /// Activations, their gradients and the products' operands have 16 bits (eight of them exponent).
  ///
  /// Weights, their gradients, the optimizer's arrays, statistics, workspaces, the images and the
  /// logits keep 32 bits.
  case bf16

  /// The type of an activation, and of its gradient.
  var element: ElementType {
    switch self {
    case .f32: .f32
    case .bf16: .bf16
    }
  }
}
