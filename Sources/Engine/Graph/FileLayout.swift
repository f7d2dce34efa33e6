/// How a parameter's elements stand in a file, where the field's layout is not the kernels' own.
package enum FileLayout: Hashable, Sendable {
  case same
  /// The same elements in the same order under other dimensions.
  case shaped([Int])
  /// In memory [height][width][in][out], in files [out][in][height][width].
  case convolution
  /// In memory [height][width][1][inputs · multiplier], in files
  /// [inputs · multiplier][1][height][width].
  case depthwise(inputs: Int)
  /// In memory [in][out], in files [out][in].
  case dense
  /// A dense layer behind a flattened map: in memory [height·width·channels][out], in files
  /// [out][channels·height·width], because PyTorch flattens channels first.
  case denseAfterMap(height: Int, width: Int, channels: Int)

  /// The dimensions a file gives for a parameter that has `shape` in memory.
  package func fileShape(_ shape: [Int]) -> [Int] {
    switch self {
    case .same: shape
    case .shaped(let dimensions): dimensions
    case .convolution, .depthwise: [shape[3], shape[2], shape[0], shape[1]]
    case .dense, .denseAfterMap: [shape[1], shape[0]]
    }
  }

  /// The layout of the same parameter in Keras' files, which have the kernels' own order; only
  /// depthwise kernels are said to be [height][width][inputs][multiplier].
  func keras(_ shape: [Int]) -> FileLayout {
    switch self {
    case .same, .shaped: self
    case .convolution, .dense, .denseAfterMap: .same
    case .depthwise(let inputs):
      .shaped([shape[0], shape[1], inputs, shape[3] / max(inputs, 1)])
    }
  }
}
