import Foundation
import Testing

/// The outer form of files: what the formatter does not see to.
@Suite
struct FormTests {
  /// A longer file has more than one idea.
  private static let lineLimit = 400
  /// Files that are longer for a reason, which is to stand beside their names here.
  private static let longFiles: Set<String> = []
  private static let columnLimit = 100

  @Test
  func `files are short enough to be read at once`() {
    for file in SourceTree.swiftFiles where !FormTests.longFiles.contains(file.path) {
      let count = file.lines.count - 1
      guard count > FormTests.lineLimit else { continue }
      file.fault("\(count) lines; split it by idea, at most \(FormTests.lineLimit) lines a file")
    }
  }

  @Test
  func `lines fit on the screen`() {
    for file in SourceTree.swiftFiles {
      for line in file.lines where line.text.count > FormTests.columnLimit {
        // A long literal has no place to break.
        guard line.text.drop(while: { $0 == " " }).contains(" ") else { continue }
        file.fault(
          "\(line.text.count) columns; wrap it at \(FormTests.columnLimit)",
          line: line.number
        )
      }
    }
  }

  @Test
  func `lines end where their text ends, and are indented with spaces`() {
    for file in SourceTree.swiftFiles + SourceTree.pages + SourceTree.scripts {
      for line in file.lines {
        if line.text.last?.isWhitespace == true {
          file.fault("spaces at the end of the line; take them away", line: line.number)
        }
        if line.text.contains("\t") {
          file.fault("a tab; indent with two spaces", line: line.number)
        }
      }
    }
  }

  @Test
  func `files end with one line feed`() {
    for file in SourceTree.swiftFiles + SourceTree.pages + SourceTree.scripts {
      let text = file.text
      guard !text.hasSuffix("\n") || text.hasSuffix("\n\n") else { continue }
      file.fault("must end with one line feed", line: max(file.lines.count - 1, 1))
    }
  }

  @Test
  func `scripts can be started`() {
    #expect(!SourceTree.scripts.isEmpty)
    for script in SourceTree.scripts {
      if !FileManager.default.isExecutableFile(atPath: script.url.path) {
        script.fault("not executable; chmod +x it")
      }
      if !script.text.hasPrefix("#!/") {
        script.fault("must begin with its interpreter, such as #!/bin/sh")
      }
    }
  }

  @Test
  func `the formatter knows every rule it should apply`() throws {
    // A list of rules that leaves one out turns that one off without a word.
    let file = TextFile(".swift-format")
    let object = try JSONSerialization.jsonObject(with: Data(file.text.utf8)) as? [String: Any]
    let rules = try #require(object?["rules"] as? [String: Bool])
    #expect(rules.count >= 43)
    for rule in rules where !rule.value { file.fault("the rule \(rule.key) is off") }
  }
}
