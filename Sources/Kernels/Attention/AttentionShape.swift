/// The sizes of an attention over tokens.
package struct AttentionShape: Hashable, Sendable {
  /// Images, or images · windows: sequences that do not see each other.
  package let batch: Int
  /// Tokens of one sequence.
  package let tokens: Int
  package let heads: Int
  /// Channels of one head.
  package let headWidth: Int

  package init(batch: Int, tokens: Int, heads: Int, headWidth: Int) {
    self.batch = batch
    self.tokens = tokens
    self.heads = heads
    self.headWidth = headWidth
  }

  /// Channels of a query, of a key, of a value and of the result.
  package var channels: Int { heads * headWidth }

  /// Pairs of a sequence and a head, each computed by itself.
  var blocks: Int { batch * heads }

  /// Stops where an operand does not fit.
  func check(_ rows: TokenRows) {
    require(
      rows.offset >= 0 && rows.offset + channels <= rows.stride
        && rows.values.count >= batch * tokens * rows.stride,
      "\(rows.values.count) values for \(batch) x \(tokens) tokens of \(channels) channels"
    )
  }
}

/// Where the tokens of an operand are: some columns of a matrix with a row a token.
///
/// Token t of sequence b begins at `values[(b · tokens + t) · stride + offset]`; so a query, a key
/// and a value can lie side by side in one row and are never copied apart.
package struct TokenRows: Sendable {
  package let values: Elements
  package let stride: Int
  package let offset: Int

  package init(_ values: Elements, stride: Int, offset: Int = 0) {
    self.values = values
    self.stride = stride
    self.offset = offset
  }

  /// The rows of one head in one sequence.
  func block(_ shape: AttentionShape, sequence: Int, head: Int) -> TokenBlock {
    let start = sequence * shape.tokens * stride + offset + head * shape.headWidth
    return TokenBlock(
      base: values.base + start * values.type.stride,
      stride: stride,
      type: values.type
    )
  }
}

/// Where the gradient of an operand goes.
package struct TokenGradient: Sendable {
  package let rows: TokenRows
  /// Adds to what is there.
  package let accumulate: Bool

  package init(_ rows: TokenRows, accumulate: Bool) {
    self.rows = rows
    self.accumulate = accumulate
  }
}
