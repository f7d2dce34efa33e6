import ArgumentParser
import Foundation
import RunStore
import Telemetry
import Training

/// Hands a run's weights to other programs.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a run's weights to a file for other programs.",
    discussion: """
      Names and layouts are those of PyTorch (torchvision, timm) or Keras, whichever the \
      architecture comes from: 'descent models' says which. The file holds weights and BatchNorm's \
      statistics, not the optimizer; 'descent train --pretrained' reads it too.
      """
  )

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case safetensors
  }

  /// Which of the run's weights.
  enum Moment: String, ExpressibleByArgument, CaseIterable {
    case best
    case last
  }

  @Argument(help: ArgumentHelp("Number or name of the run.", valueName: "run"))
  var name: String

  @Option(help: "safetensors.")
  var format: Format = .safetensors

  @Option(help: "best: of the epoch with the lowest validation loss; last: the newest.")
  var at: Moment = .best

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file to write; one that is there is replaced.", valueName: "file")
  )
  var output: String

  func run() throws {
    let store = try StoreLocation.open()
    let summary = try store.summary(of: try store.run(matching: name))
    let checkpoint = try self.checkpoint(of: summary, in: store)
    let recipe = summary.description.recipe
    let written = try checkpoint.exportWeights(
      metadata: [
        "format": "pt", "architecture": recipe.architecture, "data": recipe.data,
        "run": summary.description.name, "classes": String(recipe.classes),
        "epoch": String(checkpoint.epoch), "step": String(checkpoint.step),
      ],
      to: output
    )
    StandardOutput.write(
      String(
        format: "%@: %d tensors, %.1f MiB, of %@ after epoch %d (step %d, %@)",
        output,
        written.tensors,
        Double(written.bytes) / Double(1 << 20),
        summary.description.name,
        checkpoint.epoch,
        checkpoint.step,
        at.rawValue
      )
    )
  }

  /// - Throws: `UsageError.noBest`, `CheckpointError` or `SafetensorsError`.
  private func checkpoint(of run: RunSummary, in store: RunStore) throws -> Checkpoint {
    let directory = CheckpointDirectory(path: LiveRun.checkpoints(of: run.id, in: store))
    let newest = try directory.newest().checkpoint
    guard at == .best else { return newest }
    guard let step = newest.bestStep else {
      throw UsageError.noBest(run: run.description.name)
    }
    return try Checkpoint(path: directory.file(step: step))
  }
}
