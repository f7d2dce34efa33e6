/// How the charts of the Run screen show their curves.
nonisolated package struct ChartSettings: Hashable, Sendable {
  package enum XAxis: Hashable, Sendable, CaseIterable {
    case epochs
    case steps
    case time
  }

  package enum Measure: Hashable, Sendable {
    case loss
    case accuracy
  }

  /// Weights of the past in the exponential mean; 0 shows the curve as it is.
  package static let smoothings = [0, 0.6, 0.9]

  package var xAxis = XAxis.epochs
  package var isLogarithmic = false
  package var smoothing = 0.0
  /// Where the value cursor stands, in steps done; nil without one.
  package var cursorStep: Int?
  /// The chart shown where there is room for one only.
  package var measure = Measure.loss

  package init() {}

  package mutating func nextXAxis() {
    xAxis = next(xAxis, of: XAxis.allCases)
    // The same step stays under the cursor: it is kept in steps.
  }

  package mutating func nextSmoothing() {
    smoothing = next(smoothing, of: Self.smoothings)
  }
}

/// The element behind this one, the first behind the last.
nonisolated func next<Value: Equatable>(_ value: Value, of all: [Value]) -> Value {
  guard let index = all.firstIndex(of: value) else { return all.first ?? value }
  return all[(index + 1) % all.count]
}
