import Datasets
import Engine
import Foundation
import RunStore
import Telemetry
import Training
import Zoo

/// Puts a run together: data, network, plan, store, session.
///
/// Nothing is written before everything has been checked.
struct RunLauncher {
  let plan: RunPlan
  /// Threads this time; they do not change the result.
  let threads: Int
  /// What a new run's weights start from, if not from its seed.
  private let weights: PretrainedFile?

  /// Plans a new run.
  ///
  /// - Throws: whatever is wrong with architecture, data or settings.
  init(_ draft: RecipeDraft) throws {
    guard let name = draft[.architecture] else {
      let wanted = "an architecture ('descent models' lists them), or a --recipe that names one"
      throw UsageError.nothingToDo(command: "descent train", wanted: wanted)
    }
    guard let data = draft[.data] else {
      let wanted = "--data with a data set, or a --recipe that names one"
      throw UsageError.nothingToDo(command: "descent train", wanted: wanted)
    }
    let architecture = try Catalog.find(name)
    let weights = try draft.text(.pretrained).map(PretrainedFile.init(path:))
    let source = try DataSource(text: data)
    let images = try source.load(
      validationShare: try draft.validationSplit(),
      seed: try draft.seed()
    ).sized(as: try draft.imageSize())
    let recipe = try draft.recipe(
      architecture: architecture.name,
      source: source,
      images: images,
      weights: weights
    )
    try self.init(
      recipe: recipe,
      architecture: architecture,
      images: images,
      weights: weights,
      choosesMemory: true
    )
  }

  /// Plans a stored run again.
  ///
  /// - Throws: where its data are gone or have changed.
  init(recipe: Recipe) throws {
    let images = try DataSource(text: recipe.data).load(
      validationShare: recipe.validationSplit,
      seed: recipe.seed
    ).sized(as: recipe.imageSize)
    try self.init(
      recipe: recipe,
      architecture: try Catalog.find(recipe.architecture),
      images: images,
      weights: nil
    )
  }

  private init(
    recipe: Recipe,
    architecture: Architecture,
    images: ImageSet,
    weights: PretrainedFile?,
    choosesMemory: Bool = false
  ) throws {
    let graph = try architecture.fitted(
      to: Shape(images.imageShape),
      classes: recipe.classes
    )
    try weights?.check(graph)
    self.weights = weights
    let processors = ProcessInfo.processInfo.activeProcessorCount
    threads = recipe.threads > 0 ? recipe.threads : processors
    var recipe = recipe
    if let limit = choosesMemory ? recipe.memory?.limit : nil,
      recipe.batchSize <= images.train.count
    {
      recipe = try MemoryChoice.fit(
        recipe,
        limit: limit,
        images: images,
        graph: graph,
        // As for all processors: the choice, and so the bits, are the same at one thread and more.
        threads: max(threads, processors)
      )
    }
    plan = try RunPlan(recipe: recipe, images: images, graph: graph)
    try checkMemory(graph: graph, images: images)
  }

  /// Refuses a plan that the machine has no memory for, and names a batch that fits.
  private func checkMemory(graph: Graph, images: ImageSet) throws {
    let needed = plan.modelPlan.residentByteCount(threads: threads)
    guard let available = SystemMemory.available(), needed > available else { return }
    let fitting = MemoryFit.largestBatch(
      recipe: plan.recipe,
      images: images,
      graph: graph,
      threads: threads,
      available: available
    )
    throw UsageError.doesNotFit(
      needed: needed,
      available: available,
      batch: plan.recipe.batchSize,
      fittingBatch: fitting
    )
  }

  /// Writes the new run into the store and makes it ready to start.
  func create(
    in store: RunStore,
    name: String?,
    listener: LiveRun.Listener,
    turnstile: Turnstile = Turnstile()
  ) throws -> LiveRun {
    let run = try store.createRun(name: name, recipe: plan.recipe)
    let title = try store.summary(of: run).description.name
    return try LiveRun(
      store: store,
      description: plan.description(
        run: run,
        name: title,
        threads: threads,
        startedAt: Date().timeIntervalSince1970
      ),
      launcher: self,
      start: .fresh,
      weights: weights?.file,
      listener: listener,
      turnstile: turnstile
    )
  }

  /// A session of a new run that no store knows, with its checkpoints in a directory of its own.
  func session(
    in directory: String,
    observer: @escaping @Sendable (RunEvent) -> Void
  ) throws -> TrainingSession {
    TrainingSession(
      SessionConfiguration(
        description: plan.description(
          run: RunID(0),
          name: plan.recipe.architecture,
          threads: threads,
          startedAt: Date().timeIntervalSince1970
        ),
        plan: plan,
        checkpointDirectory: directory,
        initialWeights: weights?.file,
        threads: threads,
        observer: observer
      )
    )
  }

  /// Takes up a stored run at its newest whole checkpoint, or at the beginning where there is
  /// none.
  ///
  /// - Returns: the run, and a sentence on each checkpoint that is damaged.
  func resume(
    _ summary: RunSummary,
    in store: RunStore,
    listener: LiveRun.Listener,
    turnstile: Turnstile = Turnstile()
  ) throws -> (run: LiveRun, damaged: [String]) {
    let directory = CheckpointDirectory(path: LiveRun.checkpoints(of: summary.id, in: store))
    let (checkpoint, damaged) = try whole(directory, of: summary.id, in: store)
    let weights =
      checkpoint == nil ? try plan.recipe.pretrained.map(PretrainedFile.init(recorded:)) : nil
    try weights?.check(plan.modelPlan.graph)
    let live = try LiveRun(
      store: store,
      description: plan.description(
        run: summary.id,
        name: summary.description.name,
        threads: threads,
        startedAt: summary.description.startedAt
      ),
      launcher: self,
      start: .resumed(checkpoint),
      weights: weights?.file,
      listener: listener,
      turnstile: turnstile
    )
    return (live, damaged)
  }

  /// The newest whole checkpoint of the run, and what is said of damaged ones.
  ///
  /// Nothing is lost but time where a run begins again: its recorded changes are made again, too.
  ///
  /// - Throws: `CheckpointError.allDamaged` for a fork, whose beginning is a checkpoint.
  private func whole(
    _ directory: CheckpointDirectory,
    of run: RunID,
    in store: RunStore
  ) throws -> (checkpoint: Checkpoint?, damaged: [String]) {
    if directory.steps().isEmpty {
      // A fork does not begin with its seed: there is nothing to go on from.
      guard try store.lineage(of: run).isEmpty else {
        throw CheckpointError.none(directory: directory.path)
      }
      return (nil, [])
    }
    do {
      let newest = try directory.newest()
      return (newest.checkpoint, newest.damaged.map { "\($0); the checkpoint before is used" })
    } catch CheckpointError.allDamaged(let path, let reason) {
      guard try store.lineage(of: run).isEmpty else {
        throw CheckpointError.allDamaged(directory: path, reason: reason)
      }
      return (nil, ["\(reason); there is no other, so the run begins again"])
    }
  }
}
