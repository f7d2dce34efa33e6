/// Where a product with a matrix that is not packed yet reads and writes.
struct DenseOperands {
  /// [rows][depth].
  var a: Elements
  /// [depth][columns], or [columns][depth] if transposed.
  var b: UnsafePointer<Float>
  var bias: UnsafePointer<Float>?
  var activation: Activation
  var accumulate: Bool
  /// [rows][columns], of A's type.
  var result: Elements
  /// Not used when accumulating.
  var ending: ProductEnding
}
