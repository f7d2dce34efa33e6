import Foundation
import Terminal
import Testing

@testable import Dashboard

@Suite
struct KeyTableTests {
  private let table = KeyTable.standard

  @Test(arguments: KeyContext.allCases)
  func `a key means one thing in a context`(_ context: KeyContext) {
    let keys = table.bindings.filter { $0.context == context }.flatMap(\.strokes).map(\.key)
    #expect(!keys.isEmpty)
    #expect(Set(keys).count == keys.count)
  }

  @Test(arguments: [KeyContext.runs, .run, .compare])
  func `no screen hides a key that works everywhere`(_ context: KeyContext) {
    let everywhere = Set(
      table.bindings.filter { $0.context == .everywhere }.flatMap(\.strokes).map(\.key)
    )
    let own = table.bindings.filter { $0.context == context }.flatMap(\.strokes).map(\.key)
    #expect(everywhere.isDisjoint(with: own))
  }

  @Test
  func `every action has a key`() {
    let reached = Set(table.bindings.flatMap(\.strokes).map(\.action))
    #expect(Set(Action.allCases) == reached)
  }

  @Test
  func `what is typed into leaves letters alone`() {
    for row in table.bindings
    where [.help, .prompt, .newRun].contains(row.context) {
      for stroke in row.strokes {
        if case .character(let character) = stroke.key {
          Issue.record("\(character) is taken in \(row.context)")
        }
      }
    }
  }

  @Test
  func `rows are worded for people`() {
    for row in table.bindings {
      #expect(row.explanation.hasSuffix("."), "\(row.label)")
      #expect(!row.title.isEmpty && row.title.count <= 14, "\(row.title)")
    }
  }

  @Test
  func `hints that steer are for live runs only`() {
    let still = table.hints(in: [.run, .everywhere], liveRun: false)
    #expect(still.allSatisfy { !$0.needsLiveRun })
    #expect(!still.isEmpty)
    let live = table.hints(in: [.run, .everywhere], liveRun: true)
    #expect(live.contains { $0.strokes.contains { $0.action == .doubleRate } })
  }

  @Test
  func `the first context that knows a key decides`() {
    let found = table.lookup(.character("l"), in: [.run, .everywhere])
    #expect(found?.action == .typeRate)
    #expect(table.lookup(.character("l"), in: [.runs, .everywhere])?.action == .openRun)
    #expect(table.lookup(.character("Z"), in: [.run, .everywhere]) == nil)
  }

  @Test
  func `the document tells every key and explanation`() {
    let document = keybindingsDocument()
    for row in table.bindings {
      for stroke in row.strokes { #expect(document.contains("`\(keyName(stroke.key))`")) }
    }
    for context in KeyContext.allCases { #expect(document.contains("## \(context.title)\n")) }
    #expect(document.hasSuffix("|\n"))
  }

  /// DESCENT_RECORD_SNAPSHOTS=1 writes the page anew.
  @Test
  func `the page of keys in the documentation is fresh`() throws {
    let page = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "docs/KEYBINDINGS.md")
    if ProcessInfo.processInfo.environment["DESCENT_RECORD_SNAPSHOTS"] == "1" {
      try keybindingsDocument().write(to: page, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: page, encoding: .utf8) == keybindingsDocument())
  }
}
