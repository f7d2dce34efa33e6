import Foundation
import Testing

@testable import Weights

/// A directory of its own for one test, removed with the value.
final class ScratchDirectory {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "descent-weights-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path) }
}

/// A safetensors file put together by hand.
func handmadeFile(header: String, data: [UInt8] = []) -> Data {
  var file = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
  file.append(contentsOf: header.utf8)
  file.append(contentsOf: data)
  return file
}

@Suite
struct SafetensorsTests {
  let scratch: ScratchDirectory
  let path: String

  init() throws {
    scratch = try ScratchDirectory()
    path = scratch.file("weights.safetensors")
  }

  func write(_ contents: Data) throws {
    try contents.write(to: URL(fileURLWithPath: path))
  }

  func sampleWriter() -> SafetensorsWriter {
    var writer = SafetensorsWriter(metadata: ["step": "120", "name": "übung \"7\" a/b"])
    writer.add(
      "stem.weight",
      shape: [2, 3],
      floats: [1, -2.5, Float(bitPattern: 3), .infinity, -0.0, 6]
    )
    writer.add("odd", shape: [3], bytes: [1, 2, 255])
    writer.add("empty", shape: [0, 7], floats: [])
    writer.add("scalar", shape: [], int32s: [-7])
    writer.add("later/δ", shape: [1, 1, 5], floats: [1, 2, 3, 4, 5])
    return writer
  }

  @Test
  func `what was written is read back bit by bit`() throws {
    try sampleWriter().write(to: path)
    let file = try SafetensorsFile(path: path)
    #expect(file.tensors.map(\.name) == ["stem.weight", "odd", "empty", "scalar", "later/δ"])
    #expect(file.tensors.map(\.shape) == [[2, 3], [3], [0, 7], [], [1, 1, 5]])
    #expect(
      try file.floats("stem.weight").map(\.bitPattern)
        == ([1, -2.5, Float(bitPattern: 3), .infinity, -0.0, 6] as [Float]).map(\.bitPattern)
    )
    #expect(try file.bytes("odd") == [1, 2, 255])
    #expect(try file.floats("empty").isEmpty)
    #expect(try file.int32s("scalar") == [-7])
    #expect(try file.floats("later/δ") == [1, 2, 3, 4, 5])
    #expect(file.metadata == ["step": "120", "name": "übung \"7\" a/b"])
    #expect(try scratch.names() == ["weights.safetensors"])
  }

  @Test
  func `the same tensors give the same bytes, and data starts at a multiple of 8`() throws {
    try sampleWriter().write(to: path)
    let first = try Data(contentsOf: URL(fileURLWithPath: path))
    try sampleWriter().write(to: path)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == first)
    #expect(first.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) } % 8 == 0)
  }

  @Test
  func `a flipped bit anywhere is found`() throws {
    try sampleWriter().write(to: path)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for offset in whole.indices {
      var damaged = whole
      damaged[offset] ^= 1 << (offset % 8)
      try write(damaged)
      #expect(throws: SafetensorsError.self, "byte \(offset)") {
        _ = try SafetensorsFile(path: path, requiringChecksum: true).tensors.count
      }
    }
  }

  @Test
  func `a cut anywhere is found`() throws {
    try sampleWriter().write(to: path)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for count in whole.indices {
      try write(whole.prefix(count))
      #expect(throws: SafetensorsError.self, "\(count) bytes") {
        _ = try SafetensorsFile(path: path).tensors.count
      }
    }
    try write(whole.dropLast(4))
    #expect(
      throws: SafetensorsError.truncated(
        path: path,
        expected: whole.count,
        actual: whole.count - 4
      )
    ) { try SafetensorsFile(path: path) }
    try write(whole + [0])
    #expect(
      throws: SafetensorsError.extraBytes(
        path: path,
        expected: whole.count,
        actual: whole.count + 1
      )
    ) { try SafetensorsFile(path: path) }
  }

  @Test(arguments: [
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#,
    #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#,
    #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#,
    #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}"#,
    #"{"a":{"dtype":"U8","shape":"four","data_offsets":[0,4]}}"#,
    #"[1,2,3]"#,
    "not json",
    "",
  ])
  func `a header that lies is refused`(header: String) throws {
    try write(handmadeFile(header: header, data: [0, 0, 0, 0]))
    #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: path) }
  }

  @Test
  func `a header of absurd length is refused before it is read`() throws {
    try write(Data(repeating: 0xff, count: 64))
    #expect(
      throws: SafetensorsError.damagedHeader(
        path: path,
        reason: "it announces a header of \(UInt64.max) bytes"
      )
    ) { try SafetensorsFile(path: path) }
  }

  @Test
  func `a file of another program is read, aligned or not`() throws {
    let header =
      #"{"h":{"dtype":"F16","shape":[1],"data_offsets":[12,14]},"#
      + #""b":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"#
      + #""d":{"dtype":"F64","shape":[1],"data_offsets":[4,12]}}"#
    let double = withUnsafeBytes(of: 0.1.bitPattern.littleEndian) { [UInt8]($0) }
    try write(handmadeFile(header: header, data: [0x80, 0x3f, 0x20, 0xc0] + double + [0, 0x3e]))
    let file = try SafetensorsFile(path: path)
    #expect(try file.floats("b") == [1, -2.5])
    #expect(try file.floats("h") == [1.5])
    #expect(try file.doubles("d") == [0.1])
    #expect(try file.floats("d") == [0.1])
    #expect(file.metadata.isEmpty)
    #expect(throws: SafetensorsError.missingChecksum(path: path)) {
      try SafetensorsFile(path: path, requiringChecksum: true)
    }
  }

  @Test
  func `asking for the wrong thing says what is there`() throws {
    try sampleWriter().write(to: path)
    let file = try SafetensorsFile(path: path)
    #expect(throws: SafetensorsError.missingTensor(path: path, tensor: "nope")) {
      try file.floats("nope")
    }
    #expect(
      throws: SafetensorsError.wrongType(
        path: path,
        tensor: "scalar",
        found: .int32,
        wanted: [.float32, .float16, .bfloat16, .float64]
      )
    ) { try file.floats("scalar") }
    var room = [Float](repeating: 0, count: 4)
    #expect(
      throws: SafetensorsError.wrongCount(path: path, tensor: "later/δ", found: 5, wanted: 4)
    ) { try room.withUnsafeMutableBufferPointer { try file.copyFloats("later/δ", into: $0) } }
  }

  @Test
  func `missing files and directories are named`() throws {
    #expect(throws: SafetensorsError.missingFile(path: path)) { try SafetensorsFile(path: path) }
    #expect(
      throws: SafetensorsError.unreadable(path: scratch.path, reason: "it is a directory")
    ) { try SafetensorsFile(path: scratch.path) }
    try write(Data())
    #expect(throws: SafetensorsError.truncated(path: path, expected: 8, actual: 0)) {
      try SafetensorsFile(path: path)
    }
  }
}

