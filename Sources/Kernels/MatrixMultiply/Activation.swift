/// What a product applies to each result while it is still in a register.
package enum Activation: Sendable, Hashable {
  case none
  /// max(x, 0).
  case relu
}
