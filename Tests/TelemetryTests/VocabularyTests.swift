import Foundation
import Telemetry
import Testing

/// The small rules of the vocabulary.
@Suite
struct VocabularyTests {
  @Test(arguments: [
    ("3e-4", LearningRateChange.set(3e-4)), (" 0.05 ", .set(0.05)), ("*0.5", .multiply(0.5)),
    ("× 2", .multiply(2)), ("/10", .multiply(0.1)), ("schedule", .schedule),
  ])
  func `a learning rate is read as it is written`(
    _ text: String,
    _ change: LearningRateChange
  ) {
    #expect(LearningRateChange(text: text) == change)
  }

  @Test(arguments: ["", "x", "0", "-1", "nan", "inf", "*0", "/0", "*-2", "1e400", "3e-4x"])
  func `what is no positive finite number is no learning rate`(_ text: String) {
    #expect(LearningRateChange(text: text) == nil)
  }

  @Test(arguments: [
    (0.1, "0.1"), (0.025, "0.025"), (0.01, "0.01"), (0.009, "9e-3"), (3e-4, "3e-4"),
    (1.25e-5, "1.25e-5"), (20, "20"), (999, "999"), (1000, "1e3"), (999.9, "1e3"), (0, "0"),
  ])
  func `a learning rate is written short`(_ rate: Double, _ text: String) {
    #expect(LearningRateText.string(rate) == text)
  }

  @Test
  func `a recipe without a file of weights is stored as it was before there were any`() throws {
    var recipe = Recipe(
      architecture: "cnn",
      data: "digits",
      classes: 10,
      epochs: 1,
      batchSize: 2,
      optimizer: OptimizerSettings(kind: .sgd, learningRate: 0.1, momentum: 0, weightDecay: 0),
      schedule: .constant,
      validationSplit: 0.1,
      seed: 1,
      threads: 1
    )
    let old = try JSONEncoder().encode(recipe)
    #expect(!String(decoding: old, as: UTF8.self).contains("pretrained"))
    #expect(try JSONDecoder().decode(Recipe.self, from: old) == recipe)
    recipe.pretrained = PretrainedWeights(path: "/w.safetensors", checksum: "0123456789abcdef")
    let new = try JSONDecoder().decode(Recipe.self, from: JSONEncoder().encode(recipe))
    #expect(new == recipe)
  }

  @Test
  func `a recipe keeps its precision, and one stored without any is f32`() throws {
    var recipe = Recipe(
      architecture: "cnn",
      data: "digits",
      classes: 10,
      epochs: 1,
      batchSize: 2,
      optimizer: OptimizerSettings(kind: .sgd, learningRate: 0.1, momentum: 0, weightDecay: 0),
      schedule: .step(every: 2, factor: 0.5),
      precision: .bf16,
      validationSplit: 0.1,
      seed: 1,
      threads: 1
    )
    let stored = try JSONEncoder().encode(recipe)
    #expect(try JSONDecoder().decode(Recipe.self, from: stored) == recipe)
    var fields = try #require(try JSONSerialization.jsonObject(with: stored) as? [String: Any])
    fields["precision"] = nil
    let old = try JSONSerialization.data(withJSONObject: fields)
    recipe.precision = .f32
    #expect(try JSONDecoder().decode(Recipe.self, from: old) == recipe)
    fields["precision"] = "f64"
    let unknown = try JSONSerialization.data(withJSONObject: fields)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Recipe.self, from: unknown) }
  }

  /// Stores have recipes from before there was more than network, optimizer and schedule.
  @Test
  func `a recipe stored without the newer settings has their defaults`() throws {
    let old = """
      {"architecture":"cnn","data":"digits","classes":10,"epochs":4,"batchSize":2,\
      "optimizer":{"kind":"adamw","learningRate":0.1,"momentum":0.9,"weightDecay":0.01},\
      "schedule":{"step":{"every":2,"factor":0.5}},"validationSplit":0.1,"seed":1,"threads":1}
      """
    var recipe = try JSONDecoder().decode(Recipe.self, from: Data(old.utf8))
    #expect(recipe.schedule == .step(every: 2, factor: 0.5) && recipe.warmup == nil)
    #expect(recipe.optimizer.decoupledDecay && recipe.accumulation == 1)
    #expect(recipe.regularization == RegularizationSettings() && recipe.frozen.isEmpty)
    #expect(recipe.stopping == StoppingSettings() && recipe.onDivergence == .stop)
    recipe.regularization.classWeights = .given([1, 2])
    recipe.stopping.metric = .trainAccuracy
    recipe.schedule = .plateau(PlateauSettings(factor: 0.5, patience: 2))
    recipe.optimizer.decoupledDecay = false
    let stored = try JSONEncoder().encode(recipe)
    #expect(try JSONDecoder().decode(Recipe.self, from: stored) == recipe)
  }

  @Test
  func `a feed keeps every event and only the newest progress`() {
    let feed = RunFeed()
    for step in 1...3 {
      feed.publish(.progress(progress(step: step)))
      feed.publish(.progress(progress(step: step * 10)))
      feed.publish(.rewound(toStep: step))
    }
    #expect(
      feed.drain()
        == [1, 2, 3].flatMap {
          [RunEvent.progress(progress(step: $0 * 10)), .rewound(toStep: $0)]
        }
    )
    #expect(feed.drain().isEmpty)
  }

  private func progress(step: Int) -> Telemetry.Progress {
    Telemetry.Progress(
      phase: .training,
      epoch: 1,
      step: step,
      batch: step,
      batches: 9,
      imagesPerSecond: 1,
      residentBytes: 1,
      learningRate: 0.1,
      pendingLearningRate: nil
    )
  }
}
