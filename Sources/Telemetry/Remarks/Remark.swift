/// One sentence about a run that its curves justify, with the figures it rests on.
package struct Remark: Hashable, Sendable, Codable {
  /// What sort of remark it is; each rule declares its own beside itself.
  package struct Kind: RawRepresentable, Hashable, Sendable, Codable {
    /// Spelled as in JSON and in the store: `not_learning`.
    package let rawValue: String

    package init(rawValue: String) {
      self.rawValue = rawValue
    }
  }

  package var kind: Kind
  /// The epoch since which it holds; 0 for what is known before the first.
  package var epoch: Int
  /// What is seen, in one plain sentence with its figures.
  package var text: String
  /// What people do about it, in one sentence; nil where there is nothing to do.
  package var advice: String?
  /// The figures the rule used, by names spelled as in JSON.
  package var numbers: [String: Double]

  package init(
    kind: Kind,
    epoch: Int,
    text: String,
    advice: String? = nil,
    numbers: [String: Double]
  ) {
    self.kind = kind
    self.epoch = epoch
    self.text = text
    self.advice = advice
    self.numbers = numbers
  }
}

/// Looks at a run at the end of an epoch and says what an experienced person would.
///
/// A rule is a pure function: what it says follows from the history alone. It need not remember
/// what it said before, which is the work of `RemarkLog`.
package protocol RemarkRule: Sendable {
  var kind: Remark.Kind { get }
  /// Epochs in a row that must look like it before it is said.
  var patience: Int { get }
  /// The remark that holds at the last epoch of the history; nil for none.
  func look(at history: RunHistory) -> Remark?
}

extension RemarkRule {
  /// Rules that look at several epochs at once need no further patience.
  package var patience: Int { 1 }
}

/// All rules, in the order in which their remarks are said.
package enum RemarkRules {
  package static let all: [any RemarkRule] = [
    Imbalance(),
    NotLearning(),
    SettlingStatistics(),
    Overfitting(),
    Oscillation(),
    Plateau(),
    ValidationAhead(),
    DeadUnits(),
    UnpredictedClasses(),
    StillImproving(),
  ]
}
