import Foundation
import Telemetry
import Testing

/// What is said once, what is said anew, and what a resume and an undo do to it.
@Suite
struct RemarkLogTests {
  /// Sees its remark in the epochs it is given.
  private struct Fake: RemarkRule {
    let kind = Remark.Kind(rawValue: "fake")
    var patience = 1
    let epochs: Set<Int>
    var numbers: @Sendable (Int) -> [String: Double] = { _ in [:] }

    func look(at history: RunHistory) -> Remark? {
      let epoch = history.lastEpoch
      guard epochs.contains(epoch) else { return nil }
      return Remark(kind: kind, epoch: epoch, text: "at \(epoch)", numbers: numbers(epoch))
    }
  }

  private let run = HealthyRuns.plain(1)

  /// The epochs at whose end the rule's remark is said, of 30.
  private func said(_ rule: Fake) -> [Int] {
    var log = RemarkLog()
    for count in 0...30 { _ = log.look(at: run.history(after: count), with: [rule]) }
    return log.said.map(\.epoch)
  }

  @Test
  func `a remark is said once while it holds`() {
    #expect(said(Fake(epochs: Set(4...25))) == [4])
    #expect(said(Fake(epochs: Set(0...30))) == [0])
    #expect(said(Fake(epochs: [])) == [])
  }

  @Test
  func `a remark is said anew after it ended, not after it flickered`() {
    #expect(said(Fake(epochs: Set(4...10).union(14...20))) == [4, 14])
    #expect(said(Fake(epochs: Set(4...10).union(13...20))) == [4])
    #expect(said(Fake(epochs: [4, 6, 8, 10, 12, 20])) == [4, 20])
  }

  @Test
  func `patience waits for epochs in a row, and tells since when`() {
    #expect(said(Fake(patience: 3, epochs: [2, 3, 5, 6, 7, 8, 9])) == [7])
    var log = RemarkLog()
    let rule = Fake(patience: 3, epochs: [2, 3, 5, 6, 7, 8, 9])
    for count in 0...30 { _ = log.look(at: run.history(after: count), with: [rule]) }
    #expect(log.said.map(\.remark.epoch) == [5])
  }

  @Test
  func `a remark on the same learning rate waits longer`() {
    let epochs = Set(4...6).union(12...14).union(28...28)
    #expect(said(Fake(epochs: epochs) { _ in ["learning_rate": 0.1] }) == [4])
    #expect(said(Fake(epochs: epochs) { ["learning_rate": $0 < 10 ? 0.1 : 0.01] }) == [4, 12])
    #expect(said(Fake(epochs: [4, 25]) { _ in ["learning_rate": 0.1] }) == [4, 25])
  }

  @Test(arguments: SickRuns.all.prefix(20) + RecordedRuns.all)
  func `a log taken up from its stored form says what an undisturbed one does`(
    _ run: SampleRun
  ) throws {
    let expected = run.remarks()
    for cut in [0, 1, run.epochs.count / 2, run.epochs.count] {
      var log = RemarkLog()
      for count in 0...cut { _ = log.look(at: run.history(after: count)) }
      var resumed = try JSONDecoder().decode(RemarkLog.self, from: JSONEncoder().encode(log))
      #expect(resumed == log)
      for count in cut...run.epochs.count { _ = resumed.look(at: run.history(after: count)) }
      #expect(resumed.said == expected)
    }
  }

  @Test(arguments: SickRuns.all.prefix(20) + RecordedRuns.all)
  func `an undo forgets what was said of epochs that never were`(_ run: SampleRun) {
    for kept in [0, 1, run.epochs.count / 2] {
      var straight = RemarkLog()
      for count in 0...kept { _ = straight.look(at: run.history(after: count)) }
      var undone = straight
      for count in (kept + 1)...run.epochs.count {
        _ = undone.look(at: run.history(after: count))
      }
      undone.rewind(toEpoch: kept)
      #expect(undone == straight)
    }
  }

  @Test
  func `an undo after which all is well leaves nothing to say, and a new collapse is said`() {
    let sick = SickRuns.collapsed(1)
    let said = sick.remarks()
    #expect(said.map(\.epoch) == [12])
    var log = RemarkLog()
    for count in 0...13 { _ = log.look(at: sick.history(after: count)) }
    #expect(log.said.count == 1)
    log.rewind(toEpoch: 10)
    #expect(log.said.isEmpty)
    for count in 11...16 { _ = log.look(at: sick.history(after: count)) }
    #expect(log.said == said)
  }

  @Test
  func `one epoch is looked at once`() {
    var log = RemarkLog()
    let rule = Fake(epochs: Set(0...30))
    #expect(log.look(at: run.history(after: 3), with: [rule]).count == 1)
    #expect(log.look(at: run.history(after: 3), with: [rule]).isEmpty)
    #expect(log.look(at: run.history(after: 2), with: [rule]).isEmpty)
    #expect(log.said.count == 1)
  }

  @Test
  func `kinds are spelled as in JSON, each once`() throws {
    let kinds = RemarkRules.all.map(\.kind.rawValue)
    #expect(Set(kinds).count == kinds.count)
    #expect(kinds.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "_" } })
    let text = String(decoding: try JSONEncoder().encode([Remark.Kind.plateau]), as: UTF8.self)
    #expect(text == #"["plateau"]"#)
  }
}
