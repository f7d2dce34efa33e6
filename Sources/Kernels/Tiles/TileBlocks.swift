/// How a grid is cut into blocks of pixels whose planes fit the second-level cache.
///
/// It follows from the grid alone, never from the number of threads.
struct TileBlocks {
  /// Most positions of a block's line, which bounds its sums.
  static let mostLine = 1024
  /// Most positions of a plane, which bounds the table of its pixels.
  static let mostPositions = 8064
  /// Values the planes of a block should not exceed: 640 KiB of 2 MiB of cache.
  static let budget = 320 << 10

  let planes: PatchPlanes
  let images: EvenParts
  let rows: EvenParts
  let columns: EvenParts

  var count: Int { images.parts * rows.parts * columns.parts }
  /// Positions of a plane of the largest block.
  var positions: Int {
    planes.positions(images: images.size, rows: rows.size, columns: columns.size)
  }
  /// Positions of the line of the largest block.
  var line: Int { planes.line(images: images.size, rows: rows.size, columns: columns.size) }

  /// Cuts a grid; nil when a block of one pixel is too large.
  ///
  /// - Parameters:
  ///   - grid: what is cut.
  ///   - planes: how its blocks are laid out.
  ///   - wanted: blocks it should give at least, unless they had fewer than 256 positions.
  ///   - values: values of one position, over all planes.
  init?(_ grid: PatchGrid, _ planes: PatchPlanes, wanted: Int, values: Int) {
    self.planes = planes
    let target = min(max((grid.pixels + wanted - 1) / wanted, 256), TileBlocks.mostLine)
    func fits(_ images: Int, _ rows: Int, _ columns: Int, line: Int, values most: Int) -> Bool {
      let positions = planes.positions(images: images, rows: rows, columns: columns)
      return positions <= TileBlocks.mostPositions && positions * values <= most
        && planes.line(images: images, rows: rows, columns: columns) <= line
    }
    var columns = min(grid.width, target)
    while !fits(1, 1, columns, line: TileBlocks.mostLine, values: TileScratch.windowLimit(values)) {
      if columns == 1 { return nil }
      columns = (columns + 1) / 2
    }
    self.columns = EvenParts(grid.width, limit: columns)
    let rows = TileBlocks.most(grid.height) {
      fits(1, $0, columns, line: target, values: TileBlocks.budget)
    }
    self.rows = EvenParts(grid.height, limit: rows)
    let isWhole = self.rows.parts == 1 && self.columns.parts == 1
    let images = TileBlocks.most(isWhole ? grid.batch : 1) {
      fits($0, rows, columns, line: target, values: TileBlocks.budget)
    }
    self.images = EvenParts(grid.batch, limit: images)
  }

  /// The largest number up to `limit` that fits, as all smaller ones do; at least 1.
  private static func most(_ limit: Int, _ fits: (Int) -> Bool) -> Int {
    var known = 1
    var unknown = limit
    while known < unknown {
      let middle = known + (unknown - known + 1) / 2
      if fits(middle) { known = middle } else { unknown = middle - 1 }
    }
    return known
  }

  subscript(index: Int) -> TileBlock {
    let column = index % columns.parts
    let row = index / columns.parts % rows.parts
    return TileBlock(
      planes: planes,
      images: images[index / columns.parts / rows.parts],
      rows: rows[row],
      columns: columns[column]
    )
  }
}

/// One block of a grid, with the tables of what its positions read and write.
struct TileBlock {
  let planes: PatchPlanes
  let images: Range<Int>
  let rows: Range<Int>
  let columns: Range<Int>

  private var height: Int { rows.count + planes.y.reach }
  private var width: Int { columns.count + planes.x.reach }
  /// Results of the block.
  var results: Int { images.count * rows.count * columns.count }
  /// Pixels of one plane.
  var positions: Int { images.count * height * width }
  /// Positions from the first result to the last.
  var line: Int { ((images.count - 1) * height + rows.count - 1) * width + columns.count }

  /// Writes where each position's result goes, in values from the result's start; -1 for positions
  /// without, also for those after the line up to `padded`.
  func tabulateResults(_ grid: PatchGrid, padded: Int, into table: UnsafeMutablePointer<Int>) {
    table.update(repeating: -1, count: padded)
    for n in images {
      for y in rows {
        let start = ((n - images.lowerBound) * height + y - rows.lowerBound) * width
        let to = n * grid.resultImage + y * grid.resultRow + grid.resultOffset
        for x in columns {
          table[start + x - columns.lowerBound] = to + x * grid.resultPixel
        }
      }
    }
  }

  /// Writes which pixel each position of a plane holds, in values from the source's start; -1 for
  /// those outside of it, also for those after the plane up to `padded`.
  func tabulateSources(
    _ grid: PatchGrid,
    plane: Int,
    padded: Int,
    into table: UnsafeMutablePointer<Int>
  ) {
    table.update(repeating: -1, count: padded)
    let top =
      rows.lowerBound * grid.strideY + grid.originY
      + planes.y.start(ofPlane: plane / planes.x.planes)
    let left =
      columns.lowerBound * grid.strideX + grid.originX
      + planes.x.start(ofPlane: plane % planes.x.planes)
    var start = 0
    for n in images {
      for y in 0..<height {
        let sourceY = top + y * grid.strideY
        if sourceY >= 0 && sourceY < grid.sourceHeight {
          let line = n * grid.sourceImage + sourceY * grid.sourceRow + grid.sourceOffset
          for x in 0..<width {
            let sourceX = left + x * grid.strideX
            if sourceX < 0 || sourceX >= grid.sourceWidth { continue }
            table[start + x] = line + sourceX * grid.sourcePixel
          }
        }
        start += width
      }
    }
  }
}
