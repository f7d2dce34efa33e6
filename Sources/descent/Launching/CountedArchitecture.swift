import Dispatch
import Engine
import Synchronization
import Zoo

/// What an architecture costs on images of one size: known from its graph, nothing is allocated.
struct CountedArchitecture: Sendable {
  let architecture: Architecture
  let input: Shape
  let classes: Int
  let batch: Int
  let graph: Graph
  let multiplyAdds: Int
  let memory: [Precision: MemoryReport]

  /// Builds and plans a network.
  ///
  /// `input` and `classes` default to those the architecture is published with.
  ///
  /// - Throws: `GraphError` where the network does not take these images.
  init(
    _ architecture: Architecture,
    input: Shape? = nil,
    classes: Int? = nil,
    batch: Int,
    optimizer: Optimizer
  ) throws(GraphError) {
    let graph = try architecture.graph(
      inputShape: input ?? architecture.nativeInput,
      classes: classes ?? architecture.nativeClasses
    )
    self.init(architecture, graph: graph, batch: batch, optimizer: optimizer)
  }

  init(_ architecture: Architecture, graph: Graph, batch: Int, optimizer: Optimizer) {
    self.architecture = architecture
    self.graph = graph
    self.batch = batch
    input = graph.inputShape
    classes = graph.outputShape.count
    multiplyAdds = graph.multiplyAdds
    memory = graph.trainingMemory(batch: batch, optimizer: optimizer)
  }

  /// Layers, the images not among them.
  var layers: Int { graph.nodes.count - 1 }
  var weightTensors: Int { graph.parameters.count { $0.isTrainable } }

  /// The costs of many, worked out on all processors: each a cost or the reason there is none.
  static func all(
    _ architectures: [Architecture],
    input: Shape?,
    classes: Int?,
    batch: Int,
    optimizer: Optimizer
  ) -> [Result<CountedArchitecture, GraphError>] {
    let costs = Mutex<[Int: Result<CountedArchitecture, GraphError>]>([:])
    DispatchQueue.concurrentPerform(iterations: architectures.count) { index in
      let cost = Result { () throws(GraphError) -> CountedArchitecture in
        try CountedArchitecture(
          architectures[index],
          input: input,
          classes: classes,
          batch: batch,
          optimizer: optimizer
        )
      }
      costs.withLock { $0[index] = cost }
    }
    return costs.withLock { costs in architectures.indices.compactMap { costs[$0] } }
  }
}

extension Architecture {
  /// The network for these images and classes.
  ///
  /// - Throws: `UsageError.imagesDoNotFit`, with the smallest side that does.
  func fitted(to input: Shape, classes: Int) throws -> Graph {
    do {
      return try graph(inputShape: input, classes: classes)
    } catch {
      throw UsageError.imagesDoNotFit(
        architecture: name,
        problem: error,
        smallestSide: smallestSide(above: input, classes: classes)
      )
    }
  }

  /// The side of the smallest square images the network takes, by trying: nil where larger images
  /// would not help.
  func smallestSide(above input: Shape, classes: Int) -> Int? {
    func fits(_ side: Int) -> Bool {
      let shape = Shape.map(height: side, width: side, channels: input.channels)
      return (try? graph(inputShape: shape, classes: classes)) != nil
    }
    var low = min(input.height, input.width)
    var high = max(2 * low, nativeInput.height)
    guard fits(high) else { return nil }
    while high - low > 1 {
      let middle = (low + high) / 2
      if fits(middle) { high = middle } else { low = middle }
    }
    return high
  }
}
