import Foundation
import GRDB
import Telemetry
import Testing

@testable import RunStore

@Suite
struct RunStoreOpeningTests {
  @Test
  func `a directory that cannot be made is unwritable`() throws {
    let scratch = try ScratchStore()
    let file = scratch.directory + "/file"
    try Data("x".utf8).write(to: URL(fileURLWithPath: file))
    #expect {
      try RunStore(directory: file + "/store")
    } throws: { error in
      guard case RunStoreError.unwritable(let path, _) = error else { return false }
      return path == file + "/store"
    }
  }

  @Test
  func `a newer schema is refused and left as it is`() throws {
    let scratch = try ScratchStore()
    try scratch.store.write { database in
      try database.execute(
        sql: """
          INSERT INTO grdb_migrations VALUES ('v999');
          ALTER TABLE runs ADD COLUMN tomorrow TEXT DEFAULT 'x'
          """
      )
    }
    #expect(throws: RunStoreError.newerSchema(path: scratch.databasePath)) {
      try RunStore(directory: scratch.directory)
    }
    let names = try scratch.store.read { try $0.columns(in: "runs").map(\.name) }
    #expect(names.contains("tomorrow"))
  }

  @Test
  func `a file that is no database is damaged and left as it is`() throws {
    let scratch = try ScratchStore()
    let directory = scratch.directory + "/other"
    try FileManager.default.createDirectory(
      atPath: directory,
      withIntermediateDirectories: true
    )
    let path = directory + "/descent.sqlite"
    let garbage = Data(repeating: 0x5a, count: 5_000)
    try garbage.write(to: URL(fileURLWithPath: path))
    #expect {
      try RunStore(directory: directory)
    } throws: { error in
      guard case RunStoreError.damaged(path, _) = error else { return false }
      return true
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == garbage)
  }

  @Test
  func `a store opens again with what it held`() throws {
    let scratch = try ScratchStore()
    let run = try scratch.startedRun().run
    #expect(try RunStore(directory: scratch.directory).summaries().map(\.id) == [run])
  }
}

@Suite
struct RunCreationTests {
  let scratch: ScratchStore

  init() throws { scratch = try ScratchStore() }

  func name(of run: RunID) throws -> String {
    try scratch.store.summary(of: run).description.name
  }

  @Test
  func `a run is named after architecture, data and its number`() throws {
    let first = try scratch.store.createRun(recipe: .sample)
    #expect(try name(of: first) == "cnn-mnist-1")
    try scratch.kill(first)
    try scratch.store.delete(first)
    let second = try scratch.store.createRun(recipe: .sample)
    #expect(try name(of: second) == "cnn-mnist-2")
    #expect(try scratch.store.createRun(name: "cnn-mnist-4", recipe: .sample) == RunID(3))
    #expect(try name(of: scratch.store.createRun(recipe: .sample)) == "cnn-mnist-4-2")
  }

  @Test
  func `a new run has its recipe and its directory at once`() throws {
    let run = try scratch.store.createRun(recipe: .sample)
    let summary = try scratch.store.summary(of: run)
    #expect(summary.description.recipe == .sample)
    #expect(summary.learningRate == 0.1)
    #expect(summary.status == .running)
    #expect(FileManager.default.fileExists(atPath: scratch.store.directory(of: run)))
  }

  @Test(arguments: ["", "12", "a b", "a/b", "-x", "a\nb", String(repeating: "x", count: 101)])
  func `names that the command line could not take are refused`(name: String) throws {
    #expect(throws: RunStoreError.unusableName(name: name)) {
      try scratch.store.createRun(name: name, recipe: .sample)
    }
    #expect(try scratch.store.summaries().isEmpty)
  }

  @Test
  func `a name is given once`() throws {
    let run = try scratch.store.createRun(name: "best", recipe: .sample)
    #expect(throws: RunStoreError.nameTaken(name: "best", run: run)) {
      try scratch.store.createRun(name: "best", recipe: .sample)
    }
  }

  @Test
  func `runs are found by number, name and unambiguous start of a name`() throws {
    let store = scratch.store
    let short = try store.createRun(name: "wide", recipe: .sample)
    let long = try store.createRun(name: "wider-2", recipe: .sample)
    let other = try store.createRun(name: "100%_x", recipe: .sample)
    #expect(try store.run(matching: "2") == long)
    #expect(try store.run(matching: "wide") == short)
    #expect(try store.run(matching: "wider") == long)
    #expect(try store.run(matching: "100%") == other)
    #expect(throws: RunStoreError.ambiguousRun(text: "wid", candidates: ["wider-2", "wide"])) {
      try store.run(matching: "wid")
    }
    for text in ["9", "nope", "", "%"] {
      #expect(
        throws: RunStoreError.unknownRun(text: text, candidates: ["100%_x", "wider-2", "wide"])
      ) { try store.run(matching: text) }
    }
  }
}

