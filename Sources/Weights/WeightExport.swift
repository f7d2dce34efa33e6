extension ModelFile {
  /// Writes the weights and statistics of a checkpoint to a file of their own, for other programs.
  ///
  /// Where the checkpoint has running means of the weights, they are what is written: evaluation
  /// uses them. Names and layouts are the field's. A network with PyTorch's names gets PyTorch's
  /// batch counts beside its statistics, so that a strict load finds all it looks for; `updates` is
  /// the number of training steps they are to say.
  ///
  /// - Returns: the number of tensors and of their bytes.
  /// - Throws: `SafetensorsError`.
  package static func export(
    _ checkpoint: SafetensorsFile,
    updates: Int,
    metadata: [String: String],
    to path: String
  ) throws -> (tensors: Int, bytes: Int) {
    var writer = SafetensorsWriter(metadata: metadata)
    var total = (tensors: 0, bytes: 0)
    for tensor in checkpoint.tensors where !tensor.name.hasPrefix("optimizer.") {
      writer.add(tensor.name, tensor.type, shape: tensor.shape) { body in
        let average = averageName(tensor.name)
        let source = checkpoint.tensor(average) == nil ? tensor.name : average
        try checkpoint.withBytes(of: source, body)
      }
      total.tensors += 1
      total.bytes += tensor.bytes.count
      guard let name = batchCount(beside: tensor.name) else { continue }
      writer.add(name, .int64, shape: []) { body in
        try withUnsafeBytes(of: Int64(updates).littleEndian) { try body($0) }
      }
      total.tensors += 1
      total.bytes += MemoryLayout<Int64>.size
    }
    try writer.write(to: path)
    return total
  }

  /// The batch count's name, where the tensor is a PyTorch BatchNorm's variance.
  private static func batchCount(beside name: String) -> String? {
    let ending = ".running_var"
    guard name.hasSuffix(ending) else { return nil }
    return name.dropLast(ending.count) + "." + batchCountName
  }
}
