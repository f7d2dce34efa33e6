extension ConvolutionBenchmarks {
  /// A shape that fills no vector, and the round one nearest to it.
  package struct OddPair: Sendable {
    package let odd: ConvolutionShape
    package let round: ConvolutionShape
  }

  /// How fast one pass of an odd shape is beside the round one.
  package struct OddResult: Sendable {
    package let pair: OddPair
    package let pass: Pass
    package let odd: BenchmarkTiming
    package let round: BenchmarkTiming

    /// The odd shape's rate over the round one's.
    package var ratio: Double { odd.gigaflops / round.gigaflops }

    /// Bytes of the odd shape's arrays that the pass reads or writes, each once.
    package func byteCount(_ element: ElementType) -> Int {
      let shape = pair.odd
      let inputs = pass == .backwardInput ? shape.inputCount : shape.seenInputs
      return (inputs + shape.outputCount) * element.stride + shape.weightsCount * 4
    }
  }

  /// Below it, the microseconds any call takes are measured, not its shape.
  private static let leastMultiplyAdds = 1 << 20
  private static let mostImages = 1024

  /// Draws shapes with 1 to 70 channels, maps of 1 to 40, kernels of 1 to 11 and strides of 1 to 3
  /// from a seed; one in five in groups.
  ///
  /// Batches of 1 to 16 images are enlarged until a pass has
  /// `leastMultiplyAdds`.
  package static func oddPairs(count: Int, seed: UInt64) -> [OddPair] {
    var draws = Draws(state: seed)
    return (0..<count).map { _ in
      let groups = draws.next(0...4) == 0 ? draws.next(2...16) : 1
      let inputs = groups == 1 ? draws.next(1...70) : draws.next(1...8)
      let outputs = groups == 1 ? draws.next(1...70) : draws.next(1...8)
      let kernel = draws.next(1...11)
      let size = draws.next(1...40)
      let stride = draws.next(1...3)
      let batch = draws.next(1...16)
      func shape(_ size: Int, _ inputs: Int, _ outputs: Int) -> ConvolutionShape {
        var shape = ConvolutionShape(
          batch: 1,
          square: size,
          inputs: inputs * groups,
          outputs: outputs * groups,
          kernel: kernel,
          stride: stride,
          groups: groups
        )
        let wanted = leastMultiplyAdds / max(1, shape.seenMultiplyAdds) + 1
        shape.batch = max(batch, min(wanted, mostImages))
        return shape
      }
      func nearest(_ value: Int, _ step: Int) -> Int { max(1, (value + step / 2) / step) * step }
      return OddPair(
        odd: shape(size, inputs, outputs),
        round: shape(
          nearest(size, 8),
          groups == 1 ? nearest(inputs, 16) : nearest(inputs, 4),
          groups == 1 ? nearest(outputs, 16) : nearest(outputs, 4)
        )
      )
    }
  }

  /// Measures both shapes of a pair, each for about `seconds`, without the multiply-adds with
  /// padding: a tap outside the image is no work, whether a kernel leaves it out or not.
  package static func measureOdd(
    _ pair: OddPair,
    _ pass: Pass,
    element: ElementType,
    pool: WorkerPool,
    seconds: Double
  ) -> OddResult {
    func timing(_ shape: ConvolutionShape) -> BenchmarkTiming {
      let operands = ConvolutionOperands(shape, element)
      return .measure(seconds: seconds, operations: 2 * Double(shape.seenMultiplyAdds)) {
        operands.run(pass, pool)
      }
    }
    return OddResult(pair: pair, pass: pass, odd: timing(pair.odd), round: timing(pair.round))
  }
}

extension ConvolutionShape {
  /// Multiply-adds of one pass with pixels of the image, not of the padding.
  var seenMultiplyAdds: Int {
    batch * seenRows.count * seenColumns.count * groupInputs * outputChannels
  }

  /// Values of the input that some tap sees.
  fileprivate var seenInputs: Int {
    batch * Set(seenRows).count * Set(seenColumns).count * inputChannels
  }

  private var seenRows: [Int] {
    seen(outputHeight, kernelHeight, inputHeight, strideY, padTop, dilationY)
  }
  private var seenColumns: [Int] {
    seen(outputWidth, kernelWidth, inputWidth, strideX, padLeft, dilationX)
  }

  /// The input position of each output and tap that see one.
  private func seen(
    _ output: Int,
    _ kernel: Int,
    _ input: Int,
    _ stride: Int,
    _ pad: Int,
    _ step: Int
  ) -> [Int] {
    (0..<output).flatMap { at in
      (0..<kernel).map { at * stride - pad + $0 * step }.filter { (0..<input).contains($0) }
    }
  }
}

/// Numbers that follow from a seed (SplitMix64).
private struct Draws {
  var state: UInt64

  mutating func next(_ range: ClosedRange<Int>) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return range.lowerBound + Int((value ^ value >> 31) % UInt64(range.count))
  }
}
