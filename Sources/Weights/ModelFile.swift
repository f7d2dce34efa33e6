package import Engine

/// A model's state as a safetensors file: weights and statistics under the field's names and in
/// its layouts (OIHW convolutions, [out][in] dense layers), so that other programs read them, and
/// the optimizer's arrays as `optimizer.SLOT.NAME` in the same layouts.
package enum ModelFile {
  /// Writes the model's state, whole or not at all.
  ///
  /// - Throws: `SafetensorsError`.
  package static func write(_ model: Model, metadata: [String: String], to path: String) throws {
    var writer = SafetensorsWriter(metadata: metadata)
    for (index, parameter) in model.plan.graph.parameters.enumerated() {
      let spec = parameter.spec
      let shape = parameter.fileShape
      for (name, values) in arrays(of: model, at: index) {
        writer.add(name, .float32, shape: shape) { body in
          try spec.fileLayout.toFile(UnsafeBufferPointer(values), shape: spec.shape)
            .withUnsafeBytes(body)
        }
      }
    }
    try writer.write(to: path)
  }

  /// Reads the state that `write` wrote: weights, statistics and optimizer.
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
  }

  /// Reads weights and statistics only.
  ///
  /// - Throws: as `read`.
  package static func readWeights(_ file: SafetensorsFile, into model: Model) throws {
    for (index, parameter) in model.plan.graph.parameters.enumerated() {
      try copy(file, parameter.name, parameter.spec, into: model.values(of: index))
    }
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
    let error = ModelFileError(
      path: file.path,
      missing: wanted.keys.filter { file.tensor($0) == nil }.sorted(),
      unexpected: file.tensors.map(\.name).filter { wanted[$0] == nil }.sorted(),
      misshapen: file.tensors.filter { wanted[$0.name, default: $0.shape] != $0.shape }
        .map(\.name).sorted()
    )
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

/// A file that holds another network's tensors: which are wrong.
package struct ModelFileError: Error, Hashable, Sendable, CustomStringConvertible {
  package let path: String
  package let missing: [String]
  package let unexpected: [String]
  package let misshapen: [String]

  var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && misshapen.isEmpty }

  package var description: String {
    let parts = [
      part("missing", missing), part("not of this network", unexpected),
      part("of another shape", misshapen),
    ]
    return "\(path) does not fit the network: " + parts.compactMap(\.self).joined(separator: "; ")
  }

  /// Up to ten names, and the count of the rest.
  private func part(_ what: String, _ names: [String]) -> String? {
    guard !names.isEmpty else { return nil }
    let rest = names.count > 10 ? " and \(names.count - 10) more" : ""
    return "\(what): " + names.prefix(10).joined(separator: ", ") + rest
  }
}
