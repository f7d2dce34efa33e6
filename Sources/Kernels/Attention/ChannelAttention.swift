import CIntrinsics

/// Attention between the channels of a head (Ding et al., "DaViT: Dual attention vision
/// transformers", 2022): A = softmax(scale · qᵀ · k) over its last axis, [headWidth × headWidth];
/// output = v · Aᵀ.
package enum ChannelAttention {
  /// Floats that `forward` keeps for `backward`: A, [batch][heads][headWidth][headWidth].
  package static func sharesCount(_ shape: AttentionShape) -> Int {
    shape.blocks * shape.headWidth * shape.headWidth
  }

  /// Whether heads of `headWidth` channels fit the memory of a thread; 512 do.
  package static func fits(headWidth: Int) -> Bool { headWidth <= 512 }

  /// Computes `output` [batch][tokens][channels], head after head in a row.
  ///
  /// - Parameters:
  ///   - shape: the sizes.
  ///   - query: the queries, as `key` and `value` rows of heads · headWidth values a token.
  ///   - key: the keys.
  ///   - value: the values.
  ///   - scale: what products of queries and keys are multiplied by.
  ///   - shares: gets A, `sharesCount` floats.
  ///   - output: written.
  ///   - pool: the threads that share the work.
  package static func forward(
    _ shape: AttentionShape,
    query: TokenRows,
    key: TokenRows,
    value: TokenRows,
    scale: Float,
    shares: Floats,
    output: Elements,
    pool: WorkerPool
  ) {
    let result = TokenRows(output, stride: shape.channels)
    for rows in [query, key, value, result] { shape.check(rows) }
    check(shape, shares)
    let width = shape.headWidth
    pool.perform(shape.blocks) { index, thread in
      let memory = ChannelAttentionMemory(shape, pool.scratch(thread: thread))
      func block(_ rows: TokenRows) -> TokenBlock {
        rows.block(shape, sequence: index / shape.heads, head: index % shape.heads)
      }
      memory.multiplyTokens(block(query), block(key), into: memory.scores)
      for row in 0..<width {
        let scores = memory.scores[row]
        let (_, sum) = Softmax.exponentiate(scores, count: width, scale: scale)
        let factor = 1 / sum
        rowVectors(width) { column, lanes in
          store_part_16(load_part_16(scores + column, lanes) * factor, scores + column, lanes)
        }
      }
      let kept = Rows(base: shares.base + index * width * width, stride: width)
      for row in 0..<width { kept[row].update(from: memory.scores[row], count: width) }
      memory.products.packTransposed(kept, depth: width, columns: width, into: memory.matrix)
      memory.multiplyByMatrix(block(value), into: block(result), accumulate: false)
    }
  }

  /// The gradients of `forward`.
  ///
  /// With dO the output's gradient and D = dOᵀ · v: the gradient of the products is
  /// dS = scale · A · (D - Σ A · D), and dq = k · dSᵀ, dk = q · dS, dv = dO · A.
  ///
  /// - Parameters:
  ///   - shape: the sizes.
  ///   - query: the forward's queries, as `key` and `value`.
  ///   - key: the forward's keys.
  ///   - value: the forward's values.
  ///   - scale: the forward's.
  ///   - shares: from the forward.
  ///   - outputGradient: [batch][tokens][channels].
  ///   - queryGradient: where the gradient of the queries goes.
  ///   - keyGradient: the same of the keys.
  ///   - valueGradient: the same of the values.
  ///   - pool: the threads that share the work.
  package static func backward(
    _ shape: AttentionShape,
    query: TokenRows,
    key: TokenRows,
    value: TokenRows,
    scale: Float,
    shares: Floats,
    outputGradient: Elements,
    queryGradient: TokenGradient,
    keyGradient: TokenGradient,
    valueGradient: TokenGradient,
    pool: WorkerPool
  ) {
    let gradient = TokenRows(outputGradient, stride: shape.channels)
    let targets = [queryGradient.rows, keyGradient.rows, valueGradient.rows]
    for rows in [query, key, value, gradient] + targets { shape.check(rows) }
    check(shape, shares)
    let width = shape.headWidth
    pool.perform(shape.blocks) { index, thread in
      let memory = ChannelAttentionMemory(shape, pool.scratch(thread: thread))
      func block(_ rows: TokenRows) -> TokenBlock {
        rows.block(shape, sequence: index / shape.heads, head: index % shape.heads)
      }
      func apply(_ source: TokenRows, to target: TokenGradient) {
        memory.multiplyByMatrix(
          block(source),
          into: block(target.rows),
          accumulate: target.accumulate
        )
      }
      let kept = Rows(base: shares.base + index * width * width, stride: width)
      memory.multiplyTokens(block(gradient), block(value), into: memory.scores)
      for row in 0..<width {
        Softmax.backward(
          memory.scores[row],
          shares: UnsafePointer(kept[row]),
          count: width,
          scale: scale
        )
      }
      memory.products.packTransposed(
        memory.scores,
        depth: width,
        columns: width,
        into: memory.matrix
      )
      apply(key, to: queryGradient)
      memory.products.pack(memory.scores, depth: width, columns: width, into: memory.matrix)
      apply(query, to: keyGradient)
      memory.products.pack(kept, depth: width, columns: width, into: memory.matrix)
      apply(gradient, to: valueGradient)
    }
  }

  private static func check(_ shape: AttentionShape, _ shares: Floats) {
    require(
      shares.count >= sharesCount(shape) && fits(headWidth: shape.headWidth),
      "\(shares.count) shares of heads of \(shape.headWidth) channels"
    )
  }
}

