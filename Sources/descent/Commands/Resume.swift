import ArgumentParser
import RunStore
import Telemetry

/// Goes on with a run that was stopped or cut off.
struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Go on with a run that was stopped or cut off.",
    discussion: """
      It continues from the newest whole checkpoint, to the same bits as a run that was never \
      interrupted.
      """
  )

  @Argument(help: ArgumentHelp("Number or name of the run.", valueName: "run"))
  var name: String

  @OptionGroup
  var output: HeadlessOptions
  @OptionGroup
  var screen: ScreenOptions

  func run() throws {
    let store = try StoreLocation.open()
    let summary = try store.summary(of: try store.run(matching: name))
    if summary.status.isLive {
      throw RunStoreError.live(run: summary.id, name: summary.description.name)
    }
    if summary.status == .finished {
      throw UsageError.alreadyFinished(run: summary.description.name)
    }
    let launcher = try RunLauncher(recipe: summary.description.recipe)
    if output.wantsScreen() {
      _ = try screen.themes()
      let workbench = Workbench(store: store)
      let feed = RunFeed()
      let resumed = try launcher.resume(
        summary,
        in: store,
        listener: .screen(feed),
        turnstile: workbench.turnstile
      )
      warn(of: resumed.damaged)
      try MainActor.assumeIsolated {
        try ScreenSession(workbench: workbench, options: screen).train(resumed.run, feed: feed)
      }
    } else {
      let resumed = try launcher.resume(summary, in: store, listener: output.listener())
      warn(of: resumed.damaged)
      try HeadlessSession.train(resumed.run)
    }
  }

  private func warn(of damaged: [String]) {
    for problem in damaged {
      StandardError.write("descent: \(problem)")
    }
  }
}
