import CIntrinsics

/// A product of many rows and a large matrix in seven products of sums where plain ones are eight.
///
/// Source: V. Strassen, Gaussian elimination is not optimal, Numerische Mathematik 13, 1969.
/// A quarter of the result is six rows by 64 columns, so that everything a strip of twelve rows and
/// 128 columns needs is in the nearest caches: its rows pass once for each 128 columns, whose sums
/// are packed in the scratch memory of the thread that multiplies by them. Halves of the depth lie
/// one behind the other.
struct StrassenProduct {
  /// Below it, sums cost what the products save.
  private static let leastDepth = 384
  private static let mostDepth = 768
  /// Packing 128 columns takes as long as some 60 rows, which is what they save of 600.
  private static let leastRows = 768
  private static let wantedPieces = 6
  private static let columnCount = strassen_stride
  private static let stripRows = 2 * strassen_rows

  let rows: Int
  let columns: Int
  let depth: Int
  let transposed: Bool
  private let element: ElementType
  private let depthParts: EvenParts
  private let rowParts: EvenParts

  private var groups: Int { columns / StrassenProduct.columnCount }

  /// Nil where plain products are as fast, and for shapes that are not cut in even halves.
  init?(rows: Int, columns: Int, depth: Int, transposed: Bool, element: ElementType) {
    depthParts = EvenParts(depth, limit: StrassenProduct.mostDepth)
    guard wideTileRows == strassen_rows, rows >= StrassenProduct.leastRows,
      depth >= StrassenProduct.leastDepth, depth % (64 * depthParts.parts) == 0,
      columns >= StrassenProduct.columnCount, columns % StrassenProduct.columnCount == 0,
      // A part's sums wait in the result, which would round them.
      element == .f32 || depthParts.parts == 1
    else { return nil }
    let scratch = WorkerPool.scratchByteCount / MemoryLayout<Float>.stride
    assert(StrassenMemory.count(part: depthParts.size) <= scratch)
    self.rows = rows
    self.columns = columns
    self.depth = depth
    self.transposed = transposed
    self.element = element
    let groups = columns / StrassenProduct.columnCount
    let wanted = (StrassenProduct.wantedPieces + groups - 1) / groups
    rowParts = EvenParts(rows, parts: min(wanted, rows / StrassenProduct.leastRows))
  }

  func run(_ operands: DenseOperands, pool: WorkerPool) {
    switch element {
    case .f32: run(Float.self, operands, pool)
    case .bf16: run(BFloat16.self, operands, pool)
    }
  }

  private func run<Kind: Element>(_ kind: Kind.Type, _ operands: DenseOperands, _ pool: WorkerPool)
  {
    pool.perform(groups * rowParts.parts) { piece, thread in
      let first = piece / rowParts.parts * StrassenProduct.columnCount
      let memory = StrassenMemory(pool.scratch(thread: thread), part: depthParts.size)
      if let bias = operands.bias {
        memory.initial.update(from: bias + first, count: StrassenProduct.columnCount)
      }
      for part in 0..<depthParts.parts {
        pack(operands.b, first, depthParts[part], memory)
        multiply(kind, rowParts[piece % rowParts.parts], part, first, operands, memory)
      }
    }
  }

  /// Packs the right operands of 128 columns and a part of the depth, some rows of both halves at a
  /// time.
  private func pack(
    _ b: UnsafePointer<Float>,
    _ first: Int,
    _ depthRange: Range<Int>,
    _ memory: StrassenMemory
  ) {
    let half = depthRange.count / 2
    let count = StrassenMemory.packedRows
    for row in stride(from: 0, to: half, by: count) {
      let start = depthRange.lowerBound + row
      for (start, to) in [(start, memory.upper), (start + half, memory.lower)] {
        Packing.packPart(
          b,
          transposed: transposed,
          stride: transposed ? depth : columns,
          first: first,
          width: StrassenProduct.columnCount,
          depth: start..<start + count,
          element: element,
          into: to
        )
      }
      for index in 0..<count {
        store_strassen_row(
          memory.upper + index * panelWidth,
          memory.lower + index * panelWidth,
          count * panelWidth,
          memory.packed + (row + index) * strassen_columns,
          half * strassen_columns
        )
      }
    }
  }

  /// Multiplies some rows by the packed part of the depth, strip by strip.
  private func multiply<Kind: Element>(
    _ kind: Kind.Type,
    _ range: Range<Int>,
    _ part: Int,
    _ first: Int,
    _ operands: DenseOperands,
    _ memory: StrassenMemory
  ) {
    let depthRange = depthParts[part]
    let isLast = part + 1 == depthParts.parts
    let a = UnsafePointer(operands.a.of(kind)) + depthRange.lowerBound
    let c = operands.result.of(kind)
    let added = isLast ? operands.ending.added?.of(kind) : nil
    let pass = ResultPass(c, stride: columns, operands.activation, operands.ending)
    let hasPass = isLast && pass.isNeeded
    let loadsResult = operands.accumulate || part > 0
    let strips = EvenParts(range.count, limit: StrassenProduct.stripRows)
    var strip = StrassenStrip<Kind>(depth: depthRange.count, rowStride: depth, memory)
    strip.begin(a + range.lowerBound * depth, strips[0].count)
    for index in 0..<strips.parts {
      let own = strips[index]
      let place = (range.lowerBound + own.lowerBound) * columns + first
      let following = index + 1 < strips.parts ? strips[index + 1] : nil
      for step in 0..<StrassenStep.all.count {
        if step < 4 {
          // A quarter of what is read or written besides is fetched with each of four products.
          let upper = step < 2 ? 0 : strassen_rows
          let at = place + upper * columns + step % 2 * strassen_columns
          let rows = max(0, min(strassen_rows, own.count - upper))
          strip.touch(c + at, stride: columns)
          if let added {
            fetchLines(added + at, stride: columns, rows: rows, columns: strassen_columns)
          }
          if hasPass { pass.fetch(at: at, rows: rows, columns: strassen_columns) }
        }
        strip.run(
          step,
          following: following.map { (a + (range.lowerBound + $0.lowerBound) * depth, $0.count) }
        )
      }
      var result = strassen_result()
      result.sums = UnsafePointer(memory.sums)
      result.c = UnsafeMutableRawPointer(c + place)
      result.stride = columns * MemoryLayout<Kind>.stride
      result.narrow = Kind.type == .f32 ? 0 : 1
      result.initial = loadsResult ? nil : UnsafePointer(memory.initial)
      result.added = added.map { UnsafeRawPointer($0 + place) }
      result.floor = isLast && operands.activation == .relu ? 0 : -.infinity
      store_strassen_result(&result, own.count)
      if hasPass {
        pass.run(at: place, rows: own.count, columns: StrassenProduct.columnCount)
      }
    }
  }
}