@Suite
struct RunLifeTests {
  let scratch: ScratchStore
  /// Another process's view of the same directory.
  let viewer: RunStore

  init() throws {
    scratch = try ScratchStore()
    viewer = try RunStore(directory: scratch.directory)
  }

  @Test
  func `the change token changes with every commit of any process`() throws {
    let before = try viewer.changeToken()
    #expect(try viewer.changeToken() == before)
    let writer = try scratch.startedRun()
    writer.flush()
    let between = try viewer.changeToken()
    #expect(between != before)
    let own = try scratch.store.changeToken()
    writer.record(.step(.sample(1)))
    writer.flush()
    #expect(try viewer.changeToken() != between)
    #expect(try scratch.store.changeToken() != own)
  }

  @Test
  func `runs are listed newest first`() throws {
    let runs = try (1...3).map { _ in try scratch.startedRun().run }
    #expect(try viewer.summaries().map(\.id) == runs.reversed())
  }

  @Test
  func `a recipe that a resume changes is shown as it is now`() throws {
    let writers = try (1...2).map { _ in try scratch.startedRun() }
    for writer in writers { writer.flush() }
    #expect(try viewer.summaries().map(\.description.recipe) == [.sample, .sample])
    var description = RunDescription.sample(run: writers[1].run, name: "cnn-mnist-2")
    description.recipe.epochs = 77
    writers[1].record(.started(description))
    writers[1].flush()
    #expect(try viewer.summaries().map(\.description.recipe) == [description.recipe, .sample])
    #expect(try scratch.store.summaries() == viewer.summaries())
  }

  @Test
  func `a run whose process is gone is interrupted, for readers only`() throws {
    let writer = try scratch.startedRun()
    writer.flush()
    try scratch.kill(writer.run)
    #expect(try viewer.summaries().map(\.status) == [.interrupted])
    let stored = try viewer.read { database in
      try String.fetchOne(database, sql: "SELECT status FROM runs")
    }
    #expect(stored == "running")
  }

  @Test
  func `this process is alive and a number nobody has is not`() {
    let current = ProcessIdentity.current
    #expect(current.isAlive)
    #expect(!ProcessIdentity(id: current.id, start: current.start + 1).isAlive)
    #expect(!ProcessIdentity(id: 1 << 40, start: current.start).isAlive)
  }

  @Test
  func `a live run of another process has no second writer and is not deleted`() throws {
    let run = try scratch.startedRun().run
    try scratch.store.write { database in
      // The first process of the system is alive, and another one than this.
      let stat = try String(contentsOfFile: "/proc/1/stat", encoding: .utf8)
      let start = stat.split(separator: ")").last?.split(separator: " ")[19]
      try database.execute(
        sql: "UPDATE runs SET process_id = 1, process_start = ?",
        arguments: [start.map(String.init)]
      )
    }
    let live = RunStoreError.live(run: run, name: "cnn-mnist-1")
    #expect(throws: live) { try viewer.writer(for: run) { _ in } }
    #expect(throws: live) { try viewer.delete(run) }
  }

  @Test
  func `a deleted run takes its rows and files with it`() throws {
    let writer = try scratch.startedRun()
    writer.record(.step(.sample(1)))
    writer.record(.epoch(.sample(1, step: 1)))
    writer.record(.change(.plain(.pause, step: 1)))
    writer.record(.rewound(toStep: 1))
    writer.record(CheckpointRecord(kind: .last, step: 1, epoch: 1, path: "a", time: 1))
    writer.flush()
    try viewer.control(of: writer.run).send(.pause)
    try scratch.kill(writer.run)
    try viewer.delete(writer.run)
    for table in ["runs", "steps", "epochs", "changes", "rewinds", "checkpoints", "commands"] {
      let count = try viewer.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") }
      #expect(count == 0, "rows are left in \(table)")
    }
    #expect(!FileManager.default.fileExists(atPath: viewer.directory(of: writer.run)))
    #expect(throws: RunStoreError.unknownRun(text: "1", candidates: [])) {
      try viewer.source(of: writer.run)
    }
  }
}

@Suite
struct CommandTests {
  let scratch: ScratchStore
  let viewer: RunStore

  init() throws {
    scratch = try ScratchStore()
    viewer = try RunStore(directory: scratch.directory)
  }

