import ArgumentParser
import Dashboard
import RunStore
import Telemetry

/// Shows several stored runs together, also those that other processes train.
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show runs together: their curves over each other, their figures in a table.",
    discussion: """
      With --json it prints the table instead: for each run its best validation loss and \
      accuracy, each with its epoch, its parameters, its seconds per epoch, and the settings in \
      which the runs differ; once, the settings they share.
      """
  )

  @Argument(help: ArgumentHelp("Numbers or names of the runs, two or more.", valueName: "run"))
  var names: [String] = []

  @Flag(help: "One JSON document.")
  var json = false

  @OptionGroup
  var screen: ScreenOptions

  func run() throws {
    guard names.count >= 2 else { throw Self.tooFew }
    guard json || ScreenSession.isPossible else {
      throw UsageError.noTerminal(
        command: "descent compare",
        instead: "'descent compare --json RUN RUN' prints the table"
      )
    }
    _ = try screen.themes()
    let store = try StoreLocation.open()
    let runs = try chosenRuns(of: store)
    guard !json else {
      StandardOutput.write(JSONText.document(try ComparisonJSON(runs, of: store)))
      return
    }
    try MainActor.assumeIsolated {
      try ScreenSession(workbench: Workbench(store: store), options: screen)
        .browse(compare: runs)
    }
  }

  /// The runs in the order they were named, each once.
  private func chosenRuns(of store: RunStore) throws -> [RunID] {
    var told: Set<RunID> = []
    let runs = try names.map { try store.run(named: $0) }.filter { told.insert($0).inserted }
    guard runs.count >= 2 else { throw Self.tooFew }
    guard runs.count <= Comparison.mostRuns else {
      throw UsageError.nothingToDo(
        command: "descent compare",
        wanted: "at most \(Comparison.mostRuns) runs, not \(runs.count)"
      )
    }
    return runs
  }

  private static let tooFew = UsageError.nothingToDo(
    command: "descent compare",
    wanted: "two different runs or more; 'descent runs' lists them"
  )
}

extension RunStore {
  /// The run a person means; where there is none, the error tells the name most like it.
  fileprivate func run(named name: String) throws -> RunID {
    do {
      return try run(matching: name)
    } catch RunStoreError.unknownRun(let text, let candidates) {
      let known = try summaries().map(\.description.name)
      guard let nearest = Spelling.nearest(to: text, among: known), Int64(text) == nil else {
        throw RunStoreError.unknownRun(text: text, candidates: candidates)
      }
      throw UsageError.unknownRun(name: text, nearest: nearest)
    }
  }
}