@Suite
struct SafetensorsWriterFailureTests {
  struct Fault: Error {}

  @Test
  func `a failed write leaves the old file and nothing else`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("last.safetensors")
    var good = SafetensorsWriter()
    good.add("a", shape: [1], floats: [1])
    try good.write(to: path)

    var faulty = SafetensorsWriter()
    faulty.add("a", shape: [1], floats: [2])
    faulty.add("b", .float32, shape: [1]) { _ in throw Fault() }
    #expect(throws: Fault.self) { try faulty.write(to: path) }

    var short = SafetensorsWriter()
    short.add("b", .float32, shape: [4]) { try [Float(1)].withUnsafeBytes($0) }
    #expect(throws: SafetensorsError.wrongPayload(tensor: "b", found: 4, wanted: 16)) {
      try short.write(to: path)
    }
    #expect(try SafetensorsFile(path: path).floats("a") == [1])
    #expect(try scratch.names() == ["last.safetensors"])
  }

  @Test
  func `a partial file of a killed process does not disturb`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("last.safetensors")
    try Data(repeating: 7, count: 5_000).write(to: URL(fileURLWithPath: path + ".partial"))
    var writer = SafetensorsWriter()
    writer.add("a", shape: [1], floats: [1])
    try writer.write(to: path)
    #expect(try SafetensorsFile(path: path).floats("a") == [1])
    #expect(try scratch.names() == ["last.safetensors"])
  }

  @Test
  func `a place that cannot be written is named`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("missing/last.safetensors")
    #expect(
      throws: SafetensorsError.unwritable(
        path: path,
        operation: "be created",
        reason: "No such file or directory"
      )
    ) { try SafetensorsWriter().write(to: path) }
  }

  @Test
  func `two tensors of one name are refused`() throws {
    let scratch = try ScratchDirectory()
    var writer = SafetensorsWriter()
    writer.add("a", shape: [1], floats: [1])
    writer.add("a", shape: [1], floats: [2])
    #expect(throws: SafetensorsError.duplicateTensor(tensor: "a")) {
      try writer.write(to: scratch.file("w.safetensors"))
    }
    #expect(try scratch.names().isEmpty)
  }
}
