import ArgumentParser
import RunStore
import Telemetry

/// Starts a run and shows it.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Start a run and show it."
  )

  @Argument(help: "Architecture: see 'descent models'.")
  var architecture: String

  @OptionGroup
  var options: RecipeOptions
  @OptionGroup
  var output: HeadlessOptions
  @OptionGroup
  var screen: ScreenOptions

  func run() throws {
    let launcher = try RunLauncher(architecture: architecture, options: options)
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
}
