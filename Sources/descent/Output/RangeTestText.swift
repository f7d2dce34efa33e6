import Foundation
import Telemetry

/// A range test in characters and in JSON.
enum RangeTestText {
  private static let rows = 14

  /// The smoothed loss over the rate's logarithm, and what to take of it.
  static func plot(_ test: RangeTest) -> String {
    guard let first = test.points.first, let last = test.points.last, test.points.count > 1 else {
      return "the loss was no number from the first step on"
    }
    let losses = test.points.map(\.smoothed)
    let (low, high) = (losses.min() ?? 0, losses.max() ?? 0)
    // Where it explodes, the valley would be a flat line.
    let fall = max((losses.first ?? high) - low, 1e-12)
    let top = min(high, max(low + 2 * fall, min(test.guessing, 100 * low)))
    var grid = Array(
      repeating: Array(repeating: Character(" "), count: test.points.count),
      count: rows
    )
    for (column, loss) in losses.enumerated() where loss <= top {
      let share = top > low ? (loss - low) / (top - low) : 0
      grid[rows - 1 - Int((share * Double(rows - 1)).rounded())][column] = "•"
    }
    var lines = grid.enumerated().map { row, cells in
      let label =
        row == 0 ? number(top) : row == rows - 1 ? number(low) : String(repeating: " ", count: 7)
      return "\(label) │" + String(cells)
    }
    lines.append(String(repeating: " ", count: 8) + "└" + axis(test.points.map(\.rate)))
    lines.append(
      String(repeating: " ", count: 9) + "learning rate \(LearningRateText.string(first.rate)) to "
        + "\(LearningRateText.string(last.rate)), smoothed loss"
    )
    lines.append("")
    lines.append(suggestion("valley", test.valley))
    lines.append(suggestion("steepest", test.steepest))
    return lines.joined(separator: "\n")
  }

  private static func suggestion(_ name: String, _ rate: Double?) -> String {
    let text =
      rate.map { "--lr \(LearningRateText.string($0))" }
      ?? "none: the loss does not fall by more than batches differ"
    return name.padding(toLength: 10, withPad: " ", startingAt: 0) + text
  }

  private static func number(_ value: Double) -> String {
    let text = String(format: "%.4g", value)
    return String(repeating: " ", count: max(0, 7 - text.count)) + text
  }

  /// A mark at every power of ten.
  private static func axis(_ rates: [Double]) -> String {
    String(
      rates.indices.map { index in
        guard index > 0 else { return "─" }
        return floor(log10(rates[index])) > floor(log10(rates[index - 1])) ? "┴" : "─"
      }
    )
  }

  static func json(_ test: RangeTest) -> String {
    struct Point: Encodable {
      let learningRate: Double
      let loss: Double
      let smoothedLoss: Double
    }
    struct Document: Encodable {
      let points: [Point]
      let valley: Double?
      let steepest: Double?
      let stateHash: String?
    }
    let document = Document(
      points: test.points.map {
        Point(learningRate: $0.rate, loss: $0.loss, smoothedLoss: $0.smoothed)
      },
      valley: test.valley,
      steepest: test.steepest,
      stateHash: test.stateHash
    )
    return JSONText.document(document)
  }
}
