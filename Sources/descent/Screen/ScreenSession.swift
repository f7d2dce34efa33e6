import Dashboard
import Foundation
import RunStore
import Telemetry
import Terminal
import Training

/// The dashboard on the terminal, with or without a run that trains in this process.
@MainActor
struct ScreenSession {
  let store: RunStore
  let options: ScreenOptions

  /// Whether there is a terminal to draw on.
  nonisolated static var isPossible: Bool {
    isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
  }

  /// Shows stored runs until the user leaves, at first the one that is named, or those to compare.
  func browse(open run: RunID? = nil, compare runs: [RunID] = []) throws {
    let signals = SignalWatch([SIGINT, SIGTERM, SIGHUP])
    let exit = try show(open: run, compare: runs, live: nil, signals: signals)
    if exit.request != nil { throw ExitStatus.interrupted }
  }

  /// Shows a run that is about to train here, and does what the user chose on leaving.
  func train(_ run: LiveRun, feed: RunFeed) throws {
    let signals = SignalWatch([SIGINT, SIGTERM, SIGHUP]) { number in
      // A lost terminal does not end the training; an order to end does, with everything kept.
      if number != SIGHUP { run.control.interrupt() }
    }
    let live = LiveSession(run: run.description.run, source: feed, control: run.control)
    run.start()
    let exit = try show(open: nil, live: live, signals: signals)
    switch (exit.choice, exit.request) {
    case (_, .signal(SIGHUP)?): finishWithoutTerminal(run)
    case (_, .some):
      conclude(run, note: "'descent resume \(run.description.run)' goes on with it")
      throw ExitStatus.interrupted
    case (.detach, nil):
      run.control.interrupt()
      _ = run.wait()
      try BackgroundProcess.resume(run.description.run, logIn: store.directory)
      StandardOutput.write(
        "run \(run.description.run) (\(run.description.name)) goes on in the background; "
          + "'descent watch \(run.description.run)' shows it"
      )
    case (.stop, nil):
      run.control.send(.stop)
      conclude(run, note: "'descent resume \(run.description.run)' goes on with it")
    case (.none, nil):
      conclude(run, note: nil)
    }
  }

  private func show(
    open run: RunID?,
    compare runs: [RunID] = [],
    live: LiveSession?,
    signals: SignalWatch
  ) throws -> DashboardExit {
    let (themes, first) = try options.themes()
    let screen = try CursesScreen(mouse: !options.noMouse)
    let app = DashboardApp(
      screen: screen,
      catalog: store,
      themes: themes,
      live: live,
      options: DashboardOptions(
        themeName: first,
        symbols: options.symbols,
        open: run,
        compare: runs,
        shouldExit: { signals.arrived.map { .signal($0) } }
      )
    )
    let exit = app.run()
    screen.close()
    for line in screen.capturedLines() { StandardError.write(line) }
    return exit
  }

  /// Waits for the end and leaves the run's summary in the scrollback.
  private func conclude(_ run: LiveRun, note: String?) {
    let result = run.wait()
    for line in RunLines.introduction(run.description) { StandardOutput.write(line) }
    if let result { StandardOutput.write(RunLines.line(result)) }
    if let note, result?.status != .finished { StandardOutput.write(note) }
  }

  private func finishWithoutTerminal(_ run: LiveRun) {
    // Writing to a terminal that is gone fails; nothing here depends on it.
    _ = run.wait()
  }
}
