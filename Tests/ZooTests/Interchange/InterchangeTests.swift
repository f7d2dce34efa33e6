import Engine
import Foundation
import TestSupport
import Testing
import Weights
import Zoo

/// Descent's side of `make verify-interchange`, whose other side is a Python script with the
/// libraries themselves.
@Suite
struct InterchangeTests {
  /// The folder in which the script leaves its files and looks for ours.
  private static let folder = ProcessInfo.processInfo.environment["DESCENT_INTERCHANGE"]

  @Test(.enabled(if: folder != nil, "make verify-interchange runs it"))
  func `weights of other libraries are read, and ours are written for them`() throws {
    let folder = try #require(InterchangeTests.folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".theirs.safetensors") }
      .map { String($0.dropLast(".theirs.safetensors".count)) }
    #expect(!names.isEmpty)
    for name in names { try exchange(name, folder + "/" + name) }
  }

  /// Computes with the library's weights, then with weights of our own, which it writes.
  private func exchange(_ name: String, _ path: String) throws {
    let theirs = try SafetensorsFile(path: path + ".theirs.safetensors")
    let pass = try SafetensorsFile(path: path + ".image.safetensors")
    let image = try #require(pass.tensor("image"))
    let classes = try Int(pass.int64s("classes")[0])
    let architecture = try #require(Catalog.architecture(named: name))
    let shape = Shape([image.shape[2], image.shape[3], image.shape[1]])
    let plan = ModelPlan(
      graph: try architecture.graph(inputShape: shape, classes: classes),
      optimizer: .sgd(momentum: 0, weightDecay: 0, nesterov: false),
      trainingBatches: [],
      evaluationBatches: [1]
    )
    let model = try Model(plan: plan, threads: 2)
    var results = SafetensorsWriter()
    func compute(_ result: String) throws {
      let logits = model.logits(of: try pass.floats("image"), batch: 1)
      results.add(result, shape: [1, classes], floats: logits)
    }

    try ModelFile.readWeights(theirs, into: model)
    try compute("theirs")

    model.initialize(seed: 5)
    moveStatistics(of: model)
    try compute("ours")
    try ModelFile.write(model, metadata: [:], to: path + ".checkpoint.safetensors")
    _ = try ModelFile.export(
      SafetensorsFile(path: path + ".checkpoint.safetensors"),
      updates: 7,
      metadata: ["format": "pt"],
      to: path + ".ours.safetensors"
    )
    try results.write(to: path + ".results.safetensors")
  }

  /// Gives BatchNorm's statistics values that are not the first ones.
  private func moveStatistics(of model: Model) {
    for (index, parameter) in model.plan.graph.parameters.enumerated() where !parameter.isTrainable
    {
      let offset = parameter.spec.meaning == .variance ? 1.0 : 0.0
      let values = HashedValues.values(
        parameter.name,
        count: parameter.count,
        scale: 0.2,
        offset: offset
      )
      _ = model.values(of: index).update(from: values)
    }
  }
}
