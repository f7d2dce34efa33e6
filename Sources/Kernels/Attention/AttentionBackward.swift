import CIntrinsics

extension Attention {
  /// The gradients of `forward`.
  ///
  /// With P the shares, dO the output's gradient and D = dO · vᵀ: the gradient of the scores is
  /// dS = P · (D - Σ P · D) / √headWidth, and dq = dS · k, dk = dSᵀ · q, dv = Pᵀ · dO.
  ///
  /// - Parameters:
  ///   - shape: the sizes.
  ///   - query: the forward's queries, as `key` and `value`.
  ///   - key: the forward's keys.
  ///   - value: the forward's values.
  ///   - statistics: from the forward.
  ///   - outputGradient: [batch][tokens][channels].
  ///   - queryGradient: where the gradient of the queries goes; nil where none is wanted. The
  ///     three may be one memory where all but the first accumulate.
  ///   - keyGradient: the same of the keys.
  ///   - valueGradient: the same of the values.
  ///   - pool: the threads that share the work.
  package static func backward(
    _ shape: AttentionShape,
    query: TokenRows,
    key: TokenRows,
    value: TokenRows,
    statistics: Floats,
    outputGradient: Elements,
    queryGradient: TokenGradient?,
    keyGradient: TokenGradient?,
    valueGradient: TokenGradient?,
    pool: WorkerPool
  ) {
    let gradient = TokenRows(outputGradient, stride: shape.channels)
    for rows in [query, key, value, gradient] { shape.check(rows) }
    for target in [queryGradient, keyGradient, valueGradient] {
      if let target { shape.check(target.rows) }
    }
    require(statistics.count == statisticsCount(shape), "\(statistics.count) statistics")
    require(
      fits(tokens: shape.tokens, headWidth: shape.headWidth),
      "attention over \(shape.tokens) tokens of \(shape.headWidth) channels a head"
    )
    let pieces = blocksByWork(shape)
    let unit = MatrixTiles.unit(for: query.values.type)
    pool.perform(pieces.count) { piece, thread in
      let memory = AttentionBackwardMemory(shape, unit, pool.scratch(thread: thread))
      for index in pieces.range(piece) {
        let sequence = index / shape.heads
        let head = index % shape.heads
        func target(_ gradient: TokenGradient?) -> AttentionBlockGradient? {
          gradient.map {
            AttentionBlockGradient(
              rows: $0.rows.block(shape, sequence: sequence, head: head),
              accumulate: $0.accumulate
            )
          }
        }
        let block = AttentionBackwardBlock(
          shape: shape,
          query: query.block(shape, sequence: sequence, head: head),
          key: key.block(shape, sequence: sequence, head: head),
          value: value.block(shape, sequence: sequence, head: head),
          statistics: statistics.base + index * 2 * shape.tokens,
          outputGradient: gradient.block(shape, sequence: sequence, head: head),
          queryGradient: target(queryGradient),
          keyGradient: target(keyGradient),
          valueGradient: target(valueGradient),
          memory: memory
        )
        block.run()
      }
    }
  }
}

/// Where the gradient of one head's operand goes.
struct AttentionBlockGradient {
  var rows: TokenBlock
  var accumulate: Bool
}

/// The backward pass of one head of one sequence.
private struct AttentionBackwardBlock {
  let shape: AttentionShape
  let query: TokenBlock
  let key: TokenBlock
  let value: TokenBlock
  let statistics: UnsafePointer<Float>
  let outputGradient: TokenBlock
  let queryGradient: AttentionBlockGradient?
  let keyGradient: AttentionBlockGradient?
  let valueGradient: AttentionBlockGradient?
  let memory: AttentionBackwardMemory

  func run() {
    let tokens = shape.tokens
    let width = shape.headWidth
    let products = memory.products
    // The gradient's memory is free until the first part is done.
    let values = value.floats(rows: tokens, columns: width, memory: memory.keyGradient)
    products.packTransposed(values, depth: width, columns: tokens, into: memory.transposedValues)
    let keys = key.floats(rows: tokens, columns: width, memory: memory.keyGradient)
    products.packTransposed(keys, depth: width, columns: tokens, into: memory.transposedKeys)
    products.pack(keys, depth: tokens, columns: width, into: memory.keys)
    let parts = Attention.queryParts(tokens)
    for index in 0..<parts.parts {
      let part = parts[index]
      let queries = query.from(part.lowerBound)
        .floats(rows: part.count, columns: width, memory: memory.queries)
      let gradients = outputGradient.from(part.lowerBound)
        .floats(rows: part.count, columns: width, memory: memory.outputGradients)
      computeScoreGradients(part, queries, gradients)
      addGradients(part, queries, gradients, isFirst: index == 0)
    }
    // After the last part, since these may go where the queries' gradient went.
    write(memory.keyGradient, 0..<tokens, to: keyGradient)
    write(memory.valueGradient, 0..<tokens, to: valueGradient)
  }

