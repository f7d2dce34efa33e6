import Foundation

/// A safetensors file, mapped into memory and checked.
///
/// Opening checks the whole frame: header length, JSON, every type, shape and offset, that tensors
/// neither overlap nor leave gaps, and that the file ends where the last tensor does. A file
/// written by Descent is also checked against its checksum, which covers header and data. Bytes are
/// read from the mapping when asked for.
package struct SafetensorsFile: Sendable {
  package let path: String
  /// In the order of their bytes in the file.
  package let tensors: [StoredTensor]
  /// The file's metadata, without Descent's checksum.
  package let metadata: [String: String]

  private let data: Data
  private let dataStart: Int
  private let indices: [String: Int]

  /// Opens and checks the file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - requiringChecksum: Refuses a file without Descent's checksum. For files that Descent
  ///     wrote: only then is damage to the checksum's own name found too.
  /// - Throws: `SafetensorsError`.
  package init(path: String, requiringChecksum: Bool = false) throws {
    let data = try Self.mapped(path)
    let headerEnd = try Self.headerEnd(of: data, path: path)
    let json = data[8..<headerEnd]
    var header = try SafetensorsHeader(json: json, path: path)
    let expected = headerEnd + header.dataCount
    guard data.count >= expected else {
      throw SafetensorsError.truncated(path: path, expected: expected, actual: data.count)
    }
    guard data.count == expected else {
      throw SafetensorsError.extraBytes(path: path, expected: expected, actual: data.count)
    }
    if let digits = header.metadata.removeValue(forKey: SafetensorsWriter.checksumKey) {
      guard Self.checksum(of: data, json: json, tensors: header.tensors, digits: digits) == digits
      else { throw SafetensorsError.checksumMismatch(path: path) }
    } else if requiringChecksum {
      throw SafetensorsError.missingChecksum(path: path)
    }
    self.path = path
    self.data = data
    dataStart = headerEnd
    tensors = header.tensors
    metadata = header.metadata
    indices = Dictionary(
      uniqueKeysWithValues: header.tensors.enumerated().map { ($1.name, $0) }
    )
  }

  /// The tensor of that name; nil where there is none.
  package func tensor(_ name: String) -> StoredTensor? {
    indices[name].map { tensors[$0] }
  }

  /// A checksum of the whole file, 16 hexadecimal digits: the same content gives the same.
  package var fingerprint: String {
    var hash = ContentHash()
    data.withUnsafeBytes { hash.add($0) }
    return hash.text
  }

  /// Lends the tensor's bytes as they lie in the file; they need not be aligned.
  package func withBytes<Result>(
    of name: String,
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let tensor = try existing(name)
    return try data.withUnsafeBytes { bytes in
      let start = dataStart + tensor.bytes.lowerBound
      return try body(UnsafeRawBufferPointer(rebasing: bytes[start..<start + tensor.bytes.count]))
    }
  }

  private func existing(_ name: String) throws -> StoredTensor {
    guard let tensor = tensor(name) else {
      throw SafetensorsError.missingTensor(path: path, tensor: name)
    }
    return tensor
  }
}

// MARK: - Typed reading

extension SafetensorsFile {
  /// The types that `floats` reads.
  static let floatingPoint: [TensorType] = [.float32, .float16, .bfloat16, .float64]

