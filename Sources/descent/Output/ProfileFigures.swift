import Engine
import Foundation
import Kernels

/// Where the time of a training step goes, measured beside predicted.
struct ProfileFigures: Encodable {
  /// A pass of one operation, or of all of a kind.
  struct Pass: Encodable {
    /// Median.
    let ms: Double
    let predictedMs: Double
    let bytes: Int
    let multiplyAdds: Int

    init(ms: Double, _ cost: PassCost, _ rates: MachineRates) {
      self.ms = ms
      predictedMs = rates.seconds(for: cost) * 1000
      bytes = cost.byteCount
      multiplyAdds = cost.multiplyAdds
    }

    /// The sum of several.
    init(_ passes: [Pass]) {
      ms = passes.reduce(0) { $0 + $1.ms }
      predictedMs = passes.reduce(0) { $0 + $1.predictedMs }
      bytes = passes.reduce(0) { $0 + $1.bytes }
      multiplyAdds = passes.reduce(0) { $0 + $1.multiplyAdds }
    }
  }

  struct Operation: Encodable {
    let name: String
    let kind: String
    let outputShape: [Int]
    let type: String
    let forward: Pass
    let backward: Pass?
  }

  /// All operations of one kind.
  struct Kind: Encodable {
    let kind: String
    let operations: Int
    let forward: Pass
    let backward: Pass
  }

  let operations: [Operation]
  /// Those that take the most first.
  let kinds: [Kind]
  let lossMs: Double
  let update: Pass
  let total: Pass

  init(
    _ planned: [PlannedOperation],
    _ profile: StepProfile,
    update updateCost: PassCost,
    rates: MachineRates
  ) {
    operations = planned.indices.map { index in
      let operation = planned[index]
      return Operation(
        name: operation.name,
        kind: operation.kind,
        outputShape: operation.shape.dimensions,
        type: "\(operation.element)",
        forward: Pass(ms: median(profile.forward[index]), operation.forward, rates),
        backward: operation.backward.map {
          Pass(ms: median(profile.backward[index]), $0, rates)
        }
      )
    }
    kinds = Dictionary(grouping: operations, by: \.kind).map { kind, members in
      Kind(
        kind: kind,
        operations: members.count,
        forward: Pass(members.map(\.forward)),
        backward: Pass(members.compactMap(\.backward))
      )
    }.sorted { ($1.ms, $0.kind) < ($0.ms, $1.kind) }
    lossMs = median(profile.loss)
    update = Pass(ms: median(profile.update), updateCost, rates)
    total = Pass(operations.flatMap { [$0.forward, $0.backward].compactMap(\.self) } + [update])
  }
}

extension ProfileFigures.Kind {
  var ms: Double { forward.ms + backward.ms }
}

/// Milliseconds of the middle one of some times in seconds.
private func median(_ seconds: [Double]) -> Double {
  seconds.isEmpty ? 0 : seconds.sorted()[seconds.count / 2] * 1000
}

// MARK: - Lines

extension ProfileFigures {
  /// A table of operations as the network runs, one of kinds, and what is beside them.
  var lines: [String] {
    operationLines + [""] + kindLines + [""]
      + [
        String(
          format: "loss %.2f ms; update %.2f ms (least %.2f); in all %.2f ms (least %.2f)",
          lossMs,
          update.ms,
          update.predictedMs,
          total.ms + lossMs,
          total.predictedMs
        ),
        "least: the longer one of computing and of moving the bytes, at this machine's assumed "
          + "rates",
      ]
  }

  private static let passHeader = ["ms", "least", "MB", "M mul-add"]

  private var operationLines: [String] {
    let header = ["layer", "operation", "output", "type"]
    let titles =
      header + ProfileFigures.passHeader.map { "fwd " + $0 }
      + ProfileFigures.passHeader.map { "bwd " + $0 }
    let rows = operations.map { row in
      [
        shortened(row.name), row.kind, row.outputShape.map(String.init).joined(separator: "x"),
        row.type,
      ] + cells(row.forward) + (row.backward.map(cells) ?? [])
    }
    return TextTable.lines([titles] + rows, leftAligned: [0, 1])
  }

  private var kindLines: [String] {
    let titles = ["kind", "operations", "fwd ms", "least", "bwd ms", "least", "share"]
    let rows = kinds.map { row in
      [
        row.kind, String(row.operations), figure(row.forward.ms), figure(row.forward.predictedMs),
        figure(row.backward.ms), figure(row.backward.predictedMs),
        String(format: "%.1f %%", 100 * row.ms / (total.ms + lossMs)),
      ]
    }
    return TextTable.lines([titles] + rows, leftAligned: [0])
  }

  private func cells(_ pass: Pass) -> [String] {
    [
      figure(pass.ms), figure(pass.predictedMs), String(format: "%.1f", Double(pass.bytes) / 1e6),
      pass.multiplyAdds == 0 ? "" : String(format: "%.0f", Double(pass.multiplyAdds) / 1e6),
    ]
  }

  private func figure(_ value: Double) -> String { String(format: "%.3f", value) }

  /// At most 30 characters, without the middle.
  private func shortened(_ name: String) -> String {
    name.count <= 30 ? name : name.prefix(10) + "…" + name.suffix(19)
  }
}
