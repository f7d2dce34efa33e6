import Foundation
import Weights

/// A stored file of PyTorch's values.
struct Fixture {
  let file: SafetensorsFile

  init(_ name: String) throws {
    let folder = Bundle.module.bundlePath + "/Fixtures"
    file = try SafetensorsFile(path: "\(folder)/\(name).safetensors")
  }

  func floats(_ name: String) throws -> [Float] { try file.floats(name) }
  func doubles(_ name: String) throws -> [Double] { try file.doubles(name) }
  /// Class numbers; networks with a sigmoid have theirs stored as 0 and 1 in f32.
  func labels(_ name: String) throws -> [Int32] {
    if let labels = try? file.int32s(name) { return labels }
    return try file.floats(name).map { Int32($0) }
  }
  func has(_ name: String) -> Bool { file.tensor(name) != nil }

  func shape(_ name: String) -> [Int] { file.tensor(name)?.shape ?? [] }

  /// Places of weights whose gradient is zero in exact arithmetic and rounding noise in any other,
  /// by weight.
  var noise: [String: [PartialRange]] {
    guard let info = file.metadata["info"],
      let facts = try? JSONSerialization.jsonObject(with: Data(info.utf8)) as? [String: Any],
      let noise = facts["noise"] as? [String: [[Any]]]
    else { return [:] }
    return noise.mapValues { ranges in
      ranges.map { PartialRange(first: $0[0] as? Int ?? 0, end: $0[1] as? Int) }
    }
  }
}

/// Elements from `first` up to `end`, or to the array's end.
struct PartialRange {
  let first: Int
  let end: Int?

  func relative<Element>(to values: [Element]) -> Range<Int> {
    first..<min(end ?? values.count, values.count)
  }
}