/// A thread's memory for one head.
private struct ChannelAttentionMemory {
  /// Most tokens worked on at a time.
  private static let mostTokens = 192

  let products: BlockProducts
  /// [headWidth][headWidth].
  let scores: Rows
  /// [headWidth × headWidth], packed.
  let matrix: UnsafeMutablePointer<Float>
  private let packed: UnsafeMutablePointer<Float>
  private let result: Rows
  /// Where operands of 16 bits become f32.
  private let widened: Rows
  private let tokens: EvenParts
  private let width: Int

  init(_ shape: AttentionShape, _ memory: Floats) {
    width = shape.headWidth
    tokens = EvenParts(shape.tokens, limit: ChannelAttentionMemory.mostTokens)
    var arrays = ScratchArrays(memory)
    products = BlockProducts(arrays.take(BlockProducts.memoryCount))
    scores = arrays.takeRows(width, columns: width)
    matrix = arrays.takePacked(depth: width, columns: width)
    packed = arrays.takePacked(depth: tokens.size, columns: width)
    result = arrays.takeRows(tokens.size, columns: width)
    // Products read it while they write the result, so it has its own memory.
    widened = arrays.takeRows(tokens.size, columns: width)
  }

  /// C [headWidth × headWidth] = Aᵀ · B over all tokens.
  func multiplyTokens(_ a: TokenBlock, _ b: TokenBlock, into c: Rows) {
    for index in 0..<tokens.parts {
      let part = tokens[index]
      // One memory serves both: the right operand is packed before the left one is widened.
      let right = b.from(part.lowerBound)
        .floats(rows: part.count, columns: width, memory: result)
      products.pack(right, depth: part.count, columns: width, into: packed)
      products.multiplyTransposed(
        a.from(part.lowerBound).floats(rows: part.count, columns: width, memory: result),
        packed: packed,
        rows: width,
        columns: width,
        depth: part.count,
        into: c,
        accumulate: index > 0
      )
    }
  }

  /// C [tokens × headWidth] = A · matrix, or C += A · matrix.
  func multiplyByMatrix(_ a: TokenBlock, into c: TokenBlock, accumulate: Bool) {
    for index in 0..<tokens.parts {
      let part = tokens[index]
      products.multiply(
        a.from(part.lowerBound).floats(rows: part.count, columns: width, memory: widened),
        packed: matrix,
        rows: part.count,
        columns: width,
        depth: width,
        into: result
      )
      c.from(part.lowerBound).write(
        result,
        rows: part.count,
        columns: width,
        accumulate: accumulate
      )
    }
  }
}
