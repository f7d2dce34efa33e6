import Engine
import TestSupport
import Weights

/// A network here beside the reference's forward pass.
struct FullSizeCheck {
  let reference: ReferenceNetwork
  let translation: Translation
  let model: Model

  /// What came out, for the table of results.
  struct Outcome {
    /// Over all outputs: the largest difference relative to the output's largest logit.
    var logitError = 0.0
    /// The largest difference of a layer's four numbers, relative to its root mean square.
    var layerError = 0.0
    var worstLayer = ""
    var comparedLayers = 0
    var referenceLayers = 0
    /// What is wrong, in the order of the layers.
    var faults: [String] = []
  }

  static let tolerance = 1e-4

  init(_ reference: ReferenceNetwork, translation: Translation, graph: Graph) throws {
    self.reference = reference
    self.translation = translation
    let plan = ModelPlan(
      graph: graph,
      optimizer: .sgd(momentum: 0, weightDecay: 0, nesterov: false),
      trainingBatches: [],
      evaluationBatches: [1],
      keepsActivations: true
    )
    model = try Model(plan: plan, threads: 2)
  }

  private var graph: Graph { model.plan.graph }

  /// Fills weights and image, runs once and compares.
  ///
  /// Parameters whose names begin with a word of `constants` keep their first values.
  func run(constants: [String]) -> Outcome {
    var outcome = Outcome()
    model.initialize(seed: 1)
    fillWeights(constants: constants, &outcome)
    guard outcome.faults.isEmpty else { return outcome }
    _ = model.evaluationInput(batch: 1).images.update(from: reference.image)
    _ = model.evaluate(batch: 1)
    compareLayers(&outcome)
    compareLogits(&outcome)
    return outcome
  }

  // MARK: - Weights

  private func fillWeights(constants: [String], _ outcome: inout Outcome) {
    let indices = Dictionary(
      uniqueKeysWithValues: graph.parameters.enumerated().map { ($1.name, $0) }
    )
    var filled: [String: Int] = [:]
    for weight in reference.weights {
      guard let target = translation.parameter(weight.name) else { continue }
      guard let index = indices[target.name] else {
        outcome.faults.append("no parameter \(target.name) for \(weight.name)")
        continue
      }
      if let fault = place(weight, target.placement, at: index) {
        outcome.faults.append(fault)
      } else {
        filled[target.name, default: 0] += weight.shape.reduce(1, *)
      }
    }
    for parameter in graph.parameters where filled[parameter.name] != parameter.count {
      if constants.contains(where: parameter.name.hasPrefix) { continue }
      outcome.faults.append(
        "\(parameter.name): \(filled[parameter.name] ?? 0) of \(parameter.count) elements"
      )
    }
  }

  /// Copies an array; returns what does not fit.
  private func place(
    _ weight: ReferenceNetwork.Weight,
    _ placement: Translation.Placement,
    at index: Int
  ) -> String? {
    let parameter = graph.parameters[index]
    let memory = model.values(of: index)
    let values = weight.values
    switch placement {
    case .file:
      guard weight.shape == parameter.fileShape else {
        return "\(parameter.name) is \(parameter.fileShape), the reference's \(weight.shape)"
      }
      parameter.spec.fileLayout.fromFile(values, shape: parameter.spec.shape, into: memory)
    case .memory:
      guard values.count == memory.count else {
        return "\(parameter.name) is \(parameter.spec.shape), the reference's \(weight.shape)"
      }
      _ = memory.update(from: values)
    case .parts(let places, let count):
      guard values.count * count == memory.count * places.count,
        let columns = parameter.spec.shape.last
      else {
        return "\(parameter.name) is \(parameter.spec.shape), the reference's \(weight.shape)"
      }
      let width = columns / count
      for (source, place) in places.enumerated() {
        for row in 0..<memory.count / columns {
          for column in 0..<width {
            memory[row * columns + place * width + column] =
              values[(row * places.count + source) * width + column]
          }
        }
      }
    }
    return nil
  }

  // MARK: - Results

  private func compareLayers(_ outcome: inout Outcome) {
    let withWeights = Set(reference.weights.map(\.layer))
    outcome.referenceLayers = reference.layers.count
    let places = Dictionary(uniqueKeysWithValues: graph.nodes.enumerated().map { ($1.name, $0) })
    var compared: [(node: Int, error: Double, name: String)] = []
    for name in reference.layers.keys.sorted() {
      let base = translation.layer(name)
      let found = ([""] + translation.endings).compactMap { places[base + $0] }.max()
      guard let found, let expected = reference.summary(of: name),
        let values = model.activation(of: graph.nodes[found].name, batch: 1)
      else {
        if withWeights.contains(name) { outcome.faults.append("no layer \(base) for \(name)") }
        continue
      }
      let error = ArraySummary(of: values).relativeError(to: expected)
      compared.append((found, error, "\(graph.nodes[found].name) (\(name))"))
    }
    outcome.comparedLayers = compared.count
    for layer in compared.sorted(by: { $0.node < $1.node }) {
      if layer.error > outcome.layerError {
        (outcome.layerError, outcome.worstLayer) = (layer.error, layer.name)
      }
      if !(layer.error <= FullSizeCheck.tolerance) {
        outcome.faults.append("\(layer.name) differs by \(layer.error) of its root mean square")
      }
    }
  }

  private func compareLogits(_ outcome: inout Outcome) {
    let outputs = [graph.output] + graph.auxiliaries.map(\.value)
    guard outputs.count >= reference.logits.count else {
      outcome.faults.append("\(outputs.count) outputs, the reference has \(reference.logits.count)")
      return
    }
    for (output, expected) in zip(outputs, reference.logits) {
      let name = graph.nodes[output.node].name
      let logits = model.activation(of: name, batch: 1).map { Array($0) } ?? []
      let error = Closeness.relativeError(logits, expected)
      outcome.logitError = max(outcome.logitError, error)
      if !(error <= FullSizeCheck.tolerance) {
        outcome.faults.append("the logits of \(name) differ by \(error) of the largest")
      }
    }
  }
}
