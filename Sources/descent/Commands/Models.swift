import ArgumentParser
import Engine
import Zoo

/// Lists the architectures.
struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the architectures with their cost."
  )

  @Option(help: "Height, width and channels of the images.")
  var input: String = "32x32x3"

  @Option(help: "Number of outputs.")
  var classes: Int = 10

  @Flag(help: "One JSON document.")
  var json = false

  func run() throws {
    guard classes >= 1 else {
      throw UsageError.notPositive(option: "--classes", value: String(classes))
    }
    let shape = try inputShape()
    let rows = try Catalog.architectures.map { try Row($0, shape: shape, classes: classes) }
    if json {
      StandardOutput.write(JSONText.document(rows))
    } else {
      let header = ["name", "family", "parameters", "multiply-adds", "layers", "what it is"]
      let cells = rows.map {
        [
          $0.name, $0.family, Figures.count($0.parameters.total), Figures.count($0.multiplyAdds),
          Figures.count($0.layers), $0.summary,
        ]
      }
      for line in TextTable.lines([header] + cells, leftAligned: [0, 1, 5]) {
        StandardOutput.write(line)
      }
    }
  }

  private func inputShape() throws -> Shape {
    let sides = input.split(separator: "x").map { Int($0) ?? 0 }
    guard sides.count == 3, sides.allSatisfy({ $0 >= 1 }) else {
      throw UsageError.unreadable(
        option: "--input",
        value: input,
        wanted: "height, width and channels like 32x32x3"
      )
    }
    return Shape(sides)
  }

  /// An architecture in JSON.
  private struct Row: Encodable {
    let name: String
    let family: String
    let summary: String
    let input: [Int]
    let classes: Int
    let parameters: Parameters
    let multiplyAdds: Int
    let layers: Int
    let weightTensors: Int

    struct Parameters: Encodable {
      let total: Int
      let trainable: Int
      let nonTrainable: Int
    }

    init(_ architecture: Architecture, shape: Shape, classes: Int) throws {
      let graph = try architecture.graph(inputShape: shape, classes: classes)
      let counts = graph.parameterCounts
      name = architecture.name
      family = architecture.family
      summary = architecture.summary
      input = shape.dimensions
      self.classes = classes
      parameters = Parameters(
        total: counts.trainable + counts.statistics,
        trainable: counts.trainable,
        nonTrainable: counts.statistics
      )
      multiplyAdds = graph.multiplyAdds
      layers = graph.nodes.count - 1
      weightTensors = graph.parameters.count { $0.isTrainable }
    }
  }
}
