extension Reduction {
  /// Plain loops in f64 that say what the fast ones must give.
  package enum Reference {
    package static func columnSums(_ values: [Float], rows: Int, columns: Int) -> [Double] {
      var sums = [Double](repeating: 0, count: columns)
      for index in 0..<rows * columns { sums[index % columns] += Double(values[index]) }
      return sums
    }
  }
}

extension Elementwise {
  /// Plain loops that say what the fast ones must give.
  package enum Reference {
    package static func relu(_ input: [Float]) -> [Float] {
      input.map { $0 < 0 ? 0 : $0 }
    }

    package static func reluBackward(output: [Float], outputGradient: [Float]) -> [Float] {
      zip(output, outputGradient).map { $0 > 0 ? $1 : 0 }
    }

    /// Which of `count` values `dropout` keeps, from the scalar form of the generator.
    package static func kept(count: Int, rate: Float, key: Random.Key) -> [Bool] {
      let threshold = dropoutThreshold(rate: rate)
      return (0..<count).map { Random.Reference.word(key, index: $0) >= threshold }
    }
  }
}

extension Random {
  /// The words that fill an array, from the scalar form of the generator.
  package enum Reference {
    /// The word that value `index` of an array is made of.
    package static func word(_ key: Key, index: Int) -> UInt32 {
      let group = index / valuesPerGroup
      let place = index % valuesPerGroup
      let lane = place % 16
      return bits(key, block: UInt64(group * 16 + lane))[place / 16]
    }
  }
}
