import CIntrinsics

// Three ways to share the work: chunks of squares, all squares at once, some at a time.

extension WinogradWeights {
  /// Where sums are: [plane][panel][input][panelWidth].
  struct Sums {
    let base: UnsafeMutablePointer<Float>
    let firstInput: Int
    let firstPanel: Int
    let panel: Int
    let plane: Int

    func place(_ input: Int, _ output: Int) -> UnsafeMutablePointer<Float> {
      base + (output / panelWidth - firstPanel) * panel
        + (input - firstInput) * panelWidth + output % panelWidth
    }
  }

  /// The sums of a chunk in the workspace.
  func keptSums(_ base: UnsafeMutablePointer<Float>) -> Sums {
    Sums(
      base: base,
      firstInput: 0,
      firstPanel: 0,
      panel: inputs * panelWidth,
      plane: sumsPlane
    )
  }

  func runChunks(
    _ operands: Operands,
    _ biasSums: UnsafeMutablePointer<Float>,
    _ pool: WorkerPool
  ) {
    pool.perform(chunks.parts) { chunk, thread in
      let scratch = pool.scratch(thread: thread)
      let memory = Memory(self, scratch, scratch.base + WinogradWeights.tablesCount)
      let sums = keptSums(operands.workspace + chunk * sumsCount)
      let own = chunks[chunk]
      let blocks = EvenParts(own.count, limit: block)
      for index in 0..<blocks.parts {
        let first = own.lowerBound + blocks[index].lowerBound
        let count = blocks[index].count
        let bias = biasSums + chunk * outputs
        transform(first..<first + count, from: first, count, operands, bias, memory)
        for plane in 0..<planes {
          TileColumns.forEach(outputs) { part in
            multiply(plane, 0..<inputs, part, count, isFirst: index == 0, sums, memory)
          }
        }
      }
    }
  }

  func runShared(
    _ operands: Operands,
    _ transformed: UnsafeMutablePointer<Float>,
    _ biasSums: UnsafeMutablePointer<Float>,
    _ pool: WorkerPool
  ) {
    let blocks = EvenParts(squares.count, limit: block)
    let ranges = EvenParts(inputs, limit: WinogradWeights.pieceInputs)
    var biasPart = 0
    for index in 0..<blocks.parts {
      let own = blocks[index]
      let bias = biasSums + biasPart * outputs
      biasPart += transformShared(own, operands, transformed, bias, pool)
      pool.perform(planes * ranges.parts) { piece, thread in
        let memory = Memory(self, pool.scratch(thread: thread), transformed)
        let sums = keptSums(operands.workspace)
        let range = ranges[piece % ranges.parts]
        TileColumns.forEach(outputs) { part in
          multiply(
            piece / ranges.parts,
            range,
            part,
            own.count,
            isFirst: index == 0,
            sums,
            memory
          )
        }
      }
    }
  }

  func runWhole(
    _ operands: Operands,
    _ transformed: UnsafeMutablePointer<Float>,
    _ biasSums: UnsafeMutablePointer<Float>,
    _ pool: WorkerPool
  ) {
    let all = 0..<squares.count
    _ = transformShared(all, operands, transformed, biasSums, pool)
    let ranges = EvenParts(inputs, limit: WinogradWeights.wholeInputs)
    pool.perform(TileColumns.tiles(outputs) * ranges.parts) { piece, thread in
      let scratch = pool.scratch(thread: thread)
      let memory = Memory(self, scratch, transformed)
      let range = ranges[piece % ranges.parts]
      let part = TileColumns.tile(piece / ranges.parts, of: outputs)
      let panel = range.count * panelWidth
      let sums = Sums(
        base: scratch.base + WinogradWeights.tablesCount,
        firstInput: range.lowerBound,
        firstPanel: part.first / panelWidth,
        panel: panel,
        plane: Packing.panels(part.count) * panel
      )
      for plane in 0..<planes {
        multiply(plane, range, part, all.count, isFirst: true, sums, memory)
      }
      finish(range, part.first..<part.first + part.count, sums, operands)
    }
  }

  /// Transforms some squares for all threads, and returns how many sums of the bias' gradient it
  /// wrote.
  private func transformShared(
    _ own: Range<Int>,
    _ operands: Operands,
    _ transformed: UnsafeMutablePointer<Float>,
    _ bias: UnsafeMutablePointer<Float>,
    _ pool: WorkerPool
  ) -> Int {
    let slices = EvenParts(own.count, limit: WinogradWeights.pieceSquares)
    pool.perform(slices.parts) { piece, thread in
      let memory = Memory(self, pool.scratch(thread: thread), transformed)
      let slice = slices[piece]
      transform(
        own.lowerBound + slice.lowerBound..<own.lowerBound + slice.upperBound,
        from: own.lowerBound,
        own.count,
        operands,
        bias + piece * outputs,
        memory
      )
    }
    return slices.parts
  }

