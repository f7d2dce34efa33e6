package import Telemetry

/// What is known of the architectures' costs, and for which question.
nonisolated package struct CostBook: Sendable {
  /// What is known of one architecture.
  package enum Standing: Hashable, Sendable {
    /// Nothing yet.
    case unknown
    /// `isMemoryKnown` is false while the memory is that of another batch size or optimizer.
    case cost(ArchitectureCost, isMemoryKnown: Bool)
    /// It cannot be built for the chosen images: why.
    case misfit(String)
  }

  private enum Known {
    case cost(ArchitectureCost)
    case misfit(String)
  }

  /// What was asked last; nil before the first time.
  package private(set) var question: CostQuestion?
  private var data: (text: String, description: DataDescription)?
  private var badData: (text: String, reason: String)?
  private var known: [String: (known: Known, question: CostQuestion)] = [:]
  /// Architectures whose answer is still to come.
  private var open: Set<String> = []

  package init() {}

  /// Whether answers are still to come.
  package var isWaiting: Bool { !open.isEmpty }

  /// What the last question's data are; nil while that is not known.
  package var description: DataDescription? {
    guard let data, data.text == question?.data else { return nil }
    return data.description
  }

  /// Why the last question's data cannot be used.
  package var problem: String? {
    guard let badData, badData.text == question?.data else { return nil }
    return badData.reason
  }

  package func standing(of architecture: String) -> Standing {
    guard problem == nil, let row = known[architecture], row.question.data == question?.data,
      row.question.imageSize == question?.imageSize
    else {
      return .unknown
    }
    switch row.known {
    case .cost(let cost): return .cost(cost, isMemoryKnown: row.question == question)
    case .misfit(let reason): return .misfit(reason)
    }
  }

  package mutating func ask(_ question: CostQuestion, about architectures: [String]) {
    self.question = question
    badData = nil
    open = Set(architectures)
  }

  /// Takes an answer; one to an earlier question is too late.
  package mutating func take(_ answer: CatalogAnswer) {
    switch answer {
    case .data(let description, let text):
      data = (text, description)
    case .badData(let reason, let text):
      guard text == question?.data else { return }
      badData = (text, reason)
      open = []
    case .cost(let cost, let architecture, let answered):
      note(.cost(cost), of: architecture, answered)
    case .misfit(let reason, let architecture, let answered):
      note(.misfit(reason), of: architecture, answered)
    case .times:
      break
    }
  }

  private mutating func note(_ known: Known, of architecture: String, _ answered: CostQuestion) {
    guard answered == question else { return }
    self.known[architecture] = (known, answered)
    open.remove(architecture)
  }
}
