import Dashboard
import Foundation
import RunStore
import Telemetry
import Terminal
import Training

/// The dashboard on the terminal, with the runs that train in this process.
@MainActor
struct ScreenSession {
  let workbench: Workbench
  let options: ScreenOptions

  /// Whether there is a terminal to draw on.
  nonisolated static var isPossible: Bool {
    isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
  }

  /// Shows stored runs until the user leaves, at first the one that is named, or those to compare.
  func browse(open run: RunID? = nil, compare runs: [RunID] = []) throws {
    let signals = watchSignals()
    try settle(try show(open: run, compare: runs, live: nil, signals: signals))
  }

  /// Shows a run that is about to train here, and does what the user chose on leaving.
  func train(_ run: LiveRun, feed: RunFeed) throws {
    let signals = watchSignals()
    let live = workbench.begin(run, feed: feed)
    try settle(try show(open: nil, live: live, signals: signals))
  }

  private func watchSignals() -> SignalWatch {
    let workbench = workbench
    return SignalWatch([SIGINT, SIGTERM, SIGHUP]) { number in
      // A lost terminal does not end the training; an order to end does, with everything kept.
      if number != SIGHUP { workbench.interrupt() }
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
      catalog: workbench.store,
      workbench: workbench,
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

  // MARK: - After the screen

  /// Does with the runs of this process what the user chose, or what a signal asks for.
  ///
  /// - Throws: `ExitStatus.interrupted` after a signal, unless it was the loss of the terminal and
  ///   runs were left to finish.
  private func settle(_ exit: DashboardExit) throws {
    let runs = workbench.close()
    switch (exit.choice, exit.request) {
    case (_, .signal(SIGHUP)?) where !runs.isEmpty:
      // Writing to a terminal that is gone fails; nothing here depends on it.
      for run in runs { _ = run.wait() }
    case (_, .some):
      workbench.interrupt()
      for run in runs { conclude(run) }
      throw ExitStatus.interrupted
    case (.detach, nil):
      workbench.interrupt()
      try detach(runs)
    case (.stop, nil):
      for run in runs { run.control.send(.stop) }
      for run in runs { conclude(run) }
    case (.none, nil):
      // Nothing trains any more, or the user would have been asked.
      for run in runs { conclude(run) }
    }
  }

  /// Hands every run that is not done to a process of its own.
  ///
  /// - Throws: the first failure, after all runs have had their chance.
  private func detach(_ runs: [LiveRun]) throws {
    var failure: (any Error)?
    for run in runs {
      let result = run.wait()
      guard result?.status == .interrupted else {
        conclude(run)
        continue
      }
      let id = run.description.run
      do {
        try BackgroundProcess.resume(id, logIn: workbench.store.directory)
        StandardOutput.write(
          "run \(id) (\(run.description.name)) goes on in the background; "
            + "'descent watch \(id)' shows it"
        )
      } catch {
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
  }

  /// Waits for the end and leaves the run's summary in the scrollback.
  private func conclude(_ run: LiveRun) {
    let result = run.wait()
    for line in RunLines.introduction(run.description) { StandardOutput.write(line) }
    guard let result else { return }
    StandardOutput.write(RunLines.line(result))
    if result.status == .stopped || result.status == .interrupted {
      StandardOutput.write("'descent resume \(run.description.run)' goes on with it")
    }
  }
}
