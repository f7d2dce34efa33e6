package import Datasets
package import Engine
package import Telemetry

/// Everything a run needs, checked and planned, before anything is written or allocated.
package struct RunPlan: Sendable {
  package internal(set) var recipe: Recipe
  package internal(set) var sampler: BatchSampler
  package internal(set) var modelPlan: ModelPlan

  /// Plans a run.
  ///
  /// - Throws: `RunPlanError` where recipe and data do not go together.
  package init(recipe: Recipe, images: ImageSet, graph: Graph) throws(RunPlanError) {
    guard recipe.batchSize <= images.train.count else {
      throw .batchTooLarge(batch: recipe.batchSize, images: images.train.count)
    }
    try RunPlan.check(recipe, graph)
    self.recipe = recipe
    sampler = BatchSampler(
      set: images,
      normalization: graph.pixels.normalization(of: images),
      batchSize: recipe.imagesPerStep,
      seed: recipe.seed,
      augmentation: recipe.augmentation.drawn
    )
    modelPlan = RunPlan.modelPlan(recipe: recipe, images: images, graph: graph)
  }

  /// Changes what the plan rests on; what is measured of the images stays.
  ///
  /// - Returns: whether the model must be planned anew, which it is then.
  /// - Throws: `RunPlanError`; then nothing has changed.
  mutating func follow(_ new: Recipe) throws(RunPlanError) -> Bool {
    let old = recipe
    guard new.batchSize <= sampler.set.train.count else {
      throw .batchTooLarge(batch: new.batchSize, images: sampler.set.train.count)
    }
    try RunPlan.check(new, modelPlan.graph)
    recipe = new
    sampler = BatchSampler(
      set: sampler.set,
      normalization: sampler.normalization,
      batchSize: new.imagesPerStep,
      seed: new.seed,
      augmentation: new.augmentation.drawn
    )
    let isSame =
      new.batchSize == old.batchSize && new.frozen == old.frozen
      && new.optimizer.engineOptimizer.slots == old.optimizer.engineOptimizer.slots
    guard !isSame else { return false }
    modelPlan = RunPlan.modelPlan(recipe: new, images: sampler.set, graph: modelPlan.graph)
    return true
  }

  /// The model's plan alone, which tells the memory a run would take.
  ///
  /// Of the recipe only batch size and accumulation, optimizer, regularization, precision and
  /// memory settings count; the batch may not be larger than the training split.
  package static func modelPlan(recipe: Recipe, images: ImageSet, graph: Graph) -> ModelPlan {
    let evaluated = [images.validation.count, images.test.count]
    let training = RunPlan.batches(of: images.train.count, size: recipe.imagesPerStep)
    let regularization = recipe.regularization
    return ModelPlan(
      graph: graph.freezing(recipe.frozen),
      optimizer: recipe.optimizer.engineOptimizer,
      clipping: GradientClipping(value: regularization.clipValue, norm: regularization.clipNorm),
      labelSmoothing: regularization.labelSmoothing,
      classWeights: regularization.classWeights?.values(imagesOfClass: images.trainCounts) ?? [],
      averageDecay: regularization.averageDecay,
      trainingBatches: Set(
        training.flatMap { BatchPart.parts(of: $0, size: recipe.microBatch).map(\.count) }
      ),
      evaluationBatches: evaluated.reduce(into: []) {
        $0.formUnion(RunPlan.batches(of: $1, size: recipe.microBatch))
      },
      precision: recipe.precision.enginePrecision,
      recomputes: recipe.memory?.recomputes ?? false,
      sumsGradients: recipe.microBatch < recipe.imagesPerStep
    )
  }

  private static func check(_ recipe: Recipe, _ graph: Graph) throws(RunPlanError) {
    if case .given(let weights) = recipe.regularization.classWeights {
      let classes = max(recipe.classes, 2)
      guard weights.count == classes else {
        throw .classWeights(count: weights.count, classes: classes)
      }
    }
    for pattern in recipe.frozen where graph.trainableCount(namedBy: pattern) == 0 {
      throw .nothingToFreeze(pattern: pattern)
    }
    guard graph.freezing(recipe.frozen).parameters.contains(where: \.learns) else {
      throw .allFrozen
    }
  }

  /// The batch sizes that dealing `images` in batches of `size` makes.
  private static func batches(of images: Int, size: Int) -> Set<Int> {
    Set([images >= size ? size : 0, images % size]).subtracting([0])
  }

  /// What is known of the run before its first step; it is to have so many compute threads.
  package func description(
    run: RunID,
    name: String,
    threads: Int,
    startedAt: Double
  ) -> RunDescription {
    let images = sampler.set
    let graph = modelPlan.graph
    let counts = graph.parameterCounts
    let frozen = graph.freezing(recipe.frozen).frozenCount
    return RunDescription(
      run: run,
      name: name,
      recipe: recipe,
      inputShape: graph.inputShape.dimensions,
      parameters: ParameterCounts(
        trainable: counts.trainable - frozen,
        nonTrainable: counts.statistics + frozen
      ),
      multiplyAdds: graph.multiplyAdds,
      plannedMemoryBytes: modelPlan.residentByteCount(threads: threads),
      trainCount: images.train.count,
      validationCount: images.validation.count,
      testCount: images.test.count,
      stepsPerEpoch: sampler.stepsPerEpoch,
      validationBatches: BatchSampler.batchCount(
        of: images.validation.count,
        batchSize: recipe.microBatch
      ),
      startedAt: startedAt
    )
  }
}

extension ImageSet {
  /// Training images of each class.
  fileprivate var trainCounts: [Int] {
    train.reduce(into: [Int](repeating: 0, count: classCount)) { $0[Int(labels[$1])] += 1 }
  }
}

extension PixelValues {
  /// How the images' pixels become these values.
  fileprivate func normalization(of images: ImageSet) -> Normalization {
    switch self {
    case .standardized: Normalization(measuring: images)
    case .bytes: .bytes(of: images)
    }
  }
}

/// Why a recipe cannot be run on its data.
package enum RunPlanError: Error, Hashable, Sendable, CustomStringConvertible {
  case batchTooLarge(batch: Int, images: Int)
  case classWeights(count: Int, classes: Int)
  case nothingToFreeze(pattern: String)
  case allFrozen

  package var description: String {
    switch self {
    case .batchTooLarge(let batch, let images):
      "a batch of \(batch) is larger than the training split of \(images) images"
    case .classWeights(let count, let classes):
      "--class-weights has \(count) weights for \(classes) classes"
    case .nothingToFreeze(let pattern):
      "--freeze '\(pattern)' means no weight of the network: it wants the name of a layer or "
        + "weight, where * stands for any letters ('descent models ARCH' lists the layers)"
    case .allFrozen:
      "--freeze leaves nothing to train"
    }
  }
}
