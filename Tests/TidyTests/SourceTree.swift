import Foundation
import Testing

/// The package's own files, as its checks read them.
enum SourceTree {
  /// The directory of Package.swift.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Swift files of the package, manifest first.
  static let swiftFiles =
    [TextFile("Package.swift")] + (files(in: "Sources") + files(in: "Tests")).filter(\.isSwift)

  /// Pages in Markdown, wherever they are.
  static let pages =
    ([""] + ["docs", "themes", "Tests"]).flatMap { folder in
      files(in: folder, deep: !folder.isEmpty).filter { $0.path.hasSuffix(".md") }
    }

  /// Scripts that people and machines start.
  static let scripts = files(in: "Scripts") + [TextFile(".ci/run")]

  /// Whether there is a file or a folder at a path relative to the root.
  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }

  /// The files under a folder, in order of their paths.
  static func files(in folder: String, deep: Bool = true) -> [TextFile] {
    let base = folder.isEmpty ? root : root.appending(path: folder)
    let manager = FileManager.default
    let found =
      deep
      ? manager.subpaths(atPath: base.path) : try? manager.contentsOfDirectory(atPath: base.path)
    return (found ?? []).sorted()
      .map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
      .filter { !root.appending(path: $0).hasDirectoryPath && !isDirectory($0) }
      .map(TextFile.init)
  }

  private static func isDirectory(_ path: String) -> Bool {
    var directory: ObjCBool = false
    let full = root.appending(path: path).path
    return FileManager.default.fileExists(atPath: full, isDirectory: &directory)
      && directory.boolValue
  }
}

/// One text file.
struct TextFile: Sendable {
  /// Relative to the root of the package.
  let path: String

  init(_ path: String) { self.path = path }

  var isSwift: Bool { path.hasSuffix(".swift") }

  var url: URL { SourceTree.root.appending(path: path) }

  /// The whole text; nothing where it cannot be read.
  var text: String { (try? String(contentsOf: url, encoding: .utf8)) ?? "" }

  /// The lines with their numbers, from 1.
  var lines: [(number: Int, text: Substring)] {
    text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      .map { (number: $0.offset + 1, text: $0.element) }
  }

  /// The lines that are not comments as a whole.
  var code: [(number: Int, text: Substring)] {
    lines.filter { !$0.text.drop(while: { $0 == " " }).hasPrefix("//") }
  }

  /// Reports a fault at a line of this file, with what would be right.
  func fault(_ message: String, line: Int = 1) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    Issue.record(
      "\(path):\(line): \(message)",
      sourceLocation: SourceLocation(
        fileID: "descent/\(name)",
        filePath: url.path,
        line: line,
        column: 1
      )
    )
  }
}
