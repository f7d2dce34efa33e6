/// Products of matrices by plain loops, summed in f64: what the fast ones are held against.
package enum ReferenceMatrixMultiply {
  /// C [rows × columns] = activation(A [rows × depth] · B [depth × columns] + bias), or C += A · B.
  package static func multiply(
    _ a: Floats,
    _ b: Floats,
    bias: Floats?,
    activation: Activation,
    into c: Floats,
    rows: Int,
    columns: Int,
    depth: Int,
    accumulate: Bool
  ) {
    for row in 0..<rows {
      for column in 0..<columns {
        var sum = 0.0
        for k in 0..<depth {
          sum += Double(a[row * depth + k]) * Double(b[k * columns + column])
        }
        let index = row * columns + column
        if accumulate {
          c[index] = Float(Double(c[index]) + sum)
        } else {
          if let bias { sum += Double(bias[column]) }
          c[index] = Float(activation == .relu ? max(sum, 0) : sum)
        }
      }
    }
  }

  /// C [rows × columns] = Aᵀ · B with A [depth × rows] and B [depth × columns].
  package static func multiplyTransposed(
    _ a: Floats,
    _ b: Floats,
    into c: Floats,
    columnSums: Floats?,
    rows: Int,
    columns: Int,
    depth: Int
  ) {
    for column in 0..<columns {
      var total = 0.0
      for k in 0..<depth { total += Double(b[k * columns + column]) }
      columnSums?[column] = Float(total)
      for row in 0..<rows {
        var sum = 0.0
        for k in 0..<depth {
          sum += Double(a[k * rows + row]) * Double(b[k * columns + column])
        }
        c[row * columns + column] = Float(sum)
      }
    }
  }
}
