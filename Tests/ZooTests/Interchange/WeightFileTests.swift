import Engine
import Foundation
import TestSupport
import Testing
import Weights

/// Weights between Descent and other programs, as files.
@Suite
struct WeightFileTests {
  let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "descent-weight-files-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func removeFolder() { try? FileManager.default.removeItem(atPath: folder) }

  @Test(arguments: SmallNetwork.allCases)
  func `a file of the other library loads and computes the same`(_ network: SmallNetwork) throws {
    defer { removeFolder() }
    let model = try network.model()
    try ModelFile.readWeights(SafetensorsFile(path: network.path), into: model)
    let pass = try SafetensorsFile(path: SmallNetwork.fixture("pass"))
    let logits = model.logits(of: try pass.floats("image"), batch: SmallNetwork.batch)
    #expect(Closeness.relativeError(logits, try pass.doubles("logits")) < 1e-6)
  }

  @Test(arguments: SmallNetwork.allCases)
  func `an exported checkpoint has the other library's tensors and no more`(
    _ network: SmallNetwork
  ) throws {
    defer { removeFolder() }
    let model = try network.model(trains: true)
    try ModelFile.readWeights(SafetensorsFile(path: network.path), into: model)
    let checkpoint = folder + "/checkpoint.safetensors"
    let exported = folder + "/exported.safetensors"
    try ModelFile.write(model, metadata: [:], to: checkpoint)
    let count = try ModelFile.export(
      SafetensorsFile(path: checkpoint),
      updates: 12,
      metadata: ["format": "pt"],
      to: exported
    )
    let (theirs, ours) = try (
      SafetensorsFile(path: network.path), SafetensorsFile(path: exported)
    )
    #expect(ours.metadata == ["format": "pt"])
    #expect(count.tensors == theirs.tensors.count)
    #expect(Set(ours.tensors.map(\.name)) == Set(theirs.tensors.map(\.name)))
    for tensor in theirs.tensors {
      #expect(ours.tensor(tensor.name)?.shape == tensor.shape, "\(tensor.name)")
      if tensor.type == .int64 {
        #expect(try ours.int64s(tensor.name) == theirs.int64s(tensor.name))
      } else {
        #expect(try ours.floats(tensor.name) == theirs.floats(tensor.name), "\(tensor.name)")
      }
    }
  }

  @Test
  func `a checkpoint's weights load without its optimizer`() throws {
    defer { removeFolder() }
    let trained = try SmallNetwork.keras.model(trains: true)
    let path = folder + "/checkpoint.safetensors"
    try ModelFile.write(trained, metadata: [:], to: path)
    let model = try SmallNetwork.keras.model()
    model.initialize(seed: 99)
    #expect(model.weights != trained.weights)
    try ModelFile.readWeights(SafetensorsFile(path: path), into: model)
    #expect(model.weights == trained.weights)
  }

  @Test
  func `missing, extra, misshapen and mistyped tensors are named before anything is read`() throws {
    defer { removeFolder() }
    let path = folder + "/wrong.safetensors"
    let model = try SmallNetwork.pytorch.model()
    var writer = SafetensorsWriter()
    for parameter in model.plan.graph.parameters where parameter.name != "features.0.weight" {
      let shape = parameter.name == "classifier.2.weight" ? [10, 7] : parameter.fileShape
      let count = shape.reduce(1, *)
      if parameter.name == "features.1.bias" {
        writer.add(parameter.name, shape: shape, int32s: Array(repeating: 1, count: count))
      } else {
        writer.add(parameter.name, shape: shape, floats: Array(repeating: 1, count: count))
      }
    }
    for number in 10..<22 { writer.add("head.\(number)", shape: [1], floats: [0]) }
    writer.add("features.1.num_batches_tracked", shape: [], int32s: [3])
    try writer.write(to: path)
    let before = model.weights
    let error = #expect(throws: ModelFileError.self) {
      try ModelFile.readWeights(SafetensorsFile(path: path), into: model)
    }
    #expect(model.weights == before)
    #expect(error?.missing == ["features.0.weight"])
    #expect(error?.unexpected == (10..<22).map { "head.\($0)" })
    #expect(error?.misshapen.map(\.name) == ["classifier.2.weight"])
    #expect(error?.mistyped == ["features.1.bias"])
    let named = (10..<20).map { "head.\($0)" }.joined(separator: ", ")
    #expect(
      error?.description == path + " does not fit the network: missing: features.0.weight; "
        + "not of this network: \(named) and 2 more; "
        + "of another shape: classifier.2.weight (10x7, wanted 5x7); "
        + "not floating-point numbers: features.1.bias"
    )
  }

  @Test
  func `PyTorch's own archive is told from a damaged file`() throws {
    defer { removeFolder() }
    let path = folder + "/model.pth"
    try Data([0x50, 0x4b, 3, 4] + [UInt8](repeating: 0, count: 60))
      .write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: path) }
    #expect(error?.description.contains("torch.save") == true)
  }

  @Test
  func `a file's fingerprint changes with its content alone`() throws {
    defer { removeFolder() }
    let first = try SafetensorsFile(path: SmallNetwork.pytorch.path).fingerprint
    let copy = folder + "/copy.safetensors"
    try FileManager.default.copyItem(atPath: SmallNetwork.pytorch.path, toPath: copy)
    #expect(try SafetensorsFile(path: copy).fingerprint == first)
    var data = try Data(contentsOf: URL(fileURLWithPath: copy))
    data[data.count - 1] ^= 1
    try data.write(to: URL(fileURLWithPath: copy))
    #expect(try SafetensorsFile(path: copy).fingerprint != first)
  }
}
