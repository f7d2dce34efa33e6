/// A stage of EfficientNet's blocks, before scaling.
///
/// Tan and Le 2019, arXiv 1905.11946.
struct EfficientNetStage: Sendable {
  /// How many times wider a block is inside than where it begins.
  let expansion: Int
  let kernel: Int
  /// The first block's; the others have 1.
  let stride: Int
  let channels: Int
  /// Blocks.
  let count: Int

  /// The paper's first table.
  static let table = [
    EfficientNetStage(expansion: 1, kernel: 3, stride: 1, channels: 16, count: 1),
    EfficientNetStage(expansion: 6, kernel: 3, stride: 2, channels: 24, count: 2),
    EfficientNetStage(expansion: 6, kernel: 5, stride: 2, channels: 40, count: 2),
    EfficientNetStage(expansion: 6, kernel: 3, stride: 2, channels: 80, count: 3),
    EfficientNetStage(expansion: 6, kernel: 5, stride: 1, channels: 112, count: 3),
    EfficientNetStage(expansion: 6, kernel: 5, stride: 2, channels: 192, count: 4),
    EfficientNetStage(expansion: 6, kernel: 3, stride: 1, channels: 320, count: 1),
  ]
}