  /// Leaves the shares and the gradient of the scores of some queries in memory.
  private func computeScoreGradients(_ part: Range<Int>, _ queries: Rows, _ gradients: Rows) {
    let tokens = shape.tokens
    let scale = Attention.scale(shape)
    let first = part.lowerBound
    memory.products.multiply(
      queries,
      packed: memory.transposedKeys,
      rows: part.count,
      columns: tokens,
      depth: shape.headWidth,
      into: memory.shares
    )
    memory.products.multiply(
      gradients,
      packed: memory.transposedValues,
      rows: part.count,
      columns: tokens,
      depth: shape.headWidth,
      into: memory.scoreGradients
    )
    for row in 0..<part.count {
      Softmax.repeated(
        memory.shares[row],
        count: tokens,
        scale: scale,
        peak: statistics[first + row],
        factor: statistics[tokens + first + row]
      )
      Softmax.backward(
        memory.scoreGradients[row],
        shares: memory.shares[row],
        count: tokens,
        scale: scale
      )
    }
  }

  /// Adds what some queries give to the gradients of keys and values, and writes their own.
  private func addGradients(
    _ part: Range<Int>,
    _ queries: Rows,
    _ gradients: Rows,
    isFirst: Bool
  ) {
    let tokens = shape.tokens
    let width = shape.headWidth
    let products = memory.products
    if valueGradient != nil {
      products.pack(gradients, depth: part.count, columns: width, into: memory.packed)
      products.multiplyTransposed(
        memory.shares,
        packed: memory.packed,
        rows: tokens,
        columns: width,
        depth: part.count,
        into: memory.valueGradient,
        accumulate: !isFirst
      )
    }
    if keyGradient != nil {
      products.pack(queries, depth: part.count, columns: width, into: memory.packed)
      products.multiplyTransposed(
        memory.scoreGradients,
        packed: memory.packed,
        rows: tokens,
        columns: width,
        depth: part.count,
        into: memory.keyGradient,
        accumulate: !isFirst
      )
    }
    if queryGradient != nil {
      products.multiply(
        memory.scoreGradients,
        packed: memory.keys,
        rows: part.count,
        columns: width,
        depth: tokens,
        into: memory.result
      )
      write(memory.result, part, to: queryGradient)
    }
  }

  /// Copies the gradients of some tokens to where they are wanted.
  private func write(_ source: Rows, _ tokens: Range<Int>, to target: AttentionBlockGradient?) {
    guard let target else { return }
    target.rows.from(tokens.lowerBound).write(
      source,
      rows: tokens.count,
      columns: shape.headWidth,
      accumulate: target.accumulate
    )
  }
}

/// A thread's memory during a backward pass.
private struct AttentionBackwardMemory {
  let products: BlockProducts
  /// Packed right operands over the head's channels.
  let transposedKeys: UnsafeMutablePointer<Float>
  let transposedValues: UnsafeMutablePointer<Float>
  /// The keys, packed over the tokens.
  let keys: UnsafeMutablePointer<Float>
  /// [tokens][headWidth].
  let keyGradient: Rows
  let valueGradient: Rows
  /// [queries][tokens].
  let shares: Rows
  let scoreGradients: Rows
  /// [queries][headWidth].
  let result: Rows
  /// [queries][headWidth], where operands of 16 bits become f32.
  let queries: Rows
  let outputGradients: Rows
  /// Some queries, or the gradients of their results, packed.
  let packed: UnsafeMutablePointer<Float>

  init(_ shape: AttentionShape, _ unit: MatrixTiles.Unit?, _ memory: Floats) {
    let tokens = shape.tokens
    let width = shape.headWidth
    let queries = Attention.queryParts(tokens).size
    var arrays = ScratchArrays(memory)
    products = Attention.products(shape, unit, &arrays)
    transposedKeys = arrays.takePacked(depth: width, columns: tokens)
    transposedValues = arrays.takePacked(depth: width, columns: tokens)
    keys = arrays.takePacked(depth: tokens, columns: width)
    keyGradient = arrays.takeRows(tokens, columns: width)
    valueGradient = arrays.takeRows(tokens, columns: width)
    shares = arrays.takeRows(queries, columns: tokens)
    scoreGradients = arrays.takeRows(queries, columns: tokens)
    result = arrays.takeRows(queries, columns: width)
    self.queries = arrays.takeRows(queries, columns: width)
    outputGradients = arrays.takeRows(queries, columns: width)
    packed = arrays.takePacked(depth: queries, columns: width)
  }
}
