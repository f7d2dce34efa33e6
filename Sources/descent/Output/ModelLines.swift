import Engine
import Terminal
import Zoo

/// Architectures as people read them.
enum ModelLines {
  /// The catalogue: a line an architecture.
  static func catalogue(
    _ architectures: [Architecture],
    _ costs: [Result<CountedArchitecture, GraphError>],
    input: Shape?,
    batch: Int
  ) -> [String] {
    let header = [
      "name", "family", "input", "parameters", "multiply-adds", "memory at \(batch)", "what it is",
    ]
    let rows = zip(architectures, costs).map { architecture, cost in
      let start = [architecture.name, architecture.family]
      switch cost {
      case .success(let cost):
        let counts = cost.graph.parameterCounts
        return start + [
          cost.input.description, Figures.count(counts.trainable + counts.statistics),
          Figures.count(cost.multiplyAdds), Figures.memory(cost.memory[.f32]?.total ?? 0),
          architecture.summary,
        ]
      case .failure(let problem):
        let shape = input ?? architecture.nativeInput
        return start + [shape.description, "-", "-", "-", "does not fit: \(problem)"]
      }
    }
    return TextTable.lines([header] + rows, leftAligned: [0, 1, 6])
  }

  /// One architecture: its layers, its totals, its diagram.
  static func description(of cost: CountedArchitecture, optimizer: String) -> [String] {
    let header = ["layer", "type", "output shape", "parameters", "connected to"]
    let rows = cost.graph.layerTable.map { row in
      [
        row.name, row.type, row.outputShape.description, Figures.count(row.parameters),
        connections(row.connectedTo),
      ]
    }
    return TextTable.lines([header] + rows, leftAligned: [0, 1, 4])
      + [""] + totals(of: cost, optimizer: optimizer)
      + [""] + BlockDiagram(cost.graph).lines()
  }

  /// A layer that reads dozens of others names the first ones.
  private static func connections(_ names: [String]) -> String {
    let shown = names.prefix(4).joined(separator: ", ")
    return names.count > 4 ? "\(shown) and \(names.count - 4) more" : shown
  }

  private static func totals(of cost: CountedArchitecture, optimizer: String) -> [String] {
    let counts = cost.graph.parameterCounts
    var rows = [
      ["parameters", Figures.count(counts.trainable + counts.statistics), ""],
      ["trainable", Figures.count(counts.trainable), "in \(cost.weightTensors) tensors"],
      ["non-trainable", Figures.count(counts.statistics), ""],
      ["multiply-adds", Figures.count(cost.multiplyAdds), "of one image's forward pass"],
      ["layers", Figures.count(cost.layers), ""],
    ]
    for precision in Precision.allCases {
      guard let memory = cost.memory[precision] else { continue }
      rows.append([
        "memory, \(precision.rawValue)", Figures.memory(memory.total),
        "to train at a batch of \(cost.batch) with \(optimizer), activations "
          + Figures.memory(memory.arena),
      ])
    }
    return TextTable.lines(rows, leftAligned: [0, 2])
  }
}
