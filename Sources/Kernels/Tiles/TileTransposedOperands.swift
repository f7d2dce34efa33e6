import CIntrinsics

extension TileTransposedProduct {
  /// Writes a plane of a block as [channel][position], zeros outside of the source.
  func turn(
    _ plane: Int,
    _ part: Part,
    _ source: UnsafePointer<UInt16>,
    _ scratch: TileScratch
  ) {
    let pitch = part.pitch
    let sources = scratch.sources
    part.block.tabulateSources(grid, plane: plane, padded: pitch, into: sources)
    let target = scratch.window + plane * part.paddedChannels * pitch
    for position in stride(from: 0, to: pitch, by: TilePacking.stepDepth) {
      for channel in stride(from: 0, to: part.channels.count, by: 16) {
        let count = min(16, part.channels.count - channel)
        func values(_ position: Int) -> UnsafePointer<UInt16> {
          let offset = sources[position]
          if offset < 0 { return UnsafePointer(scratch.zeros) }
          return source + (offset + part.channels.lowerBound + channel)
        }
        for pair in 0..<16 {
          let first = position + 2 * pair
          pair_bfloats_16(values(first), values(first + 1), count, scratch.pairs + 32 * pair)
        }
        TilePacking.transposeWords(
          scratch.pairs,
          into: target + (channel * pitch + position),
          stride: pitch
        )
      }
    }
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
        let to = scratch.panel + (step * TilePacking.stepValues + pair * 32)
        pair_bfloats_16(values(position, 0), values(position + 1, 0), min(width, 16), to)
        if width > 16 {
          pair_bfloats_16(values(position, 16), values(position + 1, 16), width - 16, to + 512)
        }
      }
    }
  }
}
