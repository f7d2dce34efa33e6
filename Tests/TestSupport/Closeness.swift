/// How far two arrays are apart.
package enum Closeness {
  /// The largest difference, relative to the largest value of `expected`.
  package static func relativeError(_ actual: [Double], _ expected: [Double]) -> Double {
    guard actual.count == expected.count else { return .infinity }
    let scale = max(expected.reduce(0) { max($0, abs($1)) }, 1e-30)
    var worst = 0.0
    for (left, right) in zip(actual, expected) {
      let difference = abs(left - right)
      worst = difference.isNaN ? .infinity : max(worst, difference)
    }
    return worst / scale
  }

  /// The same for f32 results.
  package static func relativeError(_ actual: [Float], _ expected: [Double]) -> Double {
    relativeError(actual.map(Double.init), expected)
  }
}