  @Test
  func `commands arrive once, in order, as they were sent`() throws {
    let run = try scratch.startedRun().run
    let other = try scratch.startedRun().run
    let commands: [RunCommand] = [
      .learningRate(.multiply(0.3)), .learningRate(.set(1e-3)), .learningRate(.schedule), .undo,
      .pause, .resume, .singleStep, .toEpochEnd, .stop, .checkpoint, .validate,
    ]
    let control = try viewer.control(of: run)
    for command in commands { try control.send(command) }
    try viewer.control(of: other).send(.pause)
    #expect(try scratch.store.takeCommands(for: run) == commands)
    #expect(try scratch.store.takeCommands(for: run).isEmpty)
    try control.send(.stop)
    #expect(try scratch.store.takeCommands(for: run) == [.stop])
    #expect(try scratch.store.takeCommands(for: other) == [.pause])
  }

  @Test
  func `a run that nobody trains takes no commands`() throws {
    let writer = try scratch.startedRun()
    writer.record(.ended(RunResult(status: .finished, seconds: 1, time: 1)))
    writer.flush()
    let control = try viewer.control(of: writer.run)
    #expect(
      throws: RunStoreError.notLive(run: writer.run, name: "cnn-mnist-1", status: .finished)
    ) { try control.send(.pause) }
  }

  @Test
  func `a resumed run does not obey what was said to the one that was killed`() throws {
    let writer = try scratch.startedRun()
    writer.flush()
    try viewer.control(of: writer.run).send(.stop)
    try scratch.kill(writer.run)
    let resumer = try RunStore(directory: scratch.directory)
    _ = try resumer.writer(for: writer.run) { _ in }
    #expect(try resumer.takeCommands(for: writer.run).isEmpty)
  }

  @Test
  func `commands that cannot be marked as taken are still handed out once`() throws {
    let scratch = try ScratchStore(busyTimeout: 0.05)
    let run = try scratch.startedRun().run
    try scratch.store.control(of: run).send(.pause)
    let other = try scratch.otherConnection()
    try other.writeWithoutTransaction { database in
      try database.inTransaction(.immediate) {
        let commands = try scratch.store.takeCommands(for: run)
        #expect(commands == [.pause])
        return .rollback
      }
    }
    #expect(try scratch.store.takeCommands(for: run).isEmpty)
  }
}

@Suite
struct ResumingTests {
  let scratch: ScratchStore

  init() throws { scratch = try ScratchStore() }

  func checkpoint(_ kind: CheckpointRecord.Kind, step: Int) -> CheckpointRecord {
    CheckpointRecord(
      kind: kind,
      step: step,
      epoch: 1,
      path: "\(kind.rawValue)-\(step)",
      time: Double(step)
    )
  }

  @Test
  func `checkpoints are listed latest first, without those forgotten or undone`() throws {
    let writer = try scratch.startedRun()
    for step in [1, 3, 2, 9] { writer.record(checkpoint(.last, step: step)) }
    writer.record(checkpoint(.best, step: 1))
    writer.forgetCheckpoint(path: "last-2")
    writer.record(.rewound(toStep: 5))
    writer.flush()
    #expect(
      try scratch.store.checkpoints(of: writer.run)
        == [checkpoint(.last, step: 3), checkpoint(.best, step: 1), checkpoint(.last, step: 1)]
    )
  }

  @Test
  func `a checkpoint recorded again under its path replaces the first`() throws {
    let writer = try scratch.startedRun()
    for step in [1, 2] {
      writer.record(CheckpointRecord(kind: .last, step: step, epoch: 0, path: "last", time: 1))
    }
    writer.flush()
    #expect(try scratch.store.checkpoints(of: writer.run).map(\.step) == [2])
  }

  @Test
  func `changes of settings from a step on are told in the order they were made`() throws {
    let writer = try scratch.startedRun()
    var changes: [RunChange] = [
      .learningRate(0.5, step: 1), .learningRate(0.4, step: 2), .plain(.pause, step: 2),
      .plain(.setting, step: 3), .plain(.undo, step: 3),
    ]
    for index in changes.indices where changes[index].kind != .pause {
      var settings = LiveSettings(multiplier: 1 / Double(index + 1))
      settings.frozen = ["layer1", "!layer1.0"]
      settings.batchSize = 32 + index
      changes[index].details = RunChange.Details(settings: settings)
    }
    changes[2].details = RunChange.Details(numbers: ["mean": 0.25])
    for change in changes { writer.record(.change(change)) }
    writer.flush()
    #expect(
      try scratch.store.recordedChanges(of: writer.run, after: 2)
        == [changes[1], changes[3], changes[4]]
    )
  }
}
