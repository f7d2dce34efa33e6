import Synchronization
import Telemetry
import Terminal

@testable import Dashboard

/// Sixty architectures and made-up costs; answers when a test lets it.
nonisolated final class FakeWorkbench: ArchitectureCatalog, RunStarter {
  struct State {
    var questions: [CostQuestion] = []
    var answers: [CatalogAnswer] = []
    var timings: [TimeQuestion?] = []
    var requests: [RunRequest] = []
    var starts: [StartAnswer] = []
  }

  let state = Mutex(State())
  /// What every start comes to; nil leaves it open.
  let outcome: @Sendable (RunRequest) -> StartAnswer?

  init(outcome: @escaping @Sendable (RunRequest) -> StartAnswer? = { _ in nil }) {
    self.outcome = outcome
  }

  var architectures: [ArchitectureEntry] { FakeZoo.entries }
  var defaults: NewRunDefaults { FakeZoo.defaults }

  func ask(_ question: CostQuestion) {
    state.withLock {
      $0.questions.append(question)
      $0.answers = FakeZoo.answers(to: question)
    }
  }

  func ask(_ question: TimeQuestion?) {
    state.withLock { state in
      state.timings.append(question)
      guard let question else { return }
      state.answers.append(.times(.times(FakeZoo.times), of: question))
    }
  }

  func drainAnswers() -> [CatalogAnswer] {
    state.withLock { state in
      defer { state.answers = [] }
      return state.answers
    }
  }

  /// Nobody forks in these tests.
  func fork(_ request: ForkRequest) {}

  func start(_ request: RunRequest) {
    let answer = outcome(request)
    state.withLock {
      $0.requests.append(request)
      if let answer { $0.starts.append(answer) }
    }
  }

  func drainStarts() -> [StartAnswer] {
    state.withLock { state in
      defer { state.starts = [] }
      return state.starts
    }
  }
}

/// A catalogue as large as a real one.
nonisolated enum FakeZoo {
  static let defaults = NewRunDefaults(
    data: "digits",
    batchSize: 64,
    epochs: 10,
    optimizer: .sgd,
    learningRates: [.sgd: 0.02, .nesterov: 0.02, .adam: 0.001, .rmsprop: 0.001],
    schedule: "the last third at a tenth"
  )

  private static let families: [(family: String, names: [String])] = [
    ("plain", ["dnn", "cnn", "lenet5"]),
    ("resnet", ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "wide-resnet50-2"]),
    ("vgg", ["vgg11", "vgg13", "vgg16", "vgg16-bn", "vgg19", "vgg19-bn"]),
    ("densenet", ["densenet121", "densenet169", "densenet201"]),
    ("efficientnet", (0...7).map { "efficientnet-b\($0)" } + ["efficientnet-b0-keras"]),
    ("vit", ["vit-ti16", "vit-s16", "vit-s32", "vit-b16", "vit-b32", "vit-l16"]),
    // A family whose members do not stand together in the catalogue.
    ("resnet", ["resnet50-keras"]),
  ]

  /// Sixty in all.
  static let entries: [ArchitectureEntry] = {
    var all = families.flatMap { family, names in
      names.map {
        ArchitectureEntry(name: $0, family: family, summary: "\(family) network, as published")
      }
    }
    let rest = 60 - all.count
    all += (1...rest).map {
      ArchitectureEntry(name: "custom-\($0)", family: "custom", summary: "one of many")
    }
    return all
  }()

  static let digits = DataDescription(
    imageShape: [8, 8, 1],
    classes: 10,
    trainCount: 1222,
    validationCount: 215,
    testCount: 360
  )

  /// Vision transformers do not take small images; the largest ResNet does not fit into the memory.
  static func answers(to question: CostQuestion) -> [CatalogAnswer] {
    guard question.data != "nowhere" else {
      return [
        .badData("there is no data set 'nowhere'; did you mean 'mnist'?", of: question.data)
      ]
    }
    return [.data(digits, of: question.data)]
      + entries.enumerated().map { index, entry in answer(entry, index, question) }
  }

  private static func answer(
    _ entry: ArchitectureEntry,
    _ index: Int,
    _ question: CostQuestion
  ) -> CatalogAnswer {
    if entry.family == "vit" {
      return .misfit(
        "wants images of \(entry.name.hasSuffix("32") ? "32 × 32" : "16 × 16") or more",
        of: entry.name,
        question
      )
    }
    let isHuge = entry.name == "resnet152"
    let available = 16 << 30
    let perImage = isHuge ? 1 << 29 : 300_000 * (index + 1)
    let needed = 40_000_000 + perImage * min(question.batchSize, digits.trainCount)
    return .cost(
      ArchitectureCost(
        parameters: ParameterCounts(trainable: 1_234_567 * (index + 1), nonTrainable: 448),
        multiplyAdds: 23_456_789 * (index + 1),
        plannedMemoryBytes: needed,
        availableBytes: available,
        largestBatch: needed > available ? (available - 40_000_000) / perImage : nil
      ),
      of: entry.name,
      question
    )
  }

  /// An epoch of twelve seconds.
  static let times = RunTimes(
    epoch: RunTimes.Span(low: 11.3, median: 12.04, high: 12.9),
    test: 0.4
  )

  /// A dashboard on the New-run screen; its questions for costs are answered.
  static func model(
    _ size: Size,
    runs: [RunSummary] = [FakeRuns.summary(2, data: "mnist:/data/mnist"), FakeRuns.summary(1)]
  ) -> DashboardModel {
    var model = DashboardModel(size: size, now: FakeRuns.startedAt + 200)
    model.newRun.load(architectures: entries, defaults: defaults)
    model.resize(to: size)
    _ = update(&model, .runs(runs))
    press(&model, .character("n"))
    return model
  }

  /// Presses keys, and answers what is asked; returns everything else that is to be done.
  @discardableResult
  static func press(_ model: inout DashboardModel, _ keys: Key...) -> [Effect] {
    var left: [Effect] = []
    for key in keys {
      for effect in update(&model, .key(key)) {
        switch effect {
        case .ask(let question): _ = update(&model, .answers(answers(to: question)))
        // Times are asked for and given up beside everything else.
        case .time: break
        default: left.append(effect)
        }
      }
    }
    return left
  }

  /// Answers the question for times that stands.
  static func answerTimes(_ model: inout DashboardModel, _ answer: TimeAnswer = .times(times)) {
    guard let question = model.newRun.times.question else { return }
    _ = update(&model, .answers([.times(answer, of: question)]))
  }

  @discardableResult
  static func type(_ model: inout DashboardModel, _ text: String) -> [Effect] {
    text.flatMap { press(&model, .character($0)) }
  }
}
