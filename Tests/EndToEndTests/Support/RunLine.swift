import Foundation

/// One line of `--json`.
struct RunLine {
  let values: [String: Any]

  var type: String { values["type"] as? String ?? "" }
  var keys: Set<String> { Set(values.keys) }

  func number(_ key: String) -> Double? { (values[key] as? NSNumber)?.doubleValue }
  func integer(_ key: String) -> Int? { (values[key] as? NSNumber)?.intValue }
  func text(_ key: String) -> String? { values[key] as? String }

  /// Every whole line.
  ///
  /// - Throws: `NotAnObject` for a line that is not a JSON object.
  static func all(in output: String) throws -> [RunLine] {
    // A line that is being written has no end yet.
    let whole = output.prefix(upTo: output.lastIndex(of: "\n") ?? output.startIndex)
    return try whole.split(separator: "\n").map { line in
      guard let values = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      else { throw NotAnObject(line: String(line)) }
      return RunLine(values: values)
    }
  }

  struct NotAnObject: Error {
    let line: String
  }
}

extension FinishedProgram {
  /// Standard output as lines of JSON.
  func lines() throws -> [RunLine] { try RunLine.all(in: output) }
}

extension [RunLine] {
  func ofType(_ type: String) -> [RunLine] { filter { $0.type == type } }

  /// The loss of every step, as it was written.
  var losses: [Double] { ofType("step").compactMap { $0.number("loss") } }
}
