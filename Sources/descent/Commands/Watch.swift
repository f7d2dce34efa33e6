import ArgumentParser
import RunStore
import Telemetry

/// The dashboard, at first without a run of its own.
struct Home: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "home",
    abstract: "Open the dashboard (the default)."
  )

  @OptionGroup
  var screen: ScreenOptions

  func run() throws {
    try ScreenSession.browse(command: "descent", run: nil, options: screen)
  }
}

/// Shows a stored run, also one that another process trains.
struct Watch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show a run, also one that another process trains."
  )

  @Argument(
    help: ArgumentHelp("Number or name of the run. (default: the newest)", valueName: "run")
  )
  var name: String?

  @OptionGroup
  var screen: ScreenOptions

  func run() throws {
    try ScreenSession.browse(command: "descent watch", run: .some(name), options: screen)
  }
}

extension ScreenSession {
  /// Opens the dashboard on the store.
  ///
  /// A nil `run` opens the list; a run's name or number, or nil within for the newest, that run.
  nonisolated static func browse(
    command: String,
    run: String??,
    options: ScreenOptions
  ) throws {
    guard isPossible else { throw UsageError.noTerminal(command: command) }
    _ = try options.themes()
    let store = try StoreLocation.open()
    var open: RunID?
    if let wanted = run {
      open = try wanted.map { try store.run(matching: $0) } ?? store.summaries().first?.id
    }
    let opened = open
    try MainActor.assumeIsolated {
      try ScreenSession(workbench: Workbench(store: store), options: options)
        .browse(open: opened)
    }
  }
}
