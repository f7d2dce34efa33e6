import ArgumentParser
import Foundation
import RunStore
import Telemetry

/// Lists runs.
struct Runs: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "List runs, newest first.")

  @Flag(help: "One JSON document.")
  var json = false

  func run() throws {
    let summaries = try StoreLocation.open().summaries()
    if json {
      StandardOutput.write(JSONText.document(summaries.map(Row.init)))
    } else if summaries.isEmpty {
      StandardError.write("there are no runs yet; 'descent train cnn --data digits' starts one")
    } else {
      for line in table(summaries) { StandardOutput.write(line) }
    }
  }

  private func table(_ runs: [RunSummary]) -> [String] {
    let header = [
      "run", "name", "status", "epoch", "val loss", "val acc", "@", "parameters", "s/epoch", "LR",
    ]
    let rows = runs.map { run in
      [
        run.id.description,
        run.description.name,
        run.status.rawValue,
        "\(run.epoch)/\(run.description.recipe.epochs)",
        run.bestValidationLoss.map(Figures.loss) ?? "-",
        run.bestValidationAccuracy.map(Figures.percent) ?? "-",
        run.bestEpoch.map(String.init) ?? "-",
        Figures.count(run.description.parameters.total),
        run.secondsPerEpoch.map { String(format: "%.2f", $0) } ?? "-",
        Figures.rate(run.learningRate),
      ]
    }
    return TextTable.lines([header] + rows, leftAligned: [1, 2])
  }

  /// A run in JSON.
  private struct Row: Encodable {
    let run: Int64
    let name: String
    let status: String
    let architecture: String
    let data: String
    let precision: String
    let epoch: Int
    let epochs: Int
    let step: Int
    let parameters: Int
    let bestEpoch: Int?
    let bestValLoss: Double?
    let bestValAccuracy: Double?
    let testAccuracy: Double?
    let secondsPerEpoch: Double?
    let learningRate: Double
    let startedAt: Double
    let updatedAt: Double

    init(_ run: RunSummary) {
      self.run = run.id.number
      name = run.description.name
      status = run.status.rawValue
      architecture = run.description.recipe.architecture
      data = run.description.recipe.data
      precision = run.description.recipe.precision.rawValue
      epoch = run.epoch
      epochs = run.description.recipe.epochs
      step = run.step
      parameters = run.description.parameters.total
      bestEpoch = run.bestEpoch
      bestValLoss = run.bestValidationLoss
      bestValAccuracy = run.bestValidationAccuracy
      testAccuracy = run.testAccuracy
      secondsPerEpoch = run.secondsPerEpoch
      learningRate = run.learningRate
      startedAt = run.description.startedAt
      updatedAt = run.updatedAt
    }
  }
}
