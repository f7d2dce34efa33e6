/// Four numbers that stand for an array where storing all of it would take too much.
package struct ArraySummary: Hashable, Sendable {
  package let mean: Double
  package let rootMeanSquare: Double
  package let first: Double
  package let last: Double

  package init(mean: Double, rootMeanSquare: Double, first: Double, last: Double) {
    self.mean = mean
    self.rootMeanSquare = rootMeanSquare
    self.first = first
    self.last = last
  }

  /// Sums in f64; an empty array is all zeros.
  package init(of values: UnsafeMutableBufferPointer<Float>) {
    var sum = 0.0
    var squares = 0.0
    for value in values {
      sum += Double(value)
      squares += Double(value) * Double(value)
    }
    let count = Double(max(values.count, 1))
    mean = sum / count
    rootMeanSquare = (squares / count).squareRoot()
    first = values.first.map(Double.init) ?? 0
    last = values.last.map(Double.init) ?? 0
  }

  /// The largest difference of the four numbers, relative to the expected array's root mean
  /// square; infinite where one is not a number.
  package func relativeError(to expected: ArraySummary) -> Double {
    let scale = max(expected.rootMeanSquare, 1e-30)
    let pairs = [
      (mean, expected.mean), (rootMeanSquare, expected.rootMeanSquare),
      (first, expected.first), (last, expected.last),
    ]
    return pairs.reduce(0) { worst, pair in
      let difference = abs(pair.0 - pair.1) / scale
      return difference.isNaN ? .infinity : max(worst, difference)
    }
  }
}
