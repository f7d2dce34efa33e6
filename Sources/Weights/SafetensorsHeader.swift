import Foundation

/// The JSON text between the length and the data of a safetensors file.
///
/// Layout of a file: 8 bytes little-endian header length, that many bytes of JSON, then the
/// tensors' bytes without gaps. Offsets in the JSON count from the end of the header.
struct SafetensorsHeader {
  /// In the order of their bytes.
  var tensors: [StoredTensor]
  var metadata: [String: String]

  static let metadataKey = "__metadata__"
  /// Longer headers are taken for damage, as in the format's own library.
  static let longest = 100_000_000

  /// Bytes of the data section.
  var dataCount: Int { tensors.last?.bytes.upperBound ?? 0 }
}

// MARK: - Reading

extension SafetensorsHeader {
  /// Reads and checks the JSON; `path` is for errors.
  ///
  /// - Throws: `SafetensorsError`, also where tensors overlap, leave gaps, or do not have the bytes
  ///   that their type and shape need.
  init(json: Data, path: String) throws {
    let entries: Entries
    do {
      entries = try JSONDecoder().decode(Entries.self, from: json)
    } catch let error as SafetensorsError {
      throw error
    } catch {
      throw SafetensorsError.damagedHeader(
        path: path,
        reason: "its header is not the JSON it must be"
      )
    }
    metadata = entries.metadata
    tensors = try entries.tensors.map { name, entry in
      try entry.tensor(name: name, path: path)
    }
    tensors.sort {
      ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
    }
    var end = 0
    for tensor in tensors {
      guard tensor.bytes.lowerBound == end else {
        let fault = tensor.bytes.lowerBound < end ? "overlaps another" : "leaves a gap before it"
        throw SafetensorsError.damagedTensor(path: path, tensor: tensor.name, reason: "it \(fault)")
      }
      end = tensor.bytes.upperBound
    }
  }

  /// The top level of the JSON: any number of tensors, and at most one set of metadata.
  private struct Entries: Decodable {
    var tensors: [(name: String, entry: Entry)] = []
    var metadata: [String: String] = [:]

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Name.self)
      for key in container.allKeys {
        if key.stringValue == SafetensorsHeader.metadataKey {
          metadata = try container.decode([String: String].self, forKey: key)
        } else {
          tensors.append((key.stringValue, try container.decode(Entry.self, forKey: key)))
        }
      }
    }
  }

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private struct Entry: Decodable {
    let type: String
    let shape: [Int]
    let offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case type = "dtype"
      case shape
      case offsets = "data_offsets"
    }

    func tensor(name: String, path: String) throws -> StoredTensor {
      func damaged(_ reason: String) -> SafetensorsError {
        .damagedTensor(path: path, tensor: name, reason: reason)
      }
      guard let elementType = TensorType(rawValue: type) else {
        throw damaged("its type '\(type)' is unknown")
      }
      guard let needed = StoredTensor.byteCount(type: elementType, shape: shape) else {
        throw damaged("its shape \(shape) is impossible")
      }
      guard offsets.count == 2, offsets[0] >= 0, offsets[1] >= offsets[0] else {
        throw damaged("its offsets \(offsets) are not a range")
      }
      guard offsets[1] - offsets[0] == needed else {
        throw damaged(
          "\(type) of shape \(shape) needs \(needed) bytes, the header gives "
            + "\(offsets[1] - offsets[0])"
        )
      }
      return StoredTensor(
        name: name,
        type: elementType,
        shape: shape,
        bytes: offsets[0]..<offsets[1]
      )
    }
  }
}

// MARK: - Writing

extension SafetensorsHeader {
  /// The JSON text, padded with spaces to a multiple of 8 bytes so that the data is aligned.
  ///
  /// The same header gives the same bytes: metadata is in the order of its keys, tensors are in
  /// the order of their bytes.
  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func text(_ value: some Encodable) throws -> String {
      String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    var members = metadata.isEmpty ? [] : ["\"\(Self.metadataKey)\":\(try text(metadata))"]
    for tensor in tensors {
      let (start, end) = (tensor.bytes.lowerBound, tensor.bytes.upperBound)
      members.append(
        "\(try text(tensor.name)):{\"dtype\":\"\(tensor.type.rawValue)\","
          + "\"shape\":\(try text(tensor.shape)),\"data_offsets\":[\(start),\(end)]}"
      )
    }
    var json = Data("{\(members.joined(separator: ","))}".utf8)
    while json.count % 8 != 0 { json.append(UInt8(ascii: " ")) }
    return json
  }
}
