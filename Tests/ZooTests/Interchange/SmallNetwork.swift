import Engine
import Foundation
import TestSupport
import Weights

/// The network of `Fixtures/Interchange`, under either library's names.
enum SmallNetwork: String, CaseIterable, Sendable {
  case pytorch
  case keras

  static let inputShape = Shape([6, 5, 3])
  static let batch = 2

  /// The names of its layers with weights.
  private var names: [String] {
    switch self {
    case .pytorch: ["features.0", "features.1", "features.3", "classifier.0", "classifier.2"]
    case .keras: ["conv", "norm", "depthwise", "fc1", "fc2"]
    }
  }

  func graph() throws -> Graph {
    let graph = GraphBuilder(inputShape: SmallNetwork.inputShape)
    if self == .keras { graph.conventions = .keras }
    graph.conventions.normalizationEpsilon = 1e-5
    let padding = Window.Padding(top: 1, left: 0, bottom: 1, right: 0)
    var value = try graph.convolution(
      graph.input,
      names[0],
      channels: 4,
      window: Window(height: 3, width: 2, padding: padding),
      bias: false
    )
    value = try graph.relu(graph.batchNormalization(value, names[1]))
    let window = Window(size: 3, padding: .even(1))
    value = try graph.depthwiseConvolution(value, names[2], window: window, multiplier: 2)
    value = try graph.flatten(graph.relu(value))
    value = try graph.relu(graph.dense(value, names[3], features: 7))
    return graph.graph(output: try graph.dense(value, names[4], features: 5))
  }

  /// The network with weights drawn from a seed; it only evaluates unless it `trains`.
  func model(trains: Bool = false) throws -> Model {
    let plan = ModelPlan(
      graph: try graph(),
      optimizer: .adam(weightDecay: 0),
      trainingBatches: trains ? [SmallNetwork.batch] : [],
      evaluationBatches: [SmallNetwork.batch]
    )
    let model = try Model(plan: plan, threads: 1)
    model.initialize(seed: 3)
    return model
  }

  /// The stored file of its weights.
  var path: String { SmallNetwork.fixture(rawValue) }

  static func fixture(_ name: String) -> String {
    Bundle.module.bundlePath + "/Fixtures/Interchange/\(name).safetensors"
  }
}

extension Model {
  /// The logits of channels-first images in evaluation.
  func logits(of images: [Float], batch: Int) -> [Float] {
    let channels = plan.graph.inputShape.channels
    let ordered = ChannelOrder.channelsLast(images, batch: batch, channels: channels)
    _ = evaluationInput(batch: batch).images.update(from: ordered)
    _ = evaluate(batch: batch)
    return Array(logits(mode: .evaluation, batch: batch))
  }

  /// Every weight and statistic by name, as in memory.
  var weights: [String: [Float]] {
    Dictionary(
      uniqueKeysWithValues: plan.graph.parameters.enumerated().map {
        ($1.name, Array(values(of: $0)))
      }
    )
  }
}
