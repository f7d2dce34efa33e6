import CIntrinsics

extension TileTransposedProduct {
  /// Writes a plane of a block as [channel][position], zeros outside of the source.
  func turn(
    _ plane: Int,
    _ part: Part,
    _ operands: Operands,
    _ scratch: TileScratch
  ) {
    let pitch = part.pitch
    part.block.tabulateSources(grid, plane: plane, padded: pitch, into: scratch.sources)
    let target = scratch.window + plane * part.paddedChannels * pitch
    for position in stride(from: 0, to: pitch, by: TilePacking.stepDepth) {
      for channel in stride(from: 0, to: part.channels.count, by: 16) {
        let first = part.channels.lowerBound + channel
        let count = min(16, part.channels.count - channel)
        for pair in 0..<16 {
          let sources = scratch.sources + (position + 2 * pair)
          // The reads are a pixel apart, which nothing fetches ahead: a step before they are asked
          // for, one of each line.
          if channel % 32 == 0 && position + TilePacking.stepDepth < pitch {
            let next = sources + TilePacking.stepDepth
            prefetch_line(operands.source + (max(next[0], 0) + first))
            prefetch_line(operands.source + (max(next[1], 0) + first))
          }
          pairChannels(sources, first, count, operands, scratch, scratch.pairs + 32 * pair)
        }
        TilePacking.transposeWords(
          scratch.pairs,
          into: target + (channel * pitch + position),
          stride: pitch
        )
      }
    }
  }

  /// Pairs up to 16 channels of two pixels, each at an offset or, if that is negative, zero.
  @inline(__always)
  private func pairChannels(
    _ sources: UnsafePointer<Int>,
    _ first: Int,
    _ count: Int,
    _ operands: Operands,
    _ scratch: TileScratch,
    _ target: UnsafeMutablePointer<UInt16>
  ) {
    guard let transform = operands.transform else {
      func values(_ offset: Int) -> UnsafePointer<UInt16> {
        offset < 0 ? UnsafePointer(scratch.zeros) : operands.source + (offset + first)
      }
      return pair_bfloats_16(values(sources[0]), values(sources[1]), count, target)
    }
    func values(_ offset: Int) -> Vector {
      if offset < 0 { return .zero }
      let source = operands.source + (offset + first)
      return transform.lanes(source, grid.sourceOffset + first, count: count)
    }
    pair_rounded_16(values(sources[0]), values(sources[1]), target)
  }

  /// Packs 32 columns of the result's gradient in pairs of positions.
  func packGradient(
    _ part: Part,
    _ first: Int,
    _ width: Int,
    _ operands: Operands,
    _ scratch: TileScratch
  ) {
    for step in 0..<part.steps {
      for pair in 0..<16 {
        let position = step * TilePacking.stepDepth + 2 * pair
        func values(_ position: Int, _ column: Int) -> UnsafePointer<UInt16> {
          let offset = scratch.results[position]
          if offset < 0 { return UnsafePointer(scratch.zeros) }
          return operands.gradient + (offset + first + column)
        }
        if step + 1 < part.steps {
          prefetch_line(operands.gradient + (max(scratch.results[position + 32], 0) + first))
          prefetch_line(operands.gradient + (max(scratch.results[position + 33], 0) + first))
        }
        let to = scratch.panel + (step * TilePacking.stepValues + pair * 32)
        pair_bfloats_16(values(position, 0), values(position + 1, 0), min(width, 16), to)
        if width > 16 {
          pair_bfloats_16(values(position, 16), values(position + 1, 16), width - 16, to + 512)
        }
      }
    }
  }
}