  /// The values of an F32, F16, BF16 or F64 tensor, row-major, in 32 bits: all but F64's are exact.
  package func floats(_ name: String) throws -> [Float] {
    let count = try existing(name).count
    return try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      let target = UnsafeMutableBufferPointer(rebasing: buffer[0..<count])
      try copyFloats(name, into: target)
      initialized = count
    }
  }

  /// Copies what `floats` gives into memory of just that count.
  package func copyFloats(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws {
    let tensor = try existing(name)
    guard tensor.count == target.count else {
      throw SafetensorsError.wrongCount(
        path: path,
        tensor: name,
        found: tensor.count,
        wanted: target.count
      )
    }
    try withBytes(of: name) { bytes in
      switch tensor.type {
      case .float32:
        UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
      case .bfloat16:
        for index in target.indices {
          let bits = bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
          target[index] = Float(bitPattern: UInt32(UInt16(littleEndian: bits)) << 16)
        }
      case .float16:
        for index in target.indices {
          let bits = bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
          target[index] = Float(Float16(bitPattern: UInt16(littleEndian: bits)))
        }
      case .float64:
        for index in target.indices {
          let bits = bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
          target[index] = Float(Double(bitPattern: UInt64(littleEndian: bits)))
        }
      default:
        throw wrongType(tensor, wanted: SafetensorsFile.floatingPoint)
      }
    }
  }

  /// The values of an F64 tensor, row-major.
  package func doubles(_ name: String) throws -> [Double] {
    try values(name, type: .float64, as: Double.self)
  }

  /// The values of an I32 tensor, row-major.
  package func int32s(_ name: String) throws -> [Int32] {
    try values(name, type: .int32, as: Int32.self)
  }

  /// The values of an I64 tensor, row-major.
  package func int64s(_ name: String) throws -> [Int64] {
    try values(name, type: .int64, as: Int64.self)
  }

  /// The values of a U8 tensor, row-major.
  package func bytes(_ name: String) throws -> [UInt8] {
    try values(name, type: .unsigned8, as: UInt8.self)
  }

  private func values<Element: BitwiseCopyable>(
    _ name: String,
    type: TensorType,
    as: Element.Type
  ) throws -> [Element] {
    let tensor = try existing(name)
    guard tensor.type == type else { throw wrongType(tensor, wanted: [type]) }
    return try withBytes(of: name) { bytes in
      [Element](unsafeUninitializedCapacity: tensor.count) { buffer, initialized in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
        initialized = tensor.count
      }
    }
  }

  private func wrongType(_ tensor: StoredTensor, wanted: [TensorType]) -> SafetensorsError {
    .wrongType(path: path, tensor: tensor.name, found: tensor.type, wanted: wanted)
  }
}

// MARK: - Opening

extension SafetensorsFile {
  private static func mapped(_ path: String) throws -> Data {
    var isDirectory = ObjCBool(false)
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw SafetensorsError.missingFile(path: path)
    }
    guard !isDirectory.boolValue else {
      throw SafetensorsError.unreadable(path: path, reason: "it is a directory")
    }
    do {
      // Files are replaced by renaming, never changed in place: the mapping stays valid.
      return try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    } catch {
      throw SafetensorsError.unreadable(path: path, reason: error.localizedDescription)
    }
  }

  /// Where the header ends, counted from the start of the file.
  private static func headerEnd(of data: Data, path: String) throws -> Int {
    guard data.count >= 8 else {
      throw SafetensorsError.truncated(path: path, expected: 8, actual: data.count)
    }
    let length = data.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    if data.starts(with: [0x50, 0x4b, 3, 4]) {
      throw SafetensorsError.damagedHeader(
        path: path,
        reason: "it is a zip archive such as torch.save writes; "
          + "safetensors.torch.save_file writes what is wanted"
      )
    }
    guard length <= UInt64(SafetensorsHeader.longest) else {
      throw SafetensorsError.damagedHeader(
        path: path,
        reason: "it announces a header of \(length) bytes"
      )
    }
    let end = 8 + Int(length)
    guard data.count >= end else {
      throw SafetensorsError.truncated(path: path, expected: end, actual: data.count)
    }
    return end
  }

  private static func checksum(
    of data: Data,
    json: Data,
    tensors: [StoredTensor],
    digits: String
  ) -> String? {
    guard
      digits.utf8.count == SafetensorsWriter.noChecksum.utf8.count,
      let place = SafetensorsWriter.checksumPlace(in: json, digits: digits)
    else { return nil }
    var blank = Array(json)
    blank.replaceSubrange(place, with: SafetensorsWriter.noChecksum.utf8)
    var hash = ContentHash()
    blank.withUnsafeBytes { hash.add($0) }
    data.withUnsafeBytes { bytes in
      let start = json.endIndex
      for tensor in tensors {
        let range = start + tensor.bytes.lowerBound..<start + tensor.bytes.upperBound
        hash.add(UnsafeRawBufferPointer(rebasing: bytes[range]))
      }
    }
    return hash.text
  }
}
