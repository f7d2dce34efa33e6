import ArgumentParser
import RunStore
import Telemetry
import Training

/// Starts a run from a checkpoint of another.
struct Fork: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Start a run from a checkpoint of another, with any change.",
    discussion: """
      What is not given stays as it was at the checkpoint, changes made by hand included. The \
      curves up to there are copied: the fork stands by itself.
      """
  )

  @Argument(help: ArgumentHelp("Number or name of the run.", valueName: "run"))
  var source: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The epoch at whose end it begins. (default: the newest checkpoint)")
  )
  var at: Int?

  @OptionGroup
  var options: RecipeOptions
  @OptionGroup
  var output: HeadlessOptions
  @OptionGroup
  var screen: ScreenOptions

  func run() throws {
    let store = try StoreLocation.open()
    let parent = try store.summary(of: try store.run(matching: source))
    let forking = try RunForking(parent, atEpoch: at, in: store)
    let recipe = try recipe(from: forking.recipe)
    // A rate that is given is the recipe's: what was made of the old one is over.
    var settings = forking.settings
    if options.lr != nil { settings.multiplier = 1 }
    if output.wantsScreen() {
      _ = try screen.themes()
      let workbench = Workbench(store: store)
      let feed = RunFeed()
      let live = try forking.create(
        recipe: recipe,
        settings: settings,
        name: options.name,
        listener: .screen(feed),
        turnstile: workbench.turnstile
      )
      try MainActor.assumeIsolated {
        try ScreenSession(workbench: workbench, options: screen).train(live, feed: feed)
      }
    } else {
      let live = try forking.create(
        recipe: recipe,
        settings: settings,
        name: options.name,
        listener: output.listener()
      )
      try HeadlessSession.train(live)
    }
  }

  /// What was given, over what held at the checkpoint.
  private func recipe(from old: Recipe) throws -> Recipe {
    for (option, value) in [("--data", options.data), ("--pretrained", options.pretrained)]
    where value != nil {
      throw UsageError.apart(option: option, other: "fork")
    }
    var old = old
    // Its weights are the checkpoint's.
    old.pretrained = nil
    let whole = try RecipeFile.parse(RecipeWriter.text(of: old), file: "the recipe")
    let launcher = try RunLauncher(try options.fullDraft().over(whole))
    let new = launcher.plan.recipe
    guard new.architecture == old.architecture, new.imageSize == old.imageSize else {
      throw UsageError.refused(
        reason: "a fork goes on with trained weights: network and size of the images stay"
      )
    }
    if let path = options.saveRecipe { try RecipeFile.save(new, to: path) }
    return new
  }
}
