package import Datasets
package import Engine
package import Telemetry

/// Everything a run needs, checked and planned, before anything is written or allocated.
package struct RunPlan: Sendable {
  package let recipe: Recipe
  package let sampler: BatchSampler
  package let modelPlan: ModelPlan

  /// Plans a run.
  ///
  /// - Throws: `RunPlanError` where recipe and data do not go together.
  package init(recipe: Recipe, images: ImageSet, graph: Graph) throws(RunPlanError) {
    guard recipe.batchSize <= images.train.count else {
      throw .batchTooLarge(batch: recipe.batchSize, images: images.train.count)
    }
    self.recipe = recipe
    sampler = BatchSampler(
      set: images,
      normalization: graph.pixels.normalization(of: images),
      batchSize: recipe.batchSize,
      seed: recipe.seed
    )
    modelPlan = RunPlan.modelPlan(recipe: recipe, images: images, graph: graph)
  }

  /// The model's plan alone, which tells the memory a run would take.
  ///
  /// Of the recipe only batch size, optimizer, precision and memory settings count; the batch may
  /// not be larger than the training split.
  package static func modelPlan(recipe: Recipe, images: ImageSet, graph: Graph) -> ModelPlan {
    let evaluated = [images.validation.count, images.test.count]
    let training = RunPlan.batches(of: images.train.count, size: recipe.batchSize)
    return ModelPlan(
      graph: graph,
      optimizer: recipe.optimizer.engineOptimizer,
      trainingBatches: Set(
        training.flatMap { BatchPart.parts(of: $0, size: recipe.microBatch).map(\.count) }
      ),
      evaluationBatches: evaluated.reduce(into: []) {
        $0.formUnion(RunPlan.batches(of: $1, size: recipe.microBatch))
      },
      precision: recipe.precision.enginePrecision,
      recomputes: recipe.memory?.recomputes ?? false,
      sumsGradients: recipe.microBatch < recipe.batchSize
    )
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
    let counts = modelPlan.graph.parameterCounts
    return RunDescription(
      run: run,
      name: name,
      recipe: recipe,
      inputShape: modelPlan.graph.inputShape.dimensions,
      parameters: ParameterCounts(
        trainable: counts.trainable,
        nonTrainable: counts.statistics
      ),
      multiplyAdds: modelPlan.graph.multiplyAdds,
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

  package var description: String {
    switch self {
    case .batchTooLarge(let batch, let images):
      "a batch of \(batch) is larger than the training split of \(images) images"
    }
  }
}