  /// Tables in a thread's scratch memory, and where transformed squares are.
  private struct Memory {
    let pixels: UnsafeMutablePointer<UnsafeRawPointer?>
    let offsets: UnsafeMutablePointer<Int>
    let zeros: UnsafeMutablePointer<Float>
    /// [plane][square][inputSpacing] and [plane][panel][square][panelWidth].
    let inputs: UnsafeMutablePointer<Float>
    let gradients: UnsafeMutablePointer<Float>

    init(
      _ product: WinogradWeights,
      _ scratch: Floats,
      _ transformed: UnsafeMutablePointer<Float>
    ) {
      let tables = UnsafeMutableRawPointer(scratch.base)
      pixels = tables.assumingMemoryBound(to: UnsafeRawPointer?.self)
      offsets = (tables + 512).assumingMemoryBound(to: Int.self)
      zeros = scratch.base + 1024
      zeros.update(repeating: 0, count: product.inputs)
      inputs = transformed
      gradients = inputs + product.planes * product.inputPlane
      for square in 0..<product.block { offsets[square] = square * product.inputSpacing }
    }
  }

  /// Transforms some squares' inputs and gradients, as those after `first` among `count`.
  private func transform(
    _ range: Range<Int>,
    from first: Int,
    _ count: Int,
    _ operands: Operands,
    _ bias: UnsafeMutablePointer<Float>,
    _ memory: Memory
  ) {
    var input = winograd_input(
      operands.source,
      operands.transform,
      channels: inputs,
      pixels: memory.pixels,
      plane: inputPlane
    )
    var gradient = winograd_gradient()
    gradient.side = Int32(squares.side)
    gradient.narrow = operands.gradient.type == .bf16 ? 1 : 0
    gradient.row = squares.width * outputs
    gradient.pixel = outputs
    gradient.channels = outputs
    gradient.plane = gradientPlane
    gradient.panel = count * panelWidth
    gradient.sums = bias
    for square in range {
      input.to = memory.inputs + (square - first) * inputSpacing
      squares.transform(square, &input, operands.source, zeros: memory.zeros)
      let place = squares.place(square)
      gradient.from = UnsafeRawPointer(
        operands.gradient.base + place.pixel * outputs * operands.gradient.type.stride
      )
      gradient.rows = Int32(place.rows)
      gradient.columns = Int32(place.columns)
      gradient.to = memory.gradients + (square - first) * panelWidth
      transform_winograd_gradient(&gradient)
    }
  }

  /// Adds the products of `count` squares to the sums of one plane, for a range of inputs and the
  /// outputs of a tile.
  private func multiply(
    _ plane: Int,
    _ range: Range<Int>,
    _ part: TileColumns,
    _ count: Int,
    isFirst: Bool,
    _ sums: Sums,
    _ memory: Memory
  ) {
    let left = memory.inputs + plane * inputPlane
    let gradients = memory.gradients + (plane * gradientPlane + part.first * count)
    let tiles = EvenParts(range.count, limit: part.rows)
    for index in 0..<tiles.parts {
      let rows = tiles[index]
      let first = range.lowerBound + rows.lowerBound
      let result = sums.place(first, part.first) + plane * sums.plane
      if part.vectors == 4 {
        var tile = wide_outer_product_tile(
          a: UnsafePointer(left + first),
          pixelStride: inputSpacing,
          pixels: count,
          b: UnsafePointer(gradients),
          c: result,
          stride: panelWidth,
          panel: sums.panel,
          accumulate: !isFirst
        )
        compute_wide_outer_product_tile(&tile, rows.count)
      } else {
        var tile = outer_product_tile(
          a: UnsafePointer(left + first),
          offsets: UnsafePointer(memory.offsets),
          pixels: count,
          b: UnsafePointer(gradients),
          c: result,
          stride: panelWidth,
          accumulate: !isFirst
        )
        compute_outer_product_tile(&tile, rows.count, part.vectors)
      }
    }
  }

  /// Adds up the chunks of some channels' sums and turns them into gradients of weights.
  func finish(
    _ inputs: Range<Int>,
    _ outputs: Range<Int>,
    _ sums: Sums,
    _ operands: Operands
  ) {
    for panel in stride(from: outputs.lowerBound, to: outputs.upperBound, by: panelWidth) {
      for input in inputs {
        for first in stride(from: panel, to: outputs.upperBound, by: 16).prefix(2) {
          transform_winograd_weight_gradient(
            Int32(squares.side),
            sums.place(input, first),
            sums.plane,
            chunks.parts,
            sumsCount,
            min(16, outputs.upperBound - first),
            operands.weights + (input * self.outputs + first),
            self.inputs * self.outputs
          )
        }
      }
    }
  }
}
