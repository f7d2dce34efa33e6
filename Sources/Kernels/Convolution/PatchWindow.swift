import CIntrinsics

/// The source pixels of one block of a grid: in place, or gathered as f32 with zeros for its
/// borders; values of other types, and those to be transformed, are always gathered.
struct PatchWindow {
  /// Where the patch of the block's first pixel begins.
  let base: UnsafePointer<Float>
  let image: Int
  let row: Int
  let pixel: Int

  init<Kind: Element>(
    _ grid: PatchGrid,
    _ block: PatchBlocks.Block,
    copies: Bool,
    source: UnsafePointer<Kind>,
    transform: ChannelTransform?,
    into memory: UnsafeMutablePointer<Float>
  ) {
    let top = block.rows.lowerBound * grid.strideY + grid.originY
    let left = block.columns.lowerBound * grid.strideX + grid.originX
    if copies {
      let height = grid.windowHeight(block.rows.count)
      let width = grid.windowWidth(block.columns.count)
      pixel = grid.depth
      row = width * pixel
      image = height * row
      base = UnsafePointer(memory)
      for n in block.images {
        let target = memory + (n - block.images.lowerBound) * image
        PatchWindow.gather(grid, n, top, left, height, width, source, transform, target)
      }
      return
    }
    pixel = grid.sourcePixel
    row = grid.sourceRow
    image = grid.sourceImage
    base =
      UnsafeRawPointer(source).assumingMemoryBound(to: Float.self)
      + PatchWindow.start(grid, block)
  }

  /// Where in the source the patch of a block's first pixel begins.
  static func start(_ grid: PatchGrid, _ block: PatchBlocks.Block) -> Int {
    let top = block.rows.lowerBound * grid.strideY + grid.originY
    let left = block.columns.lowerBound * grid.strideX + grid.originX
    return block.images.lowerBound * grid.sourceImage + top * grid.sourceRow
      + left * grid.sourcePixel + grid.sourceOffset
  }

  private static func gather<Kind: Element>(
    _ grid: PatchGrid,
    _ image: Int,
    _ top: Int,
    _ left: Int,
    _ height: Int,
    _ width: Int,
    _ source: UnsafePointer<Kind>,
    _ transform: ChannelTransform?,
    _ target: UnsafeMutablePointer<Float>
  ) {
    let depth = grid.depth
    let isWhole =
      top >= 0 && top + height <= grid.sourceHeight && left == 0 && width == grid.sourceWidth
    if isWhole && transform == nil && depth == grid.sourcePixel && width * depth == grid.sourceRow {
      // A matrix, whose rows are pixels: one run.
      let from = source + (image * grid.sourceImage + top * grid.sourceRow + grid.sourceOffset)
      return copy(from, target, height * width * depth)
    }
    let first = min(max(left, 0), grid.sourceWidth)
    let last = max(first, min(left + width, grid.sourceWidth))
    for y in 0..<height {
      var to = target + y * width * depth
      let sourceY = top + y
      if sourceY < 0 || sourceY >= grid.sourceHeight || first == last {
        clear(to, width * depth)
        continue
      }
      let before = (first - left) * depth
      clear(to, before)
      to += before
      var from =
        source
        + (image * grid.sourceImage + sourceY * grid.sourceRow + first * grid.sourcePixel
          + grid.sourceOffset)
      if let transform {
        for _ in first..<last {
          copy(from, to, depth, transform, channel: grid.sourceOffset)
          to += depth
          from += grid.sourcePixel
        }
      } else if depth == grid.sourcePixel {
        copy(from, to, (last - first) * depth)
        to += (last - first) * depth
      } else {
        for _ in first..<last {
          copy(from, to, depth)
          to += depth
          from += grid.sourcePixel
        }
      }
      clear(to, (left + width - last) * depth)
    }
  }

  /// Writes zeros; of a border there are too few to call a function for.
  @inline(__always)
  private static func clear(_ target: UnsafeMutablePointer<Float>, _ count: Int) {
    var index = 0
    while index &+ 16 <= count {
      store_16(.zero, target + index)
      index &+= 16
    }
    store_part_16(.zero, target + index, count &- index)
  }

  @inline(__always)
  private static func copy<Kind: Element>(
    _ source: UnsafePointer<Kind>,
    _ target: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    let whole = count & ~15
    var index = 0
    while index < whole {
      store_16(Kind.lanes(at: source + index), target + index)
      index &+= 16
    }
    if index < count {
      store_part_16(
        Kind.lanes(at: source + index, count: count - index),
        target + index,
        count - index
      )
    }
  }

  private static func copy<Kind: Element>(
    _ source: UnsafePointer<Kind>,
    _ target: UnsafeMutablePointer<Float>,
    _ count: Int,
    _ transform: ChannelTransform,
    channel: Int
  ) {
    sweep(0..<count) { index, lanes in
      let value = transform.apply(source + index, channel: channel + index, count: lanes)
      store_part_16(value, target + index, lanes)
    }
  }

  /// The runs of floats that make one patch, in the order of its taps.
  ///
  /// `joining`: makes one run of the taps of a row, where they lie side by side.
  func runs(_ grid: PatchGrid, joining: Bool = true) -> depth_runs {
    let step = grid.tapColumnStep * pixel
    if grid.tapColumns == 1 || (joining && step == grid.depth) {
      return depth_runs(
        outer: grid.tapRows,
        outer_stride: grid.tapRowStep * row,
        inner: 1,
        inner_stride: 0,
        length: grid.tapColumns * grid.depth
      )
    }
    return depth_runs(
      outer: grid.tapRows,
      outer_stride: grid.tapRowStep * row,
      inner: grid.tapColumns,
      inner_stride: step,
      length: grid.depth
    )
  }

  /// Writes where each pixel's patch begins (from `base`) and where its result goes.
  func tabulate(
    _ grid: PatchGrid,
    _ block: PatchBlocks.Block,
    offsets: UnsafeMutablePointer<Int>,
    results: UnsafeMutablePointer<Int>
  ) {
    var index = 0
    for n in block.images {
      for y in block.rows {
        let from =
          (n - block.images.lowerBound) * image
          + (y - block.rows.lowerBound) * grid.strideY * row
        let to = n * grid.resultImage + y * grid.resultRow + grid.resultOffset
        for x in block.columns {
          offsets[index] = from + (x - block.columns.lowerBound) * grid.strideX * pixel
          results[index] = to + x * grid.resultPixel
          index += 1
        }
      }
    }
  }
}
