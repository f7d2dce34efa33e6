import Foundation
import GRDB
import Testing

extension EndToEnd {
  /// Runs that begin at another's checkpoint, and runs that are trained again.
  @Suite
  struct ForkTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// Runs a command line to its end.
    @discardableResult
    func descent(_ line: String) async throws -> FinishedProgram {
      try await workspace.start(line.split(separator: " ").map(String.init)).wait(seconds: 120)
    }

    func trainParent() async throws {
      let done = try await descent(
        "train cnn --data digits --epochs 4 --augment rotate,crop:1 --name parent --headless"
      )
      #expect(done.status == 0, Comment(rawValue: done.errors))
    }

    @Test
    func `a fork begins at a kept epoch and replays with its parent's part`() async throws {
      try await trainParent()
      let done = try await descent(
        """
        fork parent --at 3 --lr 0.005 --schedule constant --epochs 5 --augment zoom,cutout \
        --headless --json
        """
      )
      #expect(done.status == 0, Comment(rawValue: done.errors))
      let lines = try done.lines()
      #expect(lines.first { $0.text("kind") == "fork" }?.integer("step") == 60)
      let steps = lines.ofType("step")
      #expect(steps.first?.integer("step") == 61)
      #expect(steps.first?.number("learning_rate") == 0.005)
      #expect(steps.last?.integer("step") == 100)
      let replay = try await descent("replay 2 --json")
      #expect(replay.status == 0, Comment(rawValue: replay.errors))
      let result = try object(replay)
      #expect(result["is_identical"] as? Bool == true)
      // The parent's 60 steps were copied and are trained again, too.
      #expect(result["steps"] as? Int == 100)
    }

    @Test(arguments: ["--image-size 12", "--recipe lecture-dnn"])
    func `a fork of another network or image size is refused, and none is stored`(
      options: String
    ) async throws {
      try await trainParent()
      let done = try await descent("fork parent \(options) --headless")
      #expect(done.status == 2 && done.output == "")
      #expect(done.errors.contains("network and size of the images stay"))
      #expect(try await descent("runs").outputLines.count == 2)
    }

    @Test
    func `an epoch that is not kept is answered with those that are`() async throws {
      try await trainParent()
      let done = try await descent("fork parent --at 99 --headless")
      #expect(done.status == 2)
      #expect(done.output == "")
      #expect(done.errorLines.count == 1)
      let kept = try await database { database in
        try Int.fetchAll(database, sql: "SELECT DISTINCT epoch FROM checkpoints ORDER BY epoch")
      }
      #expect(kept.contains(3) && kept.contains(4))
      let words = kept.map(String.init).joined(separator: ", ")
      #expect(done.errors.contains("no checkpoint of epoch 99; it has those of \(words)"))
      #expect(try await descent("runs").outputLines.count == 2)
    }

    @Test
    func `a replay says that every bit is the same, or names the step that is not`() async throws {
      try await trainParent()
      let same = try await descent("replay parent")
      #expect(same.status == 0, Comment(rawValue: same.errors))
      #expect(same.output.contains("80 steps, 4 epochs"))
      #expect(same.output.contains("every bit is the same"))
      let before = workspace.checkpoints(of: 1)
      try await database { database in
        try database.execute(sql: "UPDATE steps SET loss = loss + 1e-12 WHERE step = 42")
      }
      let other = try await descent("replay parent --json")
      #expect(other.status == 1)
      let result = try object(other)
      #expect(result["is_identical"] as? Bool == false)
      let difference = try #require(result["first_difference"] as? [String: Any])
      #expect(difference["step"] as? Int == 42)
      #expect(workspace.checkpoints(of: 1) == before)
    }

    @Test
    func `a run that was cut off at its only checkpoint begins again`() async throws {
      let line = "train cnn --data digits --epochs 2 --headless"
      #expect(try await descent(line).status == 0)
      #expect(try await descent("\(line) --name cut").status == 0)
      let undisturbed = try workspace.newestBits(of: 1)
      // What is left when the power fails while the first checkpoint goes to the disk.
      let paths = workspace.checkpoints(of: 2)
      for path in paths.dropFirst() { try FileManager.default.removeItem(atPath: path) }
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: try #require(paths.first)))
      try file.truncate(atOffset: 1000)
      try file.close()
      try await database { database in
        try database.execute(
          sql: """
            UPDATE runs SET status = 'interrupted' WHERE id = 2;
            DELETE FROM steps WHERE run = 2 AND step > 25;
            DELETE FROM epochs WHERE run = 2 AND epoch > 1;
            """
        )
      }
      let resumed = try await descent("resume cut --headless")
      #expect(resumed.status == 0, Comment(rawValue: resumed.errors))
      #expect(resumed.errors.contains("the run begins again"))
      #expect(try workspace.newestBits(of: 2) == undisturbed)
      #expect(try await descent("replay cut").status == 0)
      // The index names the files there are, and no others.
      let named = try await database { database in
        try String.fetchAll(database, sql: "SELECT path FROM checkpoints WHERE run = 2")
      }
      let names = workspace.checkpoints(of: 2).map { ($0 as NSString).lastPathComponent }
      #expect(Set(named) == Set(names.map { "checkpoints/" + $0 }))
    }

    /// The one JSON object that a command prints.
    private func object(_ done: FinishedProgram) throws -> [String: Any] {
      try #require(
        try JSONSerialization.jsonObject(with: Data(done.output.utf8)) as? [String: Any]
      )
    }

    /// Looks into the store, or changes it, behind the program's back.
    @discardableResult
    private func database<Value: Sendable>(
      _ work: @Sendable @escaping (Database) throws -> Value
    ) async throws -> Value {
      try await DatabaseQueue(path: workspace.home + "/descent.sqlite").write(work)
    }
  }
}
