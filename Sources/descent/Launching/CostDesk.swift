import Datasets
import Dispatch
import Engine
import Synchronization
import Telemetry
import Training
import Zoo

/// Finds out what every architecture costs for some data, on a queue of its own.
///
/// Only the newest question counts: what is left of an earlier one is dropped. Data and graphs are
/// kept, so that another batch size costs the plans alone. Nothing is allocated for any of them.
final class CostDesk: Sendable {
  private struct State {
    var wanted: CostQuestion?
    var isWorking = false
    var answers: [CatalogAnswer] = []
  }

  /// A network for the images at hand, or why there is none.
  private enum Built {
    case graph(Graph)
    case misfit(String)
  }

  /// What the last data set was, and the networks for its images at the last size.
  private struct Known {
    var data: String
    var images: ImageSet
    var size: ImageSize?
    var built: [String: Built] = [:]
  }

  private let queue = DispatchQueue(label: "descent.costs", qos: .utility)
  private let state = Mutex(State())
  /// Held by the queue alone, for as long as it answers.
  private let known = Mutex<Known?>(nil)

  func ask(_ question: CostQuestion) {
    let mustStart = state.withLock { state in
      state.wanted = question
      state.answers = []
      defer { state.isWorking = true }
      return !state.isWorking
    }
    if mustStart { queue.async { self.work() } }
  }

  func drain() -> [CatalogAnswer] {
    state.withLock { state in
      defer { state.answers = [] }
      return state.answers
    }
  }

  // MARK: - On the queue

  private func work() {
    while let question = nextQuestion() { answer(question) }
  }

  private func nextQuestion() -> CostQuestion? {
    state.withLock { state in
      defer { state.wanted = nil }
      if state.wanted == nil { state.isWorking = false }
      return state.wanted
    }
  }

  private var isOvertaken: Bool { state.withLock { $0.wanted != nil } }

  private func say(_ answer: CatalogAnswer) {
    state.withLock { state in
      // What was overtaken is nobody's answer any more.
      if state.wanted == nil { state.answers.append(answer) }
    }
  }

  private func answer(_ question: CostQuestion) {
    do {
      let (recipe, images) = try setting(of: question)
      let available = SystemMemory.available()
      for architecture in Catalog.architectures {
        if isOvertaken { return }
        switch build(architecture, images, recipe.classes) {
        case .graph(let graph):
          let cost = CostDesk.cost(of: graph, recipe, images, available)
          say(.cost(cost, of: architecture.name, question))
        case .misfit(let reason):
          say(.misfit(reason, of: architecture.name, question))
        }
      }
    } catch {
      let reason = ErrorSentence(describing: error)?.text ?? String(describing: error)
      say(.badData(reason, of: question.data))
    }
  }

  /// Reads the data, unless they are the last ones, and says what they are; the recipe has the
  /// question's batch size, or all training images where that is larger.
  private func setting(of question: CostQuestion) throws -> (recipe: Recipe, images: ImageSet) {
    let draft = RecipeDraft()
    let source = try DataSource(text: question.data)
    let images = try known.withLock { known in
      if let known, known.data == question.data { return known.images }
      let images = try source.load(validationShare: draft.validationSplit(), seed: draft.seed())
      known = Known(data: question.data, images: images)
      return images
    }
    say(.data(DataDescription(images), of: question.data))
    known.withLock { known in
      guard known?.size != question.imageSize else { return }
      known?.size = question.imageSize
      known?.built = [:]
    }
    var recipe = try draft.recipe(architecture: "", source: source, images: images, weights: nil)
    recipe.optimizer.kind = question.optimizer
    recipe.precision = question.precision
    recipe.batchSize = max(1, min(question.batchSize, images.train.count))
    return (recipe, images.sized(as: question.imageSize))
  }

  private func build(_ architecture: Architecture, _ images: ImageSet, _ classes: Int) -> Built {
    if let built = known.withLock({ $0?.built[architecture.name] }) { return built }
    let shape = Shape(images.imageShape)
    let built: Built
    do {
      built = .graph(try architecture.graph(inputShape: shape, classes: classes))
    } catch {
      let side = architecture.smallestSide(above: shape, classes: classes)
      built = .misfit(
        side.map { "wants images of \($0) × \($0) or more" } ?? String(describing: error)
      )
    }
    known.withLock { $0?.built[architecture.name] = built }
    return built
  }

  private static func cost(
    of graph: Graph,
    _ recipe: Recipe,
    _ images: ImageSet,
    _ available: Int?
  ) -> ArchitectureCost {
    let plan = RunPlan.modelPlan(recipe: recipe, images: images, graph: graph)
    let counts = graph.parameterCounts
    var cost = ArchitectureCost(
      parameters: ParameterCounts(
        trainable: counts.trainable,
        nonTrainable: counts.statistics
      ),
      multiplyAdds: graph.multiplyAdds,
      plannedMemoryBytes: plan.residentByteCount(threads: recipe.threads),
      availableBytes: available
    )
    if !cost.fits, let available {
      cost.largestBatch = MemoryFit.largestBatch(
        recipe: recipe,
        images: images,
        graph: graph,
        threads: recipe.threads,
        available: available
      )
    }
    return cost
  }
}

extension DataDescription {
  fileprivate init(_ images: ImageSet) {
    self.init(
      imageShape: images.imageShape,
      classes: images.classCount,
      trainCount: images.train.count,
      validationCount: images.validation.count,
      testCount: images.test.count
    )
  }
}
