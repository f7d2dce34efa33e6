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
    let groups = HeadGroups(shape)
    pool.perform(groups.count) { index, thread in
      let memory = ChannelAttentionMemory(shape, groups.size, pool.scratch(thread: thread))
      let pass = ChannelAttentionGroup(shape, groups[index], shares, memory)
      pass.multiplyTokens(query, key)
      pass.makeShares(scale: scale)
      pass.apply(memory.first, value, to: TokenGradient(result, accumulate: false))
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
    let groups = HeadGroups(shape)
    pool.perform(groups.count) { index, thread in
      let memory = ChannelAttentionMemory(shape, groups.size, pool.scratch(thread: thread))
      let pass = ChannelAttentionGroup(shape, groups[index], shares, memory)
      pass.multiplyTokens(gradient, value)
      pass.makeScoreGradients(scale: scale)
      pass.apply(memory.first, key, to: queryGradient)
      pass.apply(memory.second, query, to: keyGradient)
      pass.apply(memory.third, gradient, to: valueGradient)
    }
  }

  private static func check(_ shape: AttentionShape, _ shares: Floats) {
    require(
      shares.count >= sharesCount(shape) && fits(headWidth: shape.headWidth),
      "\(shares.count) shares of heads of \(shape.headWidth) channels"
    )
  }
}
