import ArgumentParser
import Foundation
import Telemetry
import Training

/// Whether and how a run is told in lines instead of on a screen.
struct HeadlessOptions: ParsableArguments {
  @Flag(help: "Print plain lines instead of opening the dashboard.")
  var headless = false

  @Flag(help: "With --headless: one JSON object a line.")
  var json = false

  /// Whether to open the dashboard; says so where there is no terminal for it.
  func wantsScreen() -> Bool {
    if headless || json { return false }
    if ScreenSession.isPossible { return true }
    StandardError.write("descent: there is no terminal here; going on as with --headless")
    return false
  }

  func listener() -> LiveRun.Listener {
    if json {
      let lines = RunJSON()
      return .lines { lines.hear($0) }
    }
    let lines = RunLines()
    return .lines { lines.hear($0) }
  }
}

/// Training without a screen.
enum HeadlessSession {
  /// Trains to the end; an interrupt checkpoints, says how to go on, and ends.
  ///
  /// - Throws: `ExitStatus` for a run that was interrupted or failed.
  static func train(_ run: LiveRun) throws {
    let signals = SignalWatch([SIGINT, SIGTERM]) { _ in run.control.interrupt() }
    // A lost terminal does not end the training.
    let hangUp = SignalWatch([SIGHUP])
    run.start()
    let result = run.wait()
    _ = hangUp.arrived
    if signals.arrived != nil, result?.status == .interrupted {
      StandardError.write(
        "descent: interrupted; 'descent resume \(run.description.run)' goes on with it"
      )
      throw ExitStatus.interrupted
    }
    if result?.status == .failed { throw ExitStatus.failed }
  }
}
