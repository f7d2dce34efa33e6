import CIntrinsics

/// Right operands in the order the tiles load them: panels of 32 columns, their depth in steps of
/// 32, [panel][step][2][16][16][2], rounded to bf16.
///
/// A step is two tiles of 16 columns; a tile is 16 pairs of consecutive depth, column by column.
/// What is beyond a step's share of the depth of a tap or the last column is zero.
enum TilePacking {
  /// The depth of a tap, in as few steps as can hold it and about the same in each: vectors
  /// multiply no more pairs than a step has.
  struct Depth {
    let count: Int
    let steps: Int
    /// Pairs of a step, the last one's included.
    let pairs: Int

    init(_ count: Int) {
      self.count = count
      steps = TilePacking.steps(count)
      pairs = steps == 0 ? 0 : ((count + 1) / 2 + steps - 1) / steps
    }

    /// Values from one step to the next.
    var stride: Int { 2 * pairs }
    /// Whether all steps are full.
    var isEven: Bool { steps * stride == count }
  }

  static let stepDepth = 32
  /// Values of one step of a panel.
  static let stepValues = stepDepth * panelWidth

  /// Steps of a depth; each tap of a patch has its own.
  static func steps(_ depth: Int) -> Int { (depth + stepDepth - 1) / stepDepth }

  /// bf16 values of an operand of `steps` steps: an even number.
  static func values(steps: Int, columns: Int) -> Int {
    Packing.panels(columns) * steps * stepValues
  }

  /// Packs some steps of a panel from `width` columns of rows that are `stride` floats apart.
  ///
  /// `source` is the panel's first column in the row of depth 0 of a tap of `depth` rows.
  static func packRows(
    _ source: UnsafePointer<Float>,
    stride: Int,
    depth: Depth,
    width: Int,
    steps: Range<Int>,
    into panel: UnsafeMutablePointer<UInt16>
  ) {
    func row(_ k: Int, _ end: Int, _ tile: Int) -> Vector {
      let count = width - 16 * tile
      return k < end && count > 0 ? load_part_16(source + (k * stride + 16 * tile), count) : .zero
    }
    for step in steps {
      for tile in 0..<2 {
        let to = panel + (step * stepValues + tile * 512)
        for pair in 0..<16 {
          let k = step * depth.stride + 2 * pair
          let end = min(depth.count, (step + 1) * depth.stride)
          pair_rounded_16(row(k, end, tile), row(k + 1, end, tile), to + pair * 32)
        }
      }
    }
  }

  /// Packs some steps of a panel of a transposed operand: column c is the row
  /// `source + c * stride`, `depth` floats.
  ///
  /// `pairs`: memory for 512 values.
  static func packColumns(
    _ source: UnsafePointer<Float>,
    stride: Int,
    depth: Depth,
    width: Int,
    steps: Range<Int>,
    into panel: UnsafeMutablePointer<UInt16>,
    pairs: UnsafeMutablePointer<UInt16>
  ) {
    for step in steps {
      for tile in 0..<2 {
        for column in 0..<16 {
          for half in 0..<2 {
            let k = step * depth.stride + 16 * half
            let end = min(depth.count, (step + 1) * depth.stride)
            let isInside = 16 * tile + column < width && k < end
            let from = source + ((16 * tile + column) * stride + k)
            let value = isInside ? load_part_16(from, end - k) : .zero
            store_bfloat_16(value, pairs + (column * 32 + 16 * half))
          }
        }
        transposeWords(pairs, into: panel + (step * stepValues + tile * 512), stride: 32)
      }
    }
  }

  /// Turns a square of 16 × 16 pairs; rows of the result are `stride` values apart.
  static func transposeWords(
    _ pairs: UnsafePointer<UInt16>,
    into target: UnsafeMutablePointer<UInt16>,
    stride: Int
  ) {
    transpose_16(
      UnsafeRawPointer(pairs).assumingMemoryBound(to: Float.self),
      16,
      16,
      16,
      UnsafeMutableRawPointer(target).assumingMemoryBound(to: Float.self),
      stride / 2
    )
  }
}
