/// How a grid is cut into blocks of pixels, each small enough for the second-level cache.
///
/// It follows from the grid alone, never from the number of threads.
struct PatchBlocks {
  /// Most pixels of a block, which bounds the tables of offsets.
  static let mostPixels = 1024
  /// Floats a block's window should not exceed, to share 2 MiB of cache with a panel.
  static let windowBudget = 160 << 10
  /// Floats of window a thread's scratch memory holds.
  static let windowLimit = Scratch.panelOffset - Scratch.windowOffset

  let images: EvenParts
  let rows: EvenParts
  let columns: EvenParts
  /// Whether blocks gather their window in scratch memory, instead of reading the source.
  let copies: Bool

  var count: Int { images.parts * rows.parts * columns.parts }

  struct Block {
    var images: Range<Int>
    var rows: Range<Int>
    var columns: Range<Int>
    var pixels: Int { images.count * rows.count * columns.count }
  }

  init(
    _ grid: PatchGrid,
    wantedBlocks: Int = 16,
    leastPixels: Int = 96,
    mostPixels: Int = PatchBlocks.mostPixels,
    copies: Bool
  ) {
    self.copies = copies
    let fair = (grid.pixels + wantedBlocks - 1) / wantedBlocks
    let pixels = min(max(fair, leastPixels), mostPixels)
    // A block of very deep patches takes as much as the scratch holds, or it would be all border.
    let budget = max(
      PatchBlocks.windowBudget,
      copies ? min(leastPixels * grid.depth, PatchBlocks.windowLimit) : 0
    )
    var columns = min(grid.width, mostPixels)
    func window(_ rows: Int, _ columns: Int) -> Int {
      grid.windowHeight(rows) * grid.windowWidth(columns) * grid.depth
    }
    while columns > 1 && copies && window(1, columns) > PatchBlocks.windowLimit {
      columns = (columns + 1) / 2
    }
    require(
      !copies || window(1, columns) <= PatchBlocks.windowLimit,
      "a patch of \(window(1, 1)) values, more than \(PatchBlocks.windowLimit)"
    )
    self.columns = EvenParts(grid.width, limit: columns)
    var rows = 1
    while rows < grid.height && (rows + 1) * columns <= pixels
      && window(rows + 1, columns) <= budget
    { rows += 1 }
    self.rows = EvenParts(grid.height, limit: rows)
    var images = 1
    if self.rows.parts == 1 && self.columns.parts == 1 {
      while images < grid.batch && (images + 1) * rows * columns <= pixels
        && (images + 1) * window(rows, columns) <= budget
      { images += 1 }
    }
    self.images = EvenParts(grid.batch, limit: images)
  }

  subscript(index: Int) -> Block {
    let column = index % columns.parts
    let row = index / columns.parts % rows.parts
    return Block(
      images: images[index / columns.parts / rows.parts],
      rows: rows[row],
      columns: columns[column]
    )
  }
}
