import Engine
import Foundation
import Kernels

/// The operations of a training step as planned: what each moves, computes and takes at least.
struct PlanFigures: Encodable {
  /// A forward or a backward pass, or an update.
  struct Pass: Encodable {
    let bytes: Int
    let multiplyAdds: Int
    let predictedMs: Double

    init(_ cost: PassCost, _ rates: MachineRates) {
      bytes = cost.byteCount
      multiplyAdds = cost.multiplyAdds
      predictedMs = rates.seconds(for: cost) * 1000
    }

    /// The sum of several.
    init(_ passes: [Pass]) {
      bytes = passes.reduce(0) { $0 + $1.bytes }
      multiplyAdds = passes.reduce(0) { $0 + $1.multiplyAdds }
      predictedMs = passes.reduce(0) { $0 + $1.predictedMs }
    }
  }

  struct Operation: Encodable {
    let name: String
    let kind: String
    let outputShape: [Int]
    let type: String
    let outputBytes: Int
    let forward: Pass
    let backward: Pass?

    /// Forward and backward together.
    var both: Pass { Pass([forward, backward].compactMap(\.self)) }
  }

  let name: String
  let input: [Int]
  let classes: Int
  let batch: Int
  let precision: String
  let optimizer: String
  /// The rates behind the predicted times are those of this many threads.
  let threads: Int
  let operations: [Operation]
  let update: Pass
  let total: Pass
  let memory: ModelJSON.Memory.Report

  init(_ name: String, _ plan: ModelPlan, batch: Int, optimizer: String, threads: Int) {
    let rates = MachineRates.assumed(threads: threads)
    self.name = name
    input = plan.graph.inputShape.dimensions
    classes = plan.graph.outputShape.count
    self.batch = batch
    precision = plan.precision.rawValue
    self.optimizer = optimizer
    self.threads = threads
    operations = plan.trainingOperations(batch: batch).map { operation in
      Operation(
        name: operation.name,
        kind: operation.kind,
        outputShape: operation.shape.dimensions,
        type: "\(operation.element)",
        outputBytes: operation.outputByteCount,
        forward: Pass(operation.forward, rates),
        backward: operation.backward.map { Pass($0, rates) }
      )
    }
    update = Pass(plan.updateCost, rates)
    total = Pass(operations.map(\.both) + [update])
    memory = ModelJSON.Memory.Report(plan.memory)
  }
}

// MARK: - Lines

extension PlanFigures {
  /// Columns of a line that people read.
  private static let width = 80

  /// The plan as people read it, at most 80 columns wide.
  var lines: [String] {
    var rows = operations.map { row in
      cells(row.kind, output(row), row.both)
    }
    rows.append(cells("update, \(optimizer)", "", update))
    rows.append(cells("a step", "", total))
    let others = TextTable.lines(
      [["operation", "output", "MB", "M mul-add", "ms"]] + rows,
      leftAligned: [0, 1]
    )
    let names = ["layer"] + operations.map(\.name) + ["", ""]
    let widest = others.map(\.count).max() ?? 0
    let room = max(8, PlanFigures.width - widest - 2)
    let width = min(room, names.map(\.count).max() ?? 0)
    let table = zip(names, others).map { name, rest in
      PlanFigures.fitted(name, width) + "  " + rest
    }
    let isCut = names.contains { $0.count > width }
    return [heading] + table + [""] + memoryLines + [""] + PlanFigures.notes(isCut: isCut)
  }

  private var heading: String {
    "\(name) \(Shape(input)), \(classes) outputs: a training step of \(batch) in \(precision)"
  }

  private var memoryLines: [String] {
    let rows = [
      ["weights", Figures.memory(memory.weights)],
      ["optimizer", Figures.memory(memory.optimizerState)],
      ["gradients", Figures.memory(memory.gradients)],
      ["arena", Figures.memory(memory.activations)],
      ["peak", Figures.memory(memory.peakTraining)],
    ]
    return TextTable.lines(rows, leftAligned: [0])
  }

  private static func notes(isCut: Bool) -> [String] {
    let notes = [
      "MB, multiply-adds and ms are those of forward and backward together. ms is the",
      "least: computing or moving the bytes at fixed rates ('descent bench peak').",
    ]
    return isCut
      ? notes + ["Long names lost their middle; --json has them, and both passes."] : notes
  }

  private func cells(_ kind: String, _ output: String, _ pass: Pass) -> [String] {
    [
      kind.replacing("BatchNormalization", with: "BatchNorm")
        .replacing("LayerNormalization", with: "LayerNorm")
        .replacing("DepthwiseConvolution", with: "Depthwise"),
      output, String(format: "%.1f", Double(pass.bytes) / 1e6),
      pass.multiplyAdds == 0 ? "" : String(format: "%.0f", Double(pass.multiplyAdds) / 1e6),
      String(format: "%.2f", pass.predictedMs),
    ]
  }

  /// The shape, and the type where it is not the plan's.
  private func output(_ row: Operation) -> String {
    let shape = row.outputShape.map(String.init).joined(separator: "x")
    return row.type == precision ? shape : "\(shape) \(row.type)"
  }

  /// The name without its middle where it is too long, and with spaces where it is too short.
  private static func fitted(_ name: String, _ width: Int) -> String {
    guard name.count > width else {
      return name + String(repeating: " ", count: width - name.count)
    }
    let front = (width - 1) / 3
    return name.prefix(front) + "…" + name.suffix(width - 1 - front)
  }
}
