package import Engine

/// Turns arrays between the kernels' layout and the one files have.
extension FileLayout {
  /// The dimensions a file gives for a parameter that has `shape` in memory.
  package func fileShape(_ shape: [Int]) -> [Int] {
    switch self {
    case .same: shape
    case .convolution: [shape[3], shape[2], shape[0], shape[1]]
    case .dense, .denseAfterMap: [shape[1], shape[0]]
    }
  }

  /// Calls `body` with the place of every element in memory and in the file, both row-major.
  func forEachElement(_ shape: [Int], _ body: (_ memory: Int, _ file: Int) -> Void) {
    switch self {
    case .same:
      for index in 0..<shape.reduce(1, *) { body(index, index) }
    case .convolution:
      let positions = shape[0] * shape[1]
      let (inputs, outputs) = (shape[2], shape[3])
      transpose(rows: positions, inputs: inputs, outputs: outputs, body)
    case .dense:
      transpose(rows: 1, inputs: shape[0], outputs: shape[1], body)
    case .denseAfterMap(let height, let width, let channels):
      transpose(rows: height * width, inputs: channels, outputs: shape[1], body)
    }
  }

  /// [rows][inputs][outputs] in memory, [outputs][inputs][rows] in the file.
  private func transpose(
    rows: Int,
    inputs: Int,
    outputs: Int,
    _ body: (_ memory: Int, _ file: Int) -> Void
  ) {
    for row in 0..<rows {
      for input in 0..<inputs {
        for output in 0..<outputs {
          body((row * inputs + input) * outputs + output, (output * inputs + input) * rows + row)
        }
      }
    }
  }

  /// `values` in the file's order.
  package func toFile(_ values: UnsafeBufferPointer<Float>, shape: [Int]) -> [Float] {
    if self == .same { return Array(values) }
    return [Float](unsafeUninitializedCapacity: values.count) { buffer, count in
      forEachElement(shape) { memory, file in buffer[file] = values[memory] }
      count = values.count
    }
  }

  /// Writes `file`, in the file's order, into memory.
  package func fromFile(
    _ file: [Float],
    shape: [Int],
    into values: UnsafeMutableBufferPointer<Float>
  ) {
    forEachElement(shape) { memory, place in values[memory] = file[place] }
  }
}
