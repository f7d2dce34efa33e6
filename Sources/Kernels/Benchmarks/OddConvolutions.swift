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
  }

  /// Draws shapes with 1 to 70 channels, maps of 1 to 40, kernels of 1 to 11 and strides of 1 to 3
  /// from a seed; one in five in groups.
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
        ConvolutionShape(
          batch: batch,
          square: size,
          inputs: inputs * groups,
          outputs: outputs * groups,
          kernel: kernel,
          stride: stride,
          groups: groups
        )
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

  /// Measures every pass of some pairs, those with the lowest ratio first.
  package static func measureOdd(
    _ pairs: [OddPair],
    element: ElementType,
    threads: Int,
    seconds: Double
  ) -> [OddResult] {
    let pool = WorkerPool(threads: threads)
    func timing(_ shape: ConvolutionShape, _ pass: Pass) -> BenchmarkTiming {
      measure(pass, shape, element: element, pool: pool, seconds: seconds)
    }
    let results = pairs.flatMap { pair in
      Pass.allCases.map { pass in
        OddResult(
          pair: pair,
          pass: pass,
          odd: timing(pair.odd, pass),
          round: timing(pair.round, pass)
        )
      }
    }
    return results.sorted { $0.ratio < $1.ratio }
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
