import CIntrinsics

/// Scaled dot-product attention (Vaswani et al., "Attention is all you need", 2017):
/// softmax(q · kᵀ / √headWidth) · v, for every sequence and head by itself.
///
/// Scores exist for some queries of one head at a time, in a thread's own memory. The backward
/// pass computes them again from queries and keys and two numbers a query.
package enum Attention {
  /// Floats that `forward` keeps for `backward`: [batch][heads][2][tokens], the highest score of
  /// each query, and one over the sum of e^((score - highest) / √headWidth).
  package static func statisticsCount(_ shape: AttentionShape) -> Int {
    shape.batch * shape.heads * 2 * shape.tokens
  }

  /// Whether a head of `tokens` tokens fits the memory of a thread, forward and backward.
  ///
  /// 4096 tokens of a head width of 64 do.
  package static func fits(tokens: Int, headWidth: Int) -> Bool {
    let queries = queryParts(tokens).size
    func rows(_ count: Int, _ columns: Int) -> Int {
      TileBlockProducts.wholeRows(count) * Packing.panels(columns) * panelWidth
    }
    let operands =
      2 * BlockProducts.packedCount(depth: headWidth, columns: tokens)
      + BlockProducts.packedCount(depth: tokens, columns: headWidth)
      + BlockProducts.packedCount(depth: queries, columns: headWidth)
      + 2 * rows(tokens, headWidth)
    let parts = 2 * rows(queries, tokens) + 3 * rows(queries, headWidth)
    let products =
      BlockProducts.memoryCount
      + room(tokens: tokens, headWidth: headWidth).memoryCount
    let floats = WorkerPool.scratchByteCount / MemoryLayout<Float>.stride
    return operands + parts + products + mostQueries + 16 * 16 <= floats
  }

  /// Room for the left operands of a head's products, forward and backward.
  private static func room(tokens: Int, headWidth: Int) -> TileBlockProducts.Room {
    let queries = queryParts(tokens).size
    return TileBlockProducts.Room(rows: queries, depth: headWidth)
      .or(rows: queries, depth: tokens)
      .or(rows: tokens, depth: queries)
  }

  /// What multiplies the matrices of a head.
  static func products(
    _ shape: AttentionShape,
    _ unit: MatrixTiles.Unit?,
    _ arrays: inout ScratchArrays
  ) -> BlockProducts {
    let memory = arrays.take(BlockProducts.memoryCount)
    guard let unit else { return BlockProducts(memory) }
    let room = room(tokens: shape.tokens, headWidth: shape.headWidth)
    let tiles = TileBlockProducts(unit, room, arrays.take(room.memoryCount))
    return BlockProducts(memory, tiles: tiles)
  }

  /// Computes `output` [batch][tokens][channels], head after head in a row.
  ///
  /// - Parameters:
  ///   - shape: the sizes.
  ///   - query: the queries, as `key` and `value` rows of heads · headWidth values a token.
  ///   - key: the keys.
  ///   - value: the values.
  ///   - statistics: gets `statisticsCount` floats for the backward pass; nil where none follows.
  ///   - output: written.
  ///   - pool: the threads that share the work.
  package static func forward(
    _ shape: AttentionShape,
    query: TokenRows,
    key: TokenRows,
    value: TokenRows,
    statistics: Floats?,
    output: Elements,
    pool: WorkerPool
  ) {
    let result = TokenRows(output, stride: shape.channels)
    for rows in [query, key, value, result] { shape.check(rows) }
    let wanted = statisticsCount(shape)
    require(statistics?.count ?? wanted == wanted, "\(wanted) statistics wanted")
    require(
      fits(tokens: shape.tokens, headWidth: shape.headWidth),
      "attention over \(shape.tokens) tokens of \(shape.headWidth) channels a head"
    )
    let pieces = blocksByWork(shape)
    let unit = MatrixTiles.unit(for: query.values.type)
    pool.perform(pieces.count) { piece, thread in
      let memory = AttentionForwardMemory(shape, unit, pool.scratch(thread: thread))
      for block in pieces.range(piece) {
        let sequence = block / shape.heads
        let head = block % shape.heads
        forward(
          shape,
          query: query.block(shape, sequence: sequence, head: head),
          key: key.block(shape, sequence: sequence, head: head),
          value: value.block(shape, sequence: sequence, head: head),
          statistics: statistics.map { $0.base + block * 2 * shape.tokens },
          output: result.block(shape, sequence: sequence, head: head),
          memory
        )
      }
    }
  }

  /// Blocks in pieces, each worth handing to a thread.
  static func blocksByWork(_ shape: AttentionShape) -> Pieces {
    let work = max(1, shape.tokens * shape.tokens * shape.headWidth)
    return Pieces(items: shape.blocks, step: max(1, (1 << 18) / work))
  }

  /// One over the root of the head width.
  static func scale(_ shape: AttentionShape) -> Float {
    1 / Float(max(shape.headWidth, 1)).squareRoot()
  }

  private static func forward(
    _ shape: AttentionShape,
    query: TokenBlock,
    key: TokenBlock,
    value: TokenBlock,
    statistics: UnsafeMutablePointer<Float>?,
    output: TokenBlock,
    _ memory: AttentionForwardMemory
  ) {
    let tokens = shape.tokens
    let width = shape.headWidth
    let products = memory.products
    let keys = key.floats(rows: tokens, columns: width, memory: memory.widened)
    products.packTransposed(keys, depth: width, columns: tokens, into: memory.keys)
    let values = value.floats(rows: tokens, columns: width, memory: memory.widened)
    products.pack(values, depth: tokens, columns: width, into: memory.values)
    let parts = queryParts(tokens)
    for index in 0..<parts.parts {
      let part = parts[index]
      let first = part.lowerBound
      products.multiply(
        query.from(first).floats(rows: part.count, columns: width, memory: memory.widened),
        packed: memory.keys,
        rows: part.count,
        columns: tokens,
        depth: width,
        into: memory.scores
      )
      for row in 0..<part.count {
        let scores = memory.scores[row]
        let (peak, sum) = Softmax.exponentiate(scores, count: tokens, scale: scale(shape))
        memory.factors[row] = 1 / sum
        statistics?[first + row] = peak
        statistics?[tokens + first + row] = 1 / sum
      }
      products.multiply(
        memory.scores,
        packed: memory.values,
        rows: part.count,
        columns: width,
        depth: tokens,
        into: memory.result
      )
      output.from(first).write(
        memory.result,
        rows: part.count,
        columns: width,
        factors: memory.factors,
        accumulate: false
      )
    }
  }

  /// Most queries whose scores exist at one time.
  static let mostQueries = 96

  /// The queries, cut so that their scores stay near.
  static func queryParts(_ tokens: Int) -> EvenParts {
    EvenParts(tokens, limit: queriesAtOnce(tokens))
  }

  private static func queriesAtOnce(_ tokens: Int) -> Int {
    let scores = (24 << 10) / max(tokens, 1)
    return min(max(scores / tileRows, 1) * tileRows, mostQueries)
  }
}

