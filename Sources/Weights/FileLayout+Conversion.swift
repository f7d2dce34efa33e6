package import Engine

/// Turns arrays between the kernels' layout and the one files have.
extension FileLayout {
  /// Calls `body` with the place of every element in memory and in the file, both row-major.
  func forEachElement(_ shape: [Int], _ body: (_ memory: Int, _ file: Int) -> Void) {
    switch self {
    case .same, .shaped:
      for index in 0..<shape.reduce(1, *) { body(index, index) }
    case .convolution, .depthwise:
      let positions = shape[0] * shape[1]
      let (inputs, outputs) = (shape[2], shape[3])
      transpose(rows: positions, inputs: inputs, outputs: outputs, body)
    case .dense:
      transpose(rows: 1, inputs: shape[0], outputs: shape[1], body)
    case .denseAfterMap(let height, let width, let channels):
      transpose(rows: height * width, inputs: channels, outputs: shape[1], body)
    }
  }

  /// Outputs that are gone through together: they share a line of the cache in memory.
  private static let outputsAtOnce = 16

  /// [rows][inputs][outputs] in memory, [outputs][inputs][rows] in the file.
  ///
  /// Whole lines are read, and each output is written from its beginning to its end.
  private func transpose(
    rows: Int,
    inputs: Int,
    outputs: Int,
    _ body: (_ memory: Int, _ file: Int) -> Void
  ) {
    for first in stride(from: 0, to: outputs, by: Self.outputsAtOnce) {
      let end = min(first + Self.outputsAtOnce, outputs)
      for input in 0..<inputs {
        for row in 0..<rows {
          for output in first..<end {
            body((row * inputs + input) * outputs + output, (output * inputs + input) * rows + row)
          }
        }
      }
    }
  }

  /// Whether elements stand in the file as they do in memory.
  var keepsOrder: Bool {
    switch self {
    case .same, .shaped: true
    case .convolution, .depthwise, .dense, .denseAfterMap: false
    }
  }

  /// `values` in the file's order.
  package func toFile(_ values: UnsafeBufferPointer<Float>, shape: [Int]) -> [Float] {
    [Float](unsafeUninitializedCapacity: values.count) { buffer, count in
      toFile(values, shape: shape, into: buffer)
      count = values.count
    }
  }

  /// Writes `values` in the file's order into as many elements.
  func toFile(
    _ values: UnsafeBufferPointer<Float>,
    shape: [Int],
    into file: UnsafeMutableBufferPointer<Float>
  ) {
    forEachElement(shape) { memory, place in file[place] = values[memory] }
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
