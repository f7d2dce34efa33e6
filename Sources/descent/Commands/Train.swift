import ArgumentParser
import Foundation
import RunStore
import Telemetry
import Training

/// Starts a run and shows it.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Start a run and show it."
  )

  @Argument(help: "Architecture: see 'descent models'. (default: the recipe's)")
  var architecture: String?

  @OptionGroup
  var options: RecipeOptions
  @OptionGroup
  var output: HeadlessOptions
  @OptionGroup
  var screen: ScreenOptions

  @Flag(
    help: "Say what memory and time the run would take, from a few steps of it, and end."
  )
  var estimate = false

  func run() throws {
    let launcher = try launcher()
    if estimate { return try sayEstimate(launcher) }
    if output.wantsScreen() {
      _ = try screen.themes()
      let store = try StoreLocation.open()
      let workbench = Workbench(store: store)
      let feed = RunFeed()
      let live = try launcher.create(
        in: store,
        name: options.name,
        listener: .screen(feed),
        turnstile: workbench.turnstile
      )
      try MainActor.assumeIsolated {
        try ScreenSession(workbench: workbench, options: screen).train(live, feed: feed)
      }
    } else {
      let store = try StoreLocation.open()
      let live = try launcher.create(
        in: store,
        name: options.name,
        listener: output.listener()
      )
      try HeadlessSession.train(live)
    }
  }

  /// Seconds that an estimate may measure for, where steps are short.
  private static let estimateSeconds = 5.0

  /// - Throws: `ExitStatus.interrupted` after a signal.
  private func sayEstimate(_ launcher: RunLauncher) throws {
    let signals = SignalWatch([SIGINT, SIGTERM, SIGHUP])
    let estimate = try launcher.estimate(
      in: ScratchDirectory(in: StoreLocation.directory),
      seconds: Train.estimateSeconds,
      isCalledOff: { signals.arrived != nil }
    )
    guard let estimate else { throw ExitStatus.interrupted }
    let text = EstimateText(plan: launcher.plan, estimate: estimate)
    StandardOutput.write(output.json ? text.json : text.lines)
  }

  /// The planned run; its recipe is written down where that was asked for.
  private func launcher() throws -> RunLauncher {
    var draft = try options.fullDraft()
    draft.set(.architecture, architecture)
    if let name = options.name { try RunStore.check(name: name) }
    let launcher = try RunLauncher(draft)
    if let path = options.saveRecipe { try RecipeFile.save(launcher.plan.recipe, to: path) }
    return launcher
  }
}
