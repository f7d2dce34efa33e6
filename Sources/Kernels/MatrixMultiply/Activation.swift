/// What an operation applies to each result while it is still in a register.
///
/// Convolutions apply the rectifier only.
package enum Activation: Sendable, Hashable {
  case none
  /// max(x, 0).
  case relu
  case function(ActivationFunction)
}
