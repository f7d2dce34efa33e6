import Foundation

/// Writes tensors to a safetensors file, whole or not at all.
///
/// Tensors lie in the file in the order they were added. Their bytes are asked for one tensor a
/// time while the file is written, so that no second copy of all weights is ever in memory. The
/// file carries a checksum of everything in it as `descent.checksum` in its metadata.
package struct SafetensorsWriter {
  /// Lends the bytes of one tensor to the closure, which it calls exactly once.
  package typealias Provider = (_ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Void

  /// The key of the checksum: 16 hexadecimal digits.
  package static let checksumKey = "descent.checksum"
  static let noChecksum = String(repeating: "0", count: 16)

  private var header: SafetensorsHeader
  private var providers: [Provider] = []

  /// A file without tensors yet; `metadata` is kept as it is, beside the checksum.
  package init(metadata: [String: String] = [:]) {
    header = SafetensorsHeader(tensors: [], metadata: metadata)
    header.metadata[Self.checksumKey] = Self.noChecksum
  }

  /// Adds a tensor whose bytes `provider` lends when the file is written.
  package mutating func add(
    _ name: String,
    _ type: TensorType,
    shape: [Int],
    provider: @escaping Provider
  ) {
    guard let count = StoredTensor.byteCount(type: type, shape: shape) else {
      preconditionFailure("tensor '\(name)' cannot have the shape \(shape)")
    }
    let start = header.dataCount
    header.tensors.append(
      StoredTensor(name: name, type: type, shape: shape, bytes: start..<start + count)
    )
    providers.append(provider)
  }

  /// Adds a tensor of 32-bit floating-point values, row-major.
  package mutating func add(_ name: String, shape: [Int], floats: [Float]) {
    add(name, .float32, shape: shape) { body in try floats.withUnsafeBytes(body) }
  }

  /// Adds a tensor of 32-bit integers, row-major.
  package mutating func add(_ name: String, shape: [Int], int32s: [Int32]) {
    add(name, .int32, shape: shape) { body in try int32s.withUnsafeBytes(body) }
  }

  /// Adds a tensor of bytes, row-major.
  package mutating func add(_ name: String, shape: [Int], bytes: [UInt8]) {
    add(name, .unsigned8, shape: shape) { body in try bytes.withUnsafeBytes(body) }
  }

  /// Writes the file: partial file, sync, rename, sync of the directory.
  ///
  /// - Throws: `SafetensorsError`, or what a provider throws. Then nothing is left behind, and a
  ///   file that was there before is as it was.
  package func write(to path: String) throws {
    try checkNames()
    let json = try header.encoded()
    var hash = ContentHash()
    json.withUnsafeBytes { hash.add($0) }

    let file = try AtomicFile(path: path)
    try withUnsafeBytes(of: UInt64(json.count).littleEndian) { try file.append($0) }
    try json.withUnsafeBytes { try file.append($0) }
    for (tensor, provider) in zip(header.tensors, providers) {
      var lent = false
      try provider { bytes in
        guard bytes.count == tensor.bytes.count, !lent else {
          throw SafetensorsError.wrongPayload(
            tensor: tensor.name,
            found: bytes.count,
            wanted: tensor.bytes.count
          )
        }
        lent = true
        hash.add(bytes)
        try file.append(bytes)
      }
      guard lent else {
        throw SafetensorsError.wrongPayload(
          tensor: tensor.name,
          found: 0,
          wanted: tensor.bytes.count
        )
      }
    }
    // The header was hashed and written with zeros for the checksum: its digits come last.
    guard let place = Self.checksumPlace(in: json, digits: Self.noChecksum) else {
      preconditionFailure("the header has no place for its checksum")
    }
    try Array(hash.text.utf8).withUnsafeBytes { digits in
      try file.overwrite(at: 8 + place.lowerBound, with: digits)
    }
    try file.commit()
  }

  /// Where the checksum's digits stand in the header's JSON.
  static func checksumPlace(in json: Data, digits: String) -> Range<Int>? {
    let key = "\"\(checksumKey)\":\""
    guard let member = json.range(of: Data("\(key)\(digits)\"".utf8)) else { return nil }
    let start = member.lowerBound - json.startIndex + key.utf8.count
    return start..<start + digits.utf8.count
  }

  private func checkNames() throws {
    var seen: Set<String> = [SafetensorsHeader.metadataKey]
    for tensor in header.tensors where !seen.insert(tensor.name).inserted {
      throw SafetensorsError.duplicateTensor(tensor: tensor.name)
    }
  }
}
