import Engine
import Zoo

/// An architecture in JSON: what it is, and what it costs or why it does not take the images.
struct ModelJSON: Encodable {
  let name: String
  let family: String
  let summary: String
  let input: [Int]
  let classes: Int
  var parameters: Parameters?
  var weightTensors: Int?
  var layers: Int?
  var multiplyAdds: Int?
  var memory: Memory?
  var problem: String?
  var layerTable: [Layer]?

  struct Parameters: Encodable {
    let total: Int
    let trainable: Int
    let nonTrainable: Int
  }

  /// Bytes of a training step.
  struct Memory: Encodable {
    let batch: Int
    let optimizer: String
    let f32: Report?
    let bf16: Report?

    struct Report: Encodable {
      let weights: Int
      let optimizerState: Int
      let gradients: Int
      let activations: Int
      let peakTraining: Int

      init(_ report: MemoryReport) {
        weights = report.weights
        optimizerState = report.optimizerState
        gradients = report.gradients
        activations = report.arena
        peakTraining = report.total
      }
    }
  }

  struct Layer: Encodable {
    let name: String
    let type: String
    let outputShape: [Int]
    let parameters: Int
    let connectedTo: [String]
    let multiplyAdds: Int

    init(_ row: LayerRow) {
      name = row.name
      type = row.type
      outputShape = row.outputShape.dimensions
      parameters = row.parameters
      connectedTo = row.connectedTo
      multiplyAdds = row.multiplyAdds
    }
  }

  /// An architecture that does not take the images.
  init(_ architecture: Architecture, input: Shape, classes: Int, problem: GraphError) {
    name = architecture.name
    family = architecture.family
    summary = architecture.summary
    self.input = input.dimensions
    self.classes = classes
    self.problem = problem.description
  }

  init(_ cost: CountedArchitecture, optimizer: String, withLayers: Bool) {
    let counts = cost.graph.parameterCounts
    name = cost.architecture.name
    family = cost.architecture.family
    summary = cost.architecture.summary
    input = cost.input.dimensions
    classes = cost.classes
    parameters = Parameters(
      total: counts.trainable + counts.statistics,
      trainable: counts.trainable,
      nonTrainable: counts.statistics
    )
    weightTensors = cost.weightTensors
    layers = cost.layers
    multiplyAdds = cost.multiplyAdds
    memory = Memory(
      batch: cost.batch,
      optimizer: optimizer,
      f32: cost.memory[.f32].map(Memory.Report.init),
      bf16: cost.memory[.bf16].map(Memory.Report.init)
    )
    if withLayers { layerTable = cost.graph.layerTable.map(Layer.init) }
  }
}
