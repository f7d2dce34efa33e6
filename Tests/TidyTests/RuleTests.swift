import Testing

/// Things that are written in few places, or in none.
@Suite
struct RuleTests {
  /// A pattern and the files that may hold it.
  struct Rule: CustomTestStringConvertible, Sendable {
    let name: String
    /// What must not be there, in words a failure can quote.
    let patterns: [String]
    let folder: String
    var allowed: [String] = []
    var readsComments = false
    /// What would be right.
    let advice: String

    var testDescription: String { name }
  }

  static let rules = [
    Rule(
      name: "unchecked Sendable",
      patterns: ["@unchecked Sendable"],
      folder: "Sources/",
      allowed: [
        "Sources/Kernels/Parallel/Elements.swift", "Sources/Kernels/Parallel/Slab.swift",
        "Sources/Kernels/Parallel/WorkerPool.swift",
      ],
      advice: "let the compiler see that it is safe (Mutex, Atomic, values), or argue for a listing"
    ),
    Rule(
      name: "unsafe isolation",
      patterns: ["nonisolated(unsafe)"],
      folder: "Sources/",
      advice: "hold the state in a Mutex or an Atomic"
    ),
    Rule(
      name: "imports that silence the compiler",
      patterns: ["@preconcurrency"],
      folder: "Sources/",
      allowed: [
        "Sources/descent/Launching/LiveRun.swift", "Sources/descent/Screen/SignalWatch.swift",
      ],
      advice: "import it plainly, or argue for a listing"
    ),
    Rule(
      name: "printing",
      patterns: ["print(", "Swift.print(", "debugPrint(", "dump(", "NSLog(", "fputs("],
      folder: "Sources/",
      advice: "write lines with StandardOutput or StandardError, which only descent has"
    ),
    Rule(
      name: "standard streams",
      patterns: ["FileHandle.standardOutput", "FileHandle.standardError"],
      folder: "Sources/",
      allowed: ["Sources/descent/Output/StandardStreams.swift"],
      advice: "write lines with StandardOutput or StandardError, which only descent has"
    ),
    Rule(
      name: "promises",
      patterns: ["TODO", "FIXME", "XXX", "HACK"],
      folder: "",
      readsComments: true,
      advice: "finish it, or say in an issue what is missing"
    ),
  ]

  @Test(arguments: rules)
  func `what is rare stays where it is listed`(_ rule: Rule) {
    for file in files(of: rule) where !rule.allowed.contains(file.path) {
      for line in found(rule, in: file) {
        file.fault("\(rule.name): \(rule.advice)", line: line)
      }
    }
  }

  @Test(arguments: rules)
  func `a listing that is no longer needed goes`(_ rule: Rule) {
    for path in rule.allowed where found(rule, in: TextFile(path)).isEmpty {
      Issue.record("\(path) is listed for \(rule.name) and has none; take it from the list")
    }
  }

  /// This page itself names every pattern.
  private func files(of rule: Rule) -> [TextFile] {
    SourceTree.swiftFiles.filter {
      $0.path.hasPrefix(rule.folder) && !$0.path.hasPrefix("Tests/TidyTests/")
    }
  }

  /// Numbers of the lines that hold one of the patterns as whole words.
  private func found(_ rule: Rule, in file: TextFile) -> [Int] {
    let lines = rule.readsComments ? file.lines : file.code
    return lines.filter { line in rule.patterns.contains { holds(line.text, $0) } }.map(\.number)
  }

  private func holds(_ line: Substring, _ pattern: String) -> Bool {
    line.ranges(of: pattern).contains { range in
      // Another type's method is not meant.
      if let before = line[..<range.lowerBound].last, before.isLetter || "_.".contains(before) {
        return false
      }
      guard pattern.last?.isLetter == true else { return true }
      return line[range.upperBound...].first.map { !$0.isLetter && $0 != "_" } ?? true
    }
  }
}
