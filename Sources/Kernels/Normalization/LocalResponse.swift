import CIntrinsics

/// Local response normalisation (Krizhevsky, Sutskever and Hinton 2012, section 3.3): every value
/// over a power of the squares of its neighbours in the channels,
/// y = x / (k + alpha / size · Σ x²)^beta.
///
/// The paper has alpha where this has alpha / size, as PyTorch does. The sum runs over `size`
/// channels from `size` / 2 before the value's own on; channels that do not exist count as zero.
package struct LocalResponse: Hashable, Sendable {
  package let size: Int
  package let alpha: Float
  package let beta: Float
  package let k: Float

  package init(size: Int, alpha: Float, beta: Float, k: Float) {
    require(size >= 1 && k > 0 && alpha >= 0, "local response of \(size) channels, k \(k)")
    self.size = size
    self.alpha = alpha
    self.beta = beta
    self.k = k
  }

  /// Floats of workspace that both passes want.
  package func workspaceCount(rows: Int, channels: Int) -> Int {
    Pieces(items: rows, valuesPerItem: channels).count * 2 * lineCount(channels)
  }

  /// Writes the normalised values of [rows × channels]; `output` may be `input`.
  package func forward(
    rows: Int,
    channels: Int,
    input: Elements,
    output: Elements,
    workspace: Floats,
    pool: WorkerPool
  ) {
    check(rows, channels, [input, output], workspace)
    let size = (rows, channels)
    switch input.type {
    case .f32: forward(size, input.of(Float.self), output.of(Float.self), workspace, pool)
    case .bf16: forward(size, input.of(BFloat16.self), output.of(BFloat16.self), workspace, pool)
    }
  }

  private func forward<Kind: Element>(
    _ size: (rows: Int, channels: Int),
    _ input: UnsafeMutablePointer<Kind>,
    _ output: UnsafeMutablePointer<Kind>,
    _ workspace: Floats,
    _ pool: WorkerPool
  ) {
    let channels = size.channels
    perform(size.rows, channels, workspace, pool) { row, squares, _ in
      let from = input + row * channels
      let into = output + row * channels
      square(from, channels, into: squares)
      sweep(0..<channels) { channel, lanes in
        let factor = power(base(squares, channel), -beta)
        into.setLanes(channel, from.lanes(channel, count: lanes) * factor, count: lanes)
      }
    }
  }

  /// The gradient of `forward`.
  ///
  /// - Parameters:
  ///   - rows: rows of the activation.
  ///   - channels: values in a row.
  ///   - input: the forward's input.
  ///   - outputGradient: the gradient of the forward's output.
  ///   - inputGradient: written, or added to when `accumulate`; may be `outputGradient` when not.
  ///   - accumulate: adds to what is there instead of writing.
  ///   - workspace: at least `workspaceCount` floats.
  ///   - pool: the threads that share the work.
  package func backward(
    rows: Int,
    channels: Int,
    input: Elements,
    outputGradient: Elements,
    inputGradient: Elements,
    accumulate: Bool,
    workspace: Floats,
    pool: WorkerPool
  ) {
    check(rows, channels, [input, outputGradient, inputGradient], workspace)
    let size = (rows, channels)
    let arrays = (input, outputGradient, inputGradient)
    switch input.type {
    case .f32: backward(Float.self, size, arrays, accumulate, workspace, pool)
    case .bf16: backward(BFloat16.self, size, arrays, accumulate, workspace, pool)
    }
  }

  private func backward<Kind: Element>(
    _ kind: Kind.Type,
    _ sizes: (rows: Int, channels: Int),
    _ arrays: (input: Elements, outputGradient: Elements, inputGradient: Elements),
    _ accumulate: Bool,
    _ workspace: Floats,
    _ pool: WorkerPool
  ) {
    let input = arrays.input.of(kind)
    let outputGradient = arrays.outputGradient.of(kind)
    let inputGradient = arrays.inputGradient.of(kind)
    let channels = sizes.channels
    let weight = -2 * beta * alpha / Float(size)
    perform(sizes.rows, channels, workspace, pool) { row, squares, shares in
      let from = input + row * channels
      let gradient = outputGradient + row * channels
      let into = inputGradient + row * channels
      square(from, channels, into: squares)
      // What every value's gradient gives to the squares of its neighbours.
      sweep(0..<channels) { channel, lanes in
        let share = gradient.lanes(channel, count: lanes) * from.lanes(channel, count: lanes)
        let factor = power(base(squares, channel), -beta - 1)
        (shares + size).setLanes(channel, share * factor, count: lanes)
      }
      sweep(0..<channels) { channel, lanes in
        let factor = power(base(squares, channel), -beta)
        // A value is in the windows of those it is `size` / 2 behind, or less, and the mirror.
        let sum = windowSum(shares + size, channel - (size - 1 - size / 2))
        var result = gradient.lanes(channel, count: lanes) * factor
        let far = from.lanes(channel, count: lanes) * weight
        result = multiply_add_16(far, sum, result)
        if accumulate { result += into.lanes(channel, count: lanes) }
        into.setLanes(channel, result, count: lanes)
      }
    }
  }

  // MARK: - One row

  /// Channels, with zeros before and behind for windows that reach beyond and whole vectors.
  private func lineCount(_ channels: Int) -> Int { channels + 2 * size + Lanes.scalarCount }

  /// Calls `body(row, squares, shares)`; the latter two are lines of zeros but for what bodies
  /// write between their margins.
  @inline(__always)
  private func perform(
    _ rows: Int,
    _ channels: Int,
    _ workspace: Floats,
    _ pool: WorkerPool,
    _ body: (
      _ row: Int,
      _ squares: UnsafeMutablePointer<Float>,
      _ shares: UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    let pieces = Pieces(items: rows, valuesPerItem: channels)
    let line = lineCount(channels)
    pool.perform(pieces.count) { piece, _ in
      let squares = workspace.base + 2 * piece * line
      squares.update(repeating: 0, count: 2 * line)
      for row in pieces.range(piece) { body(row, squares, squares + line) }
    }
  }

  @inline(__always)
  private func square<Kind: Element>(
    _ values: UnsafeMutablePointer<Kind>,
    _ channels: Int,
    into squares: UnsafeMutablePointer<Float>
  ) {
    sweep(0..<channels) { channel, lanes in
      let value = values.lanes(channel, count: lanes)
      (squares + size).setLanes(channel, value * value, count: lanes)
    }
  }

  /// k + alpha / size · Σ x² of sixteen channels from `channel` on.
  @inline(__always)
  private func base(_ squares: UnsafeMutablePointer<Float>, _ channel: Int) -> Lanes {
    let sum = windowSum(squares + size, channel - size / 2)
    return multiply_add_16(sum, Lanes(repeating: alpha / Float(size)), Lanes(repeating: k))
  }

  /// The sums of `size` values from each of sixteen places on.
  @inline(__always)
  private func windowSum(_ line: UnsafeMutablePointer<Float>, _ start: Int) -> Lanes {
    var sum = line.lanes(start)
    for place in 1..<max(size, 1) { sum += line.lanes(start + place) }
    return sum
  }

  @inline(__always)
  private func power(_ base: Lanes, _ exponent: Float) -> Lanes {
    Transcendental.exponential(Transcendental.logarithm(base) * exponent)
  }

  private func check(_ rows: Int, _ channels: Int, _ arrays: [Elements], _ workspace: Floats) {
    require(
      channels >= 1 && arrays.allSatisfy { $0.count == rows * channels }
        && workspace.count >= workspaceCount(rows: rows, channels: channels),
      "local responses of \(rows) rows of \(channels), workspace \(workspace.count)"
    )
  }
}
