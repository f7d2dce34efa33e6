package import Telemetry

/// A filter of the table of runs, read from a line of text.
///
/// Terms are separated by blanks and must all hold. A term is a word (found in the name, the
/// architecture, the data, the state or the number), `field:text` (found in that field), or a
/// comparison such as `lr>=1e-3`. A leading `!` turns a term around.
nonisolated package struct RunFilter: Hashable, Sendable {
  package private(set) var terms: [Term] = []

  /// Lets every run through.
  package init() {}

  /// Reads the text; the error names the term that cannot be understood.
  package init(_ text: String) throws(RunFilterError) {
    for word in text.split(whereSeparator: \.isWhitespace) {
      terms.append(try Term(String(word)))
    }
  }

  package func matches(_ run: RunSummary) -> Bool {
    terms.allSatisfy { $0.matches(run) }
  }
}

/// What is wrong with the text of a filter.
nonisolated package enum RunFilterError: Error, Hashable, Sendable, CustomStringConvertible {
  case unknownField(String)
  case notANumber(term: String)
  case textComparison(field: String)

  package var description: String {
    switch self {
    case .unknownField(let name):
      "There is no field “\(name)”; there are \(RunFilter.fieldNames.joined(separator: ", "))."
    case .notANumber(let term):
      "“\(term)” compares with something that is not a number, such as 0.9 or 1e-3."
    case .textComparison(let field):
      "“\(field)” is text: write \(field):WORD."
    }
  }
}

// MARK: - Terms

extension RunFilter {
  nonisolated package enum Comparison: String, Hashable, Sendable, CaseIterable {
    // Longest first: `>=` must not be read as `>`.
    case atLeast = ">="
    case atMost = "<="
    case above = ">"
    case below = "<"
    case equal = "="
  }

  nonisolated package enum Condition: Hashable, Sendable {
    case word(String)
    case contains(field: String, text: String)
    case compares(field: String, Comparison, Double)
  }

  nonisolated package struct Term: Hashable, Sendable {
    package var condition: Condition
    package var isNegated: Bool

    nonisolated init(_ text: String) throws(RunFilterError) {
      isNegated = text.hasPrefix("!") && text.count > 1
      let body = isNegated ? String(text.dropFirst()) : text
      condition = try parse(body)
    }

    nonisolated func matches(_ run: RunSummary) -> Bool {
      holds(condition, run) != isNegated
    }
  }

  package nonisolated static var fieldNames: [String] {
    textFields.map(\.name) + numberFields.map(\.name)
  }
}

nonisolated private let textFields: [(name: String, value: @Sendable (RunSummary) -> String)] = [
  ("arch", { $0.description.recipe.architecture }),
  ("data", { $0.description.recipe.data }),
  ("name", { $0.description.name }),
  ("state", { RunState($0.status).rawValue }),
  ("optimizer", { $0.description.recipe.optimizer.kind.rawValue }),
]

nonisolated private let numberFields: [(name: String, value: @Sendable (RunSummary) -> Double?)] = [
  ("run", { Double($0.id.number) }),
  ("lr", { $0.learningRate }),
  ("epoch", { Double($0.epoch) }),
  ("epochs", { Double($0.description.recipe.epochs) }),
  ("batch", { Double($0.description.recipe.batchSize) }),
  ("seed", { Double($0.description.recipe.seed) }),
  ("best.loss", { $0.bestValidationLoss }),
  ("best.acc", { $0.bestValidationAccuracy }),
  ("test.acc", { $0.testAccuracy }),
  ("parameters", { Double($0.description.parameters.total) }),
  ("seconds", { $0.secondsPerEpoch }),
]

nonisolated private func parse(_ text: String) throws(RunFilterError) -> RunFilter.Condition {
  if let comparison = try comparison(text) { return comparison }
  guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else { return .word(text) }
  let field = String(text[..<colon])
  guard RunFilter.fieldNames.contains(field) else { throw .unknownField(field) }
  return .contains(field: field, text: String(text[text.index(after: colon)...]))
}

/// Reads `field>=number`; nil where the text has no comparison in it.
nonisolated private func comparison(
  _ text: String
) throws(RunFilterError) -> RunFilter.Condition? {
  guard let start = text.firstIndex(where: { "<>=".contains($0) }), start != text.startIndex,
    let symbol = RunFilter.Comparison.allCases.first(where: {
      text[start...].hasPrefix($0.rawValue)
    })
  else { return nil }
  let field = String(text[..<start])
  let number = text[text.index(start, offsetBy: symbol.rawValue.count)...]
  if textFields.contains(where: { $0.name == field }) { throw .textComparison(field: field) }
  guard numberFields.contains(where: { $0.name == field }) else { throw .unknownField(field) }
  guard let value = Double(number) else { throw .notANumber(term: text) }
  return .compares(field: field, symbol, value)
}

nonisolated private func holds(_ condition: RunFilter.Condition, _ run: RunSummary) -> Bool {
  switch condition {
  case .word(let word):
    return String(run.id.number) == word
      || ["name", "arch", "data", "state"].contains { contains(text(of: $0, run), word) }
  case .contains(let field, let part):
    return contains(text(of: field, run), part)
  case .compares(let field, let comparison, let bound):
    guard let value = numberFields.first(where: { $0.name == field })?.value(run) else {
      return false
    }
    switch comparison {
    case .atLeast: return value >= bound
    case .atMost: return value <= bound
    case .above: return value > bound
    case .below: return value < bound
    case .equal: return value == bound
    }
  }
}

nonisolated private func text(of field: String, _ run: RunSummary) -> String {
  if let known = textFields.first(where: { $0.name == field }) { return known.value(run) }
  return numberFields.first { $0.name == field }?.value(run).map { shortest($0) } ?? ""
}

/// A whole number without its decimal point.
nonisolated private func shortest(_ value: Double) -> String {
  Int(exactly: value).map(String.init) ?? String(value)
}

nonisolated private func contains(_ text: String, _ part: String) -> Bool {
  part.isEmpty || text.lowercased().contains(part.lowercased())
}