/// A thread's private memory, handed out from its start.
struct ScratchArrays {
  private var rest: Floats

  init(_ memory: Floats) { rest = memory }

  /// The next `count` floats, from a cache line on.
  mutating func take(_ count: Int) -> UnsafeMutablePointer<Float> {
    let taken = BlockProducts.padded(count)
    require(taken <= rest.count, "\(taken) floats of scratch memory, of \(rest.count)")
    let base = rest.base
    rest = Floats(base: base + taken, count: rest.count - taken)
    return base
  }

  /// A matrix with room for whole tiles: of rows, and of columns by panels.
  mutating func takeRows(_ rows: Int, columns: Int) -> Rows {
    let stride = Packing.panels(columns) * panelWidth
    return Rows(base: take(TileBlockProducts.wholeRows(rows) * stride), stride: stride)
  }

  /// A packed right operand.
  mutating func takePacked(depth: Int, columns: Int) -> UnsafeMutablePointer<Float> {
    take(BlockProducts.packedCount(depth: depth, columns: columns))
  }
}

/// A thread's memory during a forward pass.
struct AttentionForwardMemory {
  let products: BlockProducts
  /// The keys, transposed and packed.
  let keys: UnsafeMutablePointer<Float>
  /// The values, packed.
  let values: UnsafeMutablePointer<Float>
  /// [queries][tokens].
  let scores: Rows
  /// [queries][headWidth].
  let result: Rows
  /// [queries].
  let factors: UnsafeMutablePointer<Float>
  /// [tokens][headWidth], where operands of 16 bits become f32.
  let widened: Rows

  init(_ shape: AttentionShape, _ unit: MatrixTiles.Unit?, _ memory: Floats) {
    var arrays = ScratchArrays(memory)
    let queries = Attention.queryParts(shape.tokens).size
    products = Attention.products(shape, unit, &arrays)
    keys = arrays.takePacked(depth: shape.headWidth, columns: shape.tokens)
    values = arrays.takePacked(depth: shape.tokens, columns: shape.headWidth)
    scores = arrays.takeRows(queries, columns: shape.tokens)
    result = arrays.takeRows(queries, columns: shape.headWidth)
    factors = arrays.take(queries)
    widened = arrays.takeRows(shape.tokens, columns: shape.headWidth)
  }
}
