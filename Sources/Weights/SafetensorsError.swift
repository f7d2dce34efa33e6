/// What is wrong with a safetensors file, as facts.
package enum SafetensorsError: Error, Hashable {
  case missingFile(path: String)
  /// The system does not let us read it, and why.
  case unreadable(path: String, reason: String)
  /// The file ends before what its header promises, in bytes of the whole file.
  case truncated(path: String, expected: Int, actual: Int)
  /// The file goes on after what its header promises, in bytes of the whole file.
  case extraBytes(path: String, expected: Int, actual: Int)
  case damagedHeader(path: String, reason: String)
  case damagedTensor(path: String, tensor: String, reason: String)
  /// Some bit is not what was written.
  case checksumMismatch(path: String)
  /// The file has no checksum of Descent's, where one must be.
  case missingChecksum(path: String)

  case missingTensor(path: String, tensor: String)
  case wrongType(path: String, tensor: String, found: TensorType, wanted: [TensorType])
  /// Counts are of elements.
  case wrongCount(path: String, tensor: String, found: Int, wanted: Int)

  /// A step of writing failed; the file of that name, if there was one, is untouched.
  case unwritable(path: String, operation: String, reason: String)
  /// A provider gave another number of bytes than its tensor's type and shape need.
  case wrongPayload(tensor: String, found: Int, wanted: Int)
  case duplicateTensor(tensor: String)
}

extension SafetensorsError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missingFile(let path):
      "\(path): there is no such file"
    case .unreadable(let path, let reason):
      "\(path): cannot be read: \(reason)"
    case .truncated(let path, let expected, let actual):
      "\(path): is truncated: \(expected) bytes are due, \(actual) are there"
    case .extraBytes(let path, let expected, let actual):
      "\(path): has \(actual - expected) bytes after its last tensor, where it should end"
    case .damagedHeader(let path, let reason):
      "\(path): is not a whole safetensors file: \(reason)"
    case .damagedTensor(let path, let tensor, let reason):
      "\(path): tensor '\(tensor)' is damaged: \(reason)"
    case .checksumMismatch(let path):
      "\(path): is damaged: its content does not match its checksum"
    case .missingChecksum(let path):
      "\(path): has no checksum; every file that Descent writes has one"
    case .missingTensor(let path, let tensor):
      "\(path): has no tensor '\(tensor)'"
    case .wrongType(let path, let tensor, let found, let wanted):
      "\(path): tensor '\(tensor)' is \(found.rawValue), where "
        + wanted.map(\.rawValue).joined(separator: " or ") + " is needed"
    case .wrongCount(let path, let tensor, let found, let wanted):
      "\(path): tensor '\(tensor)' has \(found) elements, where \(wanted) are needed"
    case .unwritable(let path, let operation, let reason):
      "\(path): cannot \(operation): \(reason)"
    case .wrongPayload(let tensor, let found, let wanted):
      "tensor '\(tensor)' was given \(found) bytes, its type and shape need \(wanted)"
    case .duplicateTensor(let tensor):
      "tensor '\(tensor)' was given twice; names must differ"
    }
  }
}
