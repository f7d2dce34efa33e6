import ArgumentParser
import Foundation
import RunStore
import Telemetry
import Training
import Weights

/// Trains a stored run again and verifies that it comes out the same.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Train a run again from its seed and verify that every bit is the same.",
    discussion: """
      Every recorded change is made again at its step; losses, learning rates and the weights of \
      all checkpoints are compared. The first step that differs is named, with exit status 1. \
      Nothing of the run is changed.
      """
  )

  @Argument(help: ArgumentHelp("Number or name of the run.", valueName: "run"))
  var name: String

  @Option(parsing: .unconditional, help: "Compute threads; no bit depends on them.")
  var threads: Int?

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() throws {
    let store = try StoreLocation.open()
    let summary = try store.summary(of: try store.run(matching: name))
    let source = try RecordedRun(summary, in: store)
    let replay = Replay(
      stages: source.stages,
      record: source.record,
      directory: NSTemporaryDirectory() + "descent-replay-\(UUID().uuidString)",
      threads: min(threads ?? ProcessInfo.processInfo.activeProcessorCount, 256),
      progress: { event in
        if case .epoch(let sample) = event {
          StandardError.write("descent: epoch \(sample.epoch) trained again")
        }
      }
    )
    let result = try replay.run()
    for problem in result.problems { StandardError.write("descent: \(problem)") }
    if json {
      StandardOutput.write(JSONText.document(ReplayJSON(summary.description.name, result)))
    } else {
      StandardOutput.write(ReplayCommand.sentence(result))
    }
    if result.difference != nil { throw ExitStatus.failed }
  }

  private static func sentence(_ result: ReplayResult) -> String {
    let compared =
      "\(result.steps) steps, \(result.epochs) epochs and \(result.checkpoints) checkpoints"
    guard let difference = result.difference else { return "\(compared): every bit is the same" }
    return "first difference at step \(difference.step): \(difference.text)"
  }
}

/// A run as its store tells it, cut into the parts that are trained one after the other.
private struct RecordedRun {
  let stages: [ReplayStage]
  let record: ReplayRecord

  init(_ summary: RunSummary, in store: RunStore) throws {
    let history = try store.history(of: summary.id)
    // Each fork begins a new part.
    var parts: [[RunChange]] = [[]]
    for change in history.changes where change.details?.settings != nil {
      if change.kind == .fork { parts.append([]) }
      parts[parts.count - 1].append(change)
    }
    // A limit on its time ends a run somewhere else each time.
    let endsByRecipe =
      summary.status == .finished && !history.changes.contains { $0.kind == .earlyStop }
    let last = endsByRecipe ? nil : history.steps.last?.step ?? 0
    var ends: [(recipe: Recipe, through: Int?)] = try store.lineage(of: summary.id).map {
      ($0.recipe, $0.through)
    }
    ends.append((summary.description.recipe, last))
    stages = try ends.enumerated().map { number, end in
      let launcher = try RunLauncher(recipe: end.recipe)
      let weights =
        number == 0 ? try end.recipe.pretrained.map(PretrainedFile.init(recorded:)) : nil
      return ReplayStage(
        plan: launcher.plan,
        description: launcher.plan.description(
          run: summary.id,
          name: summary.description.name,
          threads: launcher.threads,
          startedAt: summary.description.startedAt
        ),
        changes: number < parts.count ? parts[number] : [],
        through: end.through,
        initialWeights: weights?.file
      )
    }
    let directory = CheckpointDirectory(path: LiveRun.checkpoints(of: summary.id, in: store))
    record = ReplayRecord(
      steps: history.steps,
      epochs: history.epochs,
      checkpoints: Dictionary(
        uniqueKeysWithValues: directory.steps().map { ($0, directory.file(step: $0)) }
      )
    )
  }
}

/// `replay --json`.
private struct ReplayJSON: Encodable {
  let run: String
  let steps: Int
  let epochs: Int
  let checkpoints: Int
  let isIdentical: Bool
  let firstDifference: Difference?

  struct Difference: Encodable {
    let step: Int
    let text: String
  }

  init(_ run: String, _ result: ReplayResult) {
    self.run = run
    steps = result.steps
    epochs = result.epochs
    checkpoints = result.checkpoints
    isIdentical = result.difference == nil
    firstDifference = result.difference.map { Difference(step: $0.step, text: $0.text) }
  }
}
