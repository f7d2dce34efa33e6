package import Engine

/// A model's state as a safetensors file: weights and statistics under the field's names and in
/// its layouts (OIHW convolutions, [out][in] dense layers), so that other programs read them, and
/// the optimizer's arrays as `optimizer.SLOT.NAME` in the same layouts; running means of weights as
/// `optimizer.average.NAME`.
package enum ModelFile {
  /// Writes the model's state, whole or not at all.
  ///
  /// - Throws: `SafetensorsError`.
  package static func write(_ model: Model, metadata: [String: String], to path: String) throws {
    var writer = SafetensorsWriter(metadata: metadata)
    // One piece of memory for all: a new one for each would be handed out and cleared each time.
    let largest = model.plan.graph.parameters.map { $0.spec.shape.reduce(1, *) }.max() ?? 0
    let scratch = UnsafeMutableBufferPointer<Float>.allocate(capacity: largest)
    defer { scratch.deallocate() }
    for (index, parameter) in model.plan.graph.parameters.enumerated() {
      let spec = parameter.spec
      let shape = parameter.fileShape
      let average = model.average(of: index).map { (averageName(parameter.name), $0) }
      for (name, values) in arrays(of: model, at: index) + [average].compactMap(\.self) {
        writer.add(name, .float32, shape: shape) { body in
          let values = UnsafeBufferPointer(values)
          guard !spec.fileLayout.keepsOrder else { return try body(UnsafeRawBufferPointer(values)) }
          let file = UnsafeMutableBufferPointer(rebasing: scratch[..<values.count])
          spec.fileLayout.toFile(values, shape: spec.shape, into: file)
          try body(UnsafeRawBufferPointer(file))
        }
      }
    }
    try writer.write(to: path)
  }

  /// Reads the state that `write` wrote: weights, statistics and optimizer, and running means.
  ///
  /// Means that the file does not have begin with the weights.
  ///
  /// - Throws: `SafetensorsError` or `ModelFileError`; then the model may be partly read and must
  ///   be read or initialised again.
  package static func read(_ file: SafetensorsFile, into model: Model) throws {
    try check(file, model)
    for index in model.plan.graph.parameters.indices {
      for (name, values) in arrays(of: model, at: index) {
        try copy(file, name, model.plan.graph.parameters[index].spec, into: values)
      }
    }
    try readAverages(file, into: model)
  }

  /// Reads weights and statistics, and running means where both have them, but no optimizer: from
  /// a checkpoint, or from a file of another program under the same names.
  ///
  /// - Throws: as `read`, and before anything is read where `checkWeights` finds a fault.
  package static func readWeights(_ file: SafetensorsFile, into model: Model) throws {
    try checkWeights(file, fit: model.plan.graph)
    for (index, parameter) in model.plan.graph.parameters.enumerated() {
      try copy(file, parameter.name, parameter.spec, into: model.values(of: index))
    }
    try readAverages(file, into: model)
  }

  private static func readAverages(_ file: SafetensorsFile, into model: Model) throws {
    model.restartAverages()
    for (index, parameter) in model.plan.graph.parameters.enumerated() {
      let name = averageName(parameter.name)
      guard let average = model.average(of: index), let tensor = file.tensor(name),
        tensor.shape == parameter.fileShape
      else { continue }
      try copy(file, name, parameter.spec, into: average)
    }
  }

  /// What the running mean of a parameter's weights is called in a file.
  static func averageName(_ name: String) -> String { "optimizer.average.\(name)" }

  /// Checks that a file has every weight and statistic of the network in its shape, and nothing
  /// else but what `isBesideWeights` names.
  ///
  /// - Throws: `ModelFileError`.
  package static func checkWeights(_ file: SafetensorsFile, fit graph: Graph) throws {
    try check(
      file,
      wanted: Dictionary(graph.parameters.map { ($0.name, $0.fileShape) }) { first, _ in first }
    )
  }

  /// Tensors that no network here has and that change nothing in it: a checkpoint's optimizer, and
  /// PyTorch's count of batches beside each BatchNorm's statistics.
  private static func isBesideWeights(_ name: String) -> Bool {
    name.hasPrefix("optimizer.") || name.hasSuffix("." + ModelFile.batchCountName)
  }

  /// What PyTorch calls the number of batches that BatchNorm's statistics are made of.
  static let batchCountName = "num_batches_tracked"

  /// A checksum of the model's whole state in memory, 16 hexadecimal digits.
  package static func hash(of model: Model) -> String {
    var hash = ContentHash()
    hash.add(UnsafeRawBufferPointer(model.state))
    return hash.text
  }

  private static func arrays(
    of model: Model,
    at index: Int
  ) -> [(String, UnsafeMutableBufferPointer<Float>)] {
    let name = model.plan.graph.parameters[index].name
    let slots = zip(model.plan.optimizer.slots, model.slots(of: index) ?? [])
    return [(name, model.values(of: index))] + slots.map { ("optimizer.\($0).\(name)", $1) }
  }

  private static func check(_ file: SafetensorsFile, _ model: Model) throws {
    var wanted: [String: [Int]] = [:]
    for (index, parameter) in model.plan.graph.parameters.enumerated() {
      let shape = parameter.fileShape
      for (name, _) in arrays(of: model, at: index) { wanted[name] = shape }
    }
    try check(file, wanted: wanted)
  }

  private static func check(_ file: SafetensorsFile, wanted: [String: [Int]]) throws {
    var error = ModelFileError(path: file.path)
    error.missing = wanted.keys.filter { file.tensor($0) == nil }.sorted()
    for tensor in file.tensors.sorted(by: { $0.name < $1.name }) {
      if let shape = wanted[tensor.name] {
        if shape != tensor.shape {
          error.misshapen.append(.init(name: tensor.name, found: tensor.shape, wanted: shape))
        } else if !SafetensorsFile.floatingPoint.contains(tensor.type) {
          error.mistyped.append(tensor.name)
        }
      } else if !isBesideWeights(tensor.name) {
        error.unexpected.append(tensor.name)
      }
    }
    if !error.isEmpty { throw error }
  }

  private static func copy(
    _ file: SafetensorsFile,
    _ name: String,
    _ spec: ParameterSpec,
    into memory: UnsafeMutableBufferPointer<Float>
  ) throws {
    if spec.fileLayout.keepsOrder {
      try file.copyFloats(name, into: memory)
    } else {
      spec.fileLayout.fromFile(try file.floats(name), shape: spec.shape, into: memory)
    }
  }
}
