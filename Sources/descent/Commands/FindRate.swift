import ArgumentParser
import Foundation
import Synchronization
import Telemetry
import Training

/// Tries learning rates before a run.
struct FindRate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "find-lr",
    abstract: "Try learning rates on a fresh network, and suggest one.",
    discussion: """
      A hundred steps at ever higher rates, until the loss explodes. Nothing is stored.
      """
  )

  @Argument(help: "Architecture: see 'descent models'. (default: the recipe's)")
  var architecture: String?

  @OptionGroup
  var options: RecipeOptions

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() throws {
    var draft = try options.fullDraft()
    draft.set(.architecture, architecture)
    let launcher = try RunLauncher(draft)
    let found = Mutex<RangeTest?>(nil)
    let directory = NSTemporaryDirectory() + "descent-find-lr-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let control = Mutex<SessionControl?>(nil)
    let session = try launcher.session(in: directory) { event in
      if case .change(let change) = event, let test = change.details?.rangeTest {
        found.withLock { $0 = test }
        control.withLock { $0?.send(.stop) }
      }
    }
    control.withLock { $0 = session.control }
    session.control.send(.findLearningRate)
    let signals = SignalWatch([SIGINT, SIGTERM]) { _ in session.control.interrupt() }
    session.start()
    let result = session.wait()
    if signals.arrived != nil { throw ExitStatus.interrupted }
    guard let test = found.withLock({ $0 }) else {
      StandardError.write("descent: \(result?.reason ?? "no rate was tried")")
      throw ExitStatus.failed
    }
    StandardOutput.write(json ? RangeTestText.json(test) : RangeTestText.plot(test))
  }
}
