import Testing

@testable import Kernels

/// Where blocks of tiles look for their pixels.
@Suite
struct TileLayoutTests {
  @Test(arguments: 0..<60)
  func `a tap finds each result's pixel at the result's position and its shift`(seed: Int) {
    let shape = RandomShapes.convolution(seed: seed, largest: 14)
    verify(PatchGrid(forward: shape, group: shape.groups - 1))
    InputPhase.forEach(shape) { phase in
      if !phase.isEmpty { verify(phase.grid(shape, group: 0)) }
    }
  }

  private func verify(_ grid: PatchGrid) {
    for choice in PatchPlanes.Choice.allCases {
      let planes = PatchPlanes(grid, choice)
      guard let blocks = TileBlocks(grid, planes, wanted: 2, values: planes.count * 32) else {
        Issue.record("no blocks for \(grid)")
        continue
      }
      var seen = 0
      for index in 0..<blocks.count {
        let block = blocks[index]
        #expect(block.line <= blocks.line && block.positions <= blocks.positions)
        seen += verify(grid, block)
      }
      #expect(seen == grid.pixels)
    }
  }

  /// Compares a block's tables with the grid's definition; gives its number of results.
  private func verify(_ grid: PatchGrid, _ block: TileBlock) -> Int {
    let tables = (0..<block.planes.count).map { plane in
      table(block.positions + 5) {
        block.tabulateSources(grid, plane: plane, padded: block.positions + 5, into: $0)
      }
    }
    let results = table(block.line + 3) {
      block.tabulateResults(grid, padded: block.line + 3, into: $0)
    }
    #expect(results.suffix(3) == [-1, -1, -1] && tables.allSatisfy { $0.suffix(5).max() == -1 })
    var wrong = 0
    for (position, result) in results.enumerated() where result >= 0 {
      let (n, y, x) = pixel(grid, at: result - grid.resultOffset)
      for tap in 0..<grid.tapRows * grid.tapColumns {
        let (plane, shift) = block.planes.place(ofTap: tap, columns: block.columns.count)
        let sourceY = y * grid.strideY + grid.originY + tap / grid.tapColumns * grid.tapRowStep
        let sourceX = x * grid.strideX + grid.originX + tap % grid.tapColumns * grid.tapColumnStep
        var wanted = -1
        if (0..<grid.sourceHeight).contains(sourceY) && (0..<grid.sourceWidth).contains(sourceX) {
          let row = n * grid.sourceImage + sourceY * grid.sourceRow
          wanted = row + sourceX * grid.sourcePixel + grid.sourceOffset
        }
        if tables[plane][position + shift] != wanted { wrong += 1 }
      }
    }
    #expect(wrong == 0, "\(grid)")
    return results.count { $0 >= 0 }
  }

  private func table(_ count: Int, _ fill: (UnsafeMutablePointer<Int>) -> Void) -> [Int] {
    [Int](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let base = buffer.baseAddress { fill(base) }
      initialized = count
    }
  }

  /// Which pixel of the grid a place in the result is.
  private func pixel(_ grid: PatchGrid, at offset: Int) -> (Int, Int, Int) {
    for n in 0..<grid.batch {
      for y in 0..<grid.height {
        for x in 0..<grid.width
        where n * grid.resultImage + y * grid.resultRow + x * grid.resultPixel == offset {
          return (n, y, x)
        }
      }
    }
    Issue.record("\(offset) is no result of \(grid)")
    return (0, 0, 0)
  }
}
