import Datasets
import Engine
import Telemetry
import Testing
import Training

/// What a recipe says beyond network and optimizer, in whole sessions.
@Suite
struct RecipeSettingsTests {
  /// Something of everything.
  private var full: Recipe {
    var recipe = TestRun.recipe
    recipe.epochs = 4
    recipe.batchSize = 50
    recipe.accumulation = 2
    recipe.schedule = .plateau(PlateauSettings(factor: 0.5, patience: 1, threshold: 100))
    recipe.warmup = Warmup(epochs: 1, start: 0.1)
    recipe.regularization = RegularizationSettings(
      labelSmoothing: 0.1,
      classWeights: .balanced,
      clipNorm: 0.5,
      clipValue: 0.1,
      averageDecay: 0.9
    )
    recipe.optimizer.decoupledDecay = true
    recipe.frozen = ["*.bias"]
    recipe.augmentation = AugmentationSettings([.rotate: 10, .crop: 1, .cutout: 2])
    return recipe
  }

  @Test
  func `a recipe's augmentation and its seed decide what is trained on`() throws {
    var recipe = TestRun.recipe
    let plain = try TestRun()
    try plain.train(recipe)
    recipe.augmentation = AugmentationSettings([.rotate: 10, .shift: 1])
    let runs = try (0..<2).map { _ in try TestRun() }
    for run in runs { try run.train(recipe) }
    let state = try runs[0].finalState()
    #expect(try state == runs[1].finalState())
    #expect(try state != plain.finalState())
    // Validation and test see the images as they are.
    let losses = plain.epochs.map(\.validationLoss)
    #expect(runs[0].epochs.map(\.validationLoss) != losses)
    #expect(runs[0].epochs.last?.validationAccuracy ?? 0 > 0.3)
  }

  @Test(arguments: [5, 13, 30, 45])
  func `a run with every setting goes on with its bits`(_ step: Int) throws {
    let undisturbed = try TestRun()
    try undisturbed.train(full)
    let run = try TestRun()
    try run.train(full, interruptAt: step)
    let checkpoint = try run.checkpoints.newest().checkpoint
    try run.train(full, threads: 2, start: .resumed(checkpoint))
    #expect(try run.finalState() == undisturbed.finalState())
    #expect(run.epochs.map(\.learningRate) == undisturbed.epochs.map(\.learningRate))
    #expect(run.epochs.map(\.validationLoss) == undisturbed.epochs.map(\.validationLoss))
    let state = try run.finalState()
    #expect(state.keys.contains { $0.hasPrefix("optimizer.average.") })
  }

  @Test
  func `a plateau halves the rate after an epoch that is no better`() throws {
    let run = try TestRun()
    try run.train(full)
    let rates = run.epochs.map { $0.learningRate / 0.05 }
    // The last step of the warm-up, the first loss, and two that are not better by 100.
    #expect(
      zip(rates, [1 - 0.9 / 13, 1, 0.5, 0.25]).allSatisfy { abs($0 - $1) < 1e-12 },
      "\(rates)"
    )
  }

  @Test
  func `a one-cycle rate changes with every step`() throws {
    var recipe = TestRun.recipe
    recipe.schedule = .onecycle(rise: 0.3, divisor: 25, finalDivisor: 1e4)
    let run = try TestRun()
    try run.train(recipe)
    let rates = run.steps.map(\.learningRate)
    #expect(Set(rates).count == 3 * TestRun.stepsPerEpoch)
    #expect(abs((rates.first ?? 0) - 0.05 / 25) < 1e-12)
    #expect(abs((rates.last ?? 0) - 0.05 / 25e4) < 1e-12)
    #expect((rates.max() ?? 0) > 0.049)
  }

  @Test
  func `accumulated batches make the steps of one large batch`() throws {
    var recipe = TestRun.recipe
    recipe.regularization.classWeights = .given([1, 3, 0.5, 1, 1, 2, 1, 1, 1, 0.25])
    let whole = try TestRun()
    try whole.train(recipe)
    recipe.batchSize = 30
    recipe.accumulation = 3
    let different = try TestRun()
    try different.train(recipe)
    #expect(different.steps.count != whole.steps.count)
    recipe.batchSize = 25
    recipe.accumulation = 4
    let parts = try TestRun()
    try parts.train(recipe)
    #expect(parts.steps.count == whole.steps.count)
    for (part, one) in zip(parts.steps, whole.steps) {
      #expect(abs(part.loss - one.loss) < 1e-4 && part.step == one.step)
    }
  }

  @Test
  func `frozen weights are not trained, and are told apart`() throws {
    var recipe = TestRun.recipe
    recipe.frozen = ["*.bias"]
    let run = try TestRun()
    try run.train(recipe)
    let state = try run.finalState()
    let biases = state.filter { $0.key.hasSuffix(".bias") && !$0.key.hasPrefix("optimizer.") }
    #expect(!biases.isEmpty)
    recipe.frozen = []
    recipe.epochs = 1
    let start = try TestRun()
    try start.train(recipe, interruptAt: 0)
    let before = try start.finalState()
    #expect(biases.allSatisfy { before[$0.key] == $0.value })
  }

  @Test
  func `a recipe that does not go with its network is refused`() throws {
    var recipe = TestRun.recipe
    recipe.frozen = ["nowhere"]
    #expect(throws: RunPlanError.nothingToFreeze(pattern: "nowhere")) {
      try TestRun().train(recipe)
    }
    recipe.frozen = ["*"]
    #expect(throws: RunPlanError.allFrozen) { try TestRun().train(recipe) }
    recipe.frozen = []
    recipe.regularization.classWeights = .given([1, 2, 3])
    #expect(throws: RunPlanError.classWeights(count: 3, classes: 10)) {
      try TestRun().train(recipe)
    }
  }

  @Test
  func `balanced weights make every class count the same`() {
    #expect(ClassWeights.balanced.values(imagesOfClass: [10, 30, 20]) == [2, 20.0 / 30, 1])
    #expect(ClassWeights.balanced.values(imagesOfClass: [4, 0]) == [0.5, 1])
    #expect(ClassWeights(text: "1,2.5") == .given([1, 2.5]))
    for text in ["", "1,,2", "0,0", "-1,2", "x"] { #expect(ClassWeights(text: text) == nil) }
  }
}
