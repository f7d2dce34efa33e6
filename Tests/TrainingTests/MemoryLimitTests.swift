import Datasets
import Engine
import Telemetry
import Testing
import Training
import Zoo

/// Plans within a limit on memory, and runs that keep to one.
@Suite
struct MemoryLimitTests {
  private let images: ImageSet

  init() throws {
    images = try DataSource(text: "digits").load(validationShare: 0.15, seed: 11)
  }

  private func graph(_ name: String) throws -> Graph {
    try required(Catalog.architecture(named: name))
      .graph(inputShape: Shape(images.imageShape), classes: 10)
  }

  private func recipe(_ name: String, batch: Int = 100) -> Recipe {
    var recipe = TestRun.recipe
    recipe.architecture = name
    recipe.batchSize = batch
    recipe.epochs = 1
    return recipe
  }

  private func needed(_ recipe: Recipe, _ graph: Graph) -> Int {
    let plan = RunPlan.modelPlan(recipe: recipe, images: images, graph: graph)
    return ProcessMemoryPlan(plan, images: images, threads: 2).total
  }

  private func fit(_ recipe: Recipe, _ graph: Graph, limit: Int) throws -> Recipe {
    try MemoryChoice.fit(recipe, limit: limit, images: images, graph: graph, threads: 2)
  }

  @Test
  func `what fits is left as it is, then results are computed again, then the batch is halved`()
    throws
  {
    let graph = try graph("mobilenet-v2")
    let recipe = recipe("mobilenet-v2", batch: 512)
    let whole = needed(recipe, graph)
    #expect(
      try fit(recipe, graph, limit: whole).memory == MemorySettings(limit: whole)
    )
    let again = try fit(recipe, graph, limit: whole - 1)
    #expect(
      again.memory == MemorySettings(limit: whole - 1, microBatch: nil, recomputes: true)
    )
    let less = needed(again, graph)
    #expect(less < whole)
    let parts = try fit(recipe, graph, limit: less - 1)
    #expect(try required(parts.memory?.microBatch) < 512)
    #expect(parts.batchSize == 512)
    #expect(needed(parts, graph) < less)
  }

  @Test(arguments: ["cnn", "resnet18", "mobilenet-v2"])
  func `every limit is kept, or refused with the least that would do`(_ name: String) throws {
    let graph = try graph(name)
    let recipe = recipe(name, batch: 64)
    let whole = needed(recipe, graph)
    for share in [0.95, 0.8, 0.6, 0.3] {
      let limit = Int(Double(whole) * share)
      do {
        let chosen = try fit(recipe, graph, limit: limit)
        #expect(needed(chosen, graph) <= limit)
        #expect(chosen.memory?.limit == limit)
      } catch let error as MemoryLimitError {
        #expect(error.least > limit)
        #expect(needed(try fit(recipe, graph, limit: error.least), graph) <= error.least)
      }
    }
  }

  @Test
  func `a run in parts sees every image once, and has the whole batch's losses`() throws {
    var recipe = recipe("dnn")
    recipe.epochs = 2
    let whole = try TestRun()
    try whole.train(recipe)
    recipe.memory = MemorySettings(limit: 1 << 30, microBatch: 33, recomputes: true)
    let parts = try TestRun()
    let result = try parts.train(recipe, threads: 2)
    #expect(result?.status == .finished)
    #expect(parts.steps.count == whole.steps.count)
    for (ours, theirs) in zip(parts.steps, whole.steps) {
      #expect(abs(ours.loss - theirs.loss) < 1e-3)
    }
    #expect(abs(parts.steps[0].loss - whole.steps[0].loss) < 1e-6)
    let (ours, theirs) = (try required(parts.epochs.last), try required(whole.epochs.last))
    #expect(abs(ours.trainAccuracy - theirs.trainAccuracy) < 0.01)
    #expect(abs(try required(ours.validationLoss) - required(theirs.validationLoss)) < 1e-3)
  }

  @Test
  func `a run in parts goes on with its bits, and one that computes again has the plain one's`()
    throws
  {
    var recipe = recipe("cnn")
    let plain = try TestRun()
    try plain.train(recipe)
    recipe.memory = MemorySettings(limit: 1 << 30, recomputes: true)
    let again = try TestRun()
    try again.train(recipe)
    #expect(try again.finalState() == plain.finalState())
    recipe.memory?.microBatch = 30
    let undisturbed = try TestRun()
    try undisturbed.train(recipe)
    let run = try TestRun()
    try run.train(recipe, interruptAt: 7)
    try run.train(recipe, threads: 2, start: .resumed(run.checkpoints.newest().checkpoint))
    #expect(try run.finalState() == undisturbed.finalState())
    #expect(try run.finalState() != plain.finalState())
  }
}
