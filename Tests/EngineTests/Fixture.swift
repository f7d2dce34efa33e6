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
  func labels(_ name: String) throws -> [Int32] { try file.int32s(name) }
  func has(_ name: String) -> Bool { file.tensor(name) != nil }

  func shape(_ name: String) -> [Int] { file.tensor(name)?.shape ?? [] }
}
