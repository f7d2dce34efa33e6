/// The heads of a channel attention in groups that one thread works on together.
///
/// A head is a few columns of rows that hold them all: taken one after the other, each would bring
/// most of the others' memory with it, and all of it again. Nothing depends on the groups but time.
struct HeadGroups {
  /// Most heads of a group.
  let size: Int
  private let shape: AttentionShape
  private let perSequence: Int

  /// Floats of a group's matrices: with some tokens they stay in the second-level cache.
  private static let mostFloats = 32 << 10
  /// Groups that there should be, so that threads are evenly loaded.
  private static let leastCount = 8

  init(_ shape: AttentionShape) {
    self.shape = shape
    let stride = Packing.panels(shape.headWidth) * panelWidth
    let fitting = HeadGroups.mostFloats / max(1, 4 * shape.headWidth * stride)
    size = max(1, min(shape.heads, fitting, shape.blocks / HeadGroups.leastCount))
    perSequence = (shape.heads + size - 1) / size
  }

  var count: Int { shape.batch * perSequence }

  /// The sequence and the heads of a group.
  subscript(index: Int) -> (sequence: Int, heads: Range<Int>) {
    let first = index % perSequence * size
    return (index / perSequence, first..<min(first + size, shape.heads))
  }
}

/// Channel attention of some heads of one sequence.
struct ChannelAttentionGroup {
  private let shape: AttentionShape
  private let sequence: Int
  private let heads: Range<Int>
  private let shares: Floats
  private let memory: ChannelAttentionMemory

  init(
    _ shape: AttentionShape,
    _ group: (sequence: Int, heads: Range<Int>),
    _ shares: Floats,
    _ memory: ChannelAttentionMemory
  ) {
    self.shape = shape
    sequence = group.sequence
    heads = group.heads
    self.shares = shares
    self.memory = memory
  }

  private func block(_ rows: TokenRows, _ head: Int) -> TokenBlock {
    rows.block(shape, sequence: sequence, head: head)
  }

  /// The shares of a head, [headWidth][headWidth].
  private func kept(_ head: Int) -> Rows {
    let width = shape.headWidth
    let index = sequence * shape.heads + head
    return Rows(base: shares.base + index * width * width, stride: width)
  }

  /// The products of every head, [headWidth × headWidth] = Aᵀ · B over all tokens.
  func multiplyTokens(_ a: TokenRows, _ b: TokenRows) {
    let width = shape.headWidth
    for index in 0..<memory.tokens.parts {
      let part = memory.tokens[index]
      for head in heads {
        // One memory serves both: the right operand is packed before the left one is widened.
        let right = block(b, head).from(part.lowerBound)
          .floats(rows: part.count, columns: width, memory: memory.widened)
        memory.products.pack(right, depth: part.count, columns: width, into: memory.packed)
        memory.products.multiplyTransposed(
          block(a, head).from(part.lowerBound)
            .floats(rows: part.count, columns: width, memory: memory.widened),
          packed: memory.packed,
          rows: width,
          columns: width,
          depth: part.count,
          into: memory.scores(head - heads.lowerBound),
          accumulate: index > 0
        )
      }
    }
  }

  /// Turns the products into shares, which are kept, and packs them.
  func makeShares(scale: Float) {
    let width = shape.headWidth
    for head in heads {
      let scores = memory.scores(head - heads.lowerBound)
      let kept = kept(head)
      for row in 0..<width {
        let (_, sum) = Softmax.exponentiate(scores[row], count: width, scale: scale)
        let factor = 1 / sum
        sweep(0..<width) { column, lanes in
          let share = scores[row].lanes(column, count: lanes) * factor
          kept[row].setLanes(column, share, count: lanes)
        }
      }
      memory.products.packTransposed(
        kept,
        depth: width,
        columns: width,
        into: memory.first[head - heads.lowerBound]
      )
    }
  }

  /// Turns the products of output's gradient and value into the gradients of the scores, and packs
  /// them as the queries, the keys and the values need them.
  func makeScoreGradients(scale: Float) {
    let width = shape.headWidth
    for head in heads {
      let place = head - heads.lowerBound
      let scores = memory.scores(place)
      let kept = kept(head)
      for row in 0..<width {
        Softmax.backward(
          scores[row],
          shares: UnsafePointer(kept[row]),
          count: width,
          scale: scale
        )
      }
      let products = memory.products
      products.packTransposed(scores, depth: width, columns: width, into: memory.first[place])
      products.pack(scores, depth: width, columns: width, into: memory.second[place])
      products.pack(kept, depth: width, columns: width, into: memory.third[place])
    }
  }

  /// C [tokens × headWidth] = A · matrix, or C += A · matrix, of every head.
  func apply(_ matrices: PackedMatrices, _ a: TokenRows, to target: TokenGradient) {
    let width = shape.headWidth
    for index in 0..<memory.tokens.parts {
      let part = memory.tokens[index]
      for head in heads {
        memory.products.multiply(
          block(a, head).from(part.lowerBound)
            .floats(rows: part.count, columns: width, memory: memory.widened),
          packed: matrices[head - heads.lowerBound],
          rows: part.count,
          columns: width,
          depth: width,
          into: memory.result
        )
        block(target.rows, head).from(part.lowerBound).write(
          memory.result,
          rows: part.count,
          columns: width,
          accumulate: target.accumulate
        )
      }
    }
  }
}

/// Packed right operands, one a head.
struct PackedMatrices {
  let base: UnsafeMutablePointer<Float>
  let stride: Int

  subscript(place: Int) -> UnsafeMutablePointer<Float> { base + place * stride }
}

/// A thread's memory for some heads.
struct ChannelAttentionMemory {
  /// Most tokens worked on at a time.
  private static let mostTokens = 192

  let products: BlockProducts
  let tokens: EvenParts
  /// [headWidth × headWidth] a head; the forward pass needs the first only.
  let first: PackedMatrices
  let second: PackedMatrices
  let third: PackedMatrices
  /// Some tokens of one head, packed.
  let packed: UnsafeMutablePointer<Float>
  let result: Rows
  /// Where operands of 16 bits become f32.
  let widened: Rows
  private let allScores: Rows
  private let width: Int

  init(_ shape: AttentionShape, _ heads: Int, _ memory: Floats) {
    width = shape.headWidth
    tokens = EvenParts(shape.tokens, limit: ChannelAttentionMemory.mostTokens)
    var arrays = ScratchArrays(memory)
    products = BlockProducts(arrays.take(BlockProducts.memoryCount))
    allScores = arrays.takeRows(heads * width, columns: width)
    let stride = Packing.count(depth: width, columns: width)
    first = PackedMatrices(base: arrays.take(heads * stride), stride: stride)
    second = PackedMatrices(base: arrays.take(heads * stride), stride: stride)
    third = PackedMatrices(base: arrays.take(heads * stride), stride: stride)
    packed = arrays.takePacked(depth: tokens.size, columns: width)
    result = arrays.takeRows(tokens.size, columns: width)
    widened = arrays.takeRows(tokens.size, columns: width)
  }

  /// [headWidth][headWidth] of the group's head at `place`.
  func scores(_ place: Int) -> Rows { allScores.from(place * width) }
}
