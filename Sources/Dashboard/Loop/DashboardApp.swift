import Glibc
package import Telemetry
package import Terminal

/// The dashboard as a loop: keys and events in, pictures and commands out.
///
/// It runs on the main thread and waits for nobody: not for the training, which publishes into
/// feeds, nor for the store, which it asks whether anything has changed, nor for the workbench,
/// which answers when it can.
package final class DashboardApp {
  private static let watchInterval = 5.0
  /// How often the workbench is asked for what somebody waits for.
  private static let answerInterval = 1.0 / 30
  /// Likewise while steps are timed, which looking would slow down.
  private static let timingInterval = 1.0 / 10

  private let screen: any Screen
  private let catalog: any RunCatalog
  private let themes: [Theme]
  private let workbench: (any ArchitectureCatalog & RunStarter)?
  private let options: DashboardOptions

  private var model: DashboardModel
  private var pacer = FramePacer()
  private var meter = ShareMeter()
  /// The runs that train in this process.
  private var sessions: [RunID: LiveSession] = [:]
  /// Of the open run and the compared ones, as far as they do not train in this process.
  private var sources = StoredSources()
  private var changeToken: Int?
  private var lastProblem: String?
  /// When the table of runs was read last.
  private var lastLoad = 0.0
  private var choice: DashboardExit.Choice?

  /// Shows the runs of `catalog`, and opens the `live` one; new runs are put together and started
  /// by `workbench`, without which there are none.
  package init(
    screen: any Screen,
    catalog: any RunCatalog,
    workbench: (any ArchitectureCatalog & RunStarter)? = nil,
    themes: [Theme] = [.standard],
    live: LiveSession? = nil,
    options: DashboardOptions = DashboardOptions()
  ) {
    self.screen = screen
    self.catalog = catalog
    self.themes = themes.isEmpty ? [.standard] : themes
    self.workbench = workbench
    self.options = options
    model = DashboardModel(size: screen.size, themeNames: self.themes.map(\.name))
    let wanted = (options.themeName ?? Theme.standard.name).lowercased()
    model.themeIndex = self.themes.firstIndex { $0.name.lowercased() == wanted } ?? 0
    if let live { add(live) }
    if let workbench {
      model.newRun.load(architectures: workbench.architectures, defaults: workbench.defaults)
    }
  }

  private func add(_ session: LiveSession) {
    sessions[session.run] = session
    model.ownRuns.insert(session.run)
  }

  /// Shows the dashboard until the user leaves or the program wants it closed.
  package func run() -> DashboardExit {
    start()
    while true {
      if let request = options.shouldExit() {
        return DashboardExit(choice: .none, request: request)
      }
      takeKeys()
      if let choice { return DashboardExit(choice: choice) }
      // What the user did shows before anything that may take its time.
      drawIfDue()
      takeFeeds()
      takeAnswers()
      readNext()
      pollStore()
      drawIfDue()
    }
  }

  private func start() {
    model.resize(to: screen.size)
    tellTime()
    loadRuns()
    if let live = sessions.values.first {
      perform(model.open(live.run))
      takeEvents(of: live.run, from: live.source, isHistory: true)
    } else if let run = options.open {
      perform(model.open(run))
    } else if !options.compare.isEmpty {
      model.table.mark(options.compare)
      perform(model.compare(options.compare))
    }
    drawIfDue()
  }

  // MARK: Keys

  /// Waits for a key until something else is due, then takes all keys that are there.
  private func takeKeys() {
    var wait = sources.hasUnread ? 0 : pacer.wait(at: now, hasFeed: !sessions.isEmpty)
    if isWaitingForStart { wait = min(wait, Self.answerInterval) }
    if isTiming { wait = min(wait, Self.timingInterval) }
    while choice == nil, let key = screen.nextKey(waiting: wait) {
      wait = 0
      pacer.userActed(at: now)
      if key == .resize {
        give(.resize(screen.size))
      } else {
        let shown = model.screen
        give(.key(key))
        if model.screen != shown { changedScreen() }
      }
    }
  }

  private func give(_ input: Input) {
    perform(update(&model, input))
  }

  /// What no screen showed was not kept up to date.
  private func changedScreen() {
    loadRuns()
    readShown()
  }

  // MARK: Effects

  private func perform(_ effects: [Effect]) {
    sources.keep(where: model.isRead)
    for effect in effects {
      switch effect {
      case .send(let command, let run): send(command, to: run)
      case .open(let run): open(run)
      case .compare(let runs): for run in runs { add(run) }
      case .delete(let runs): delete(runs)
      case .ask(let question): workbench?.ask(question)
      case .time(let question): workbench?.ask(question)
      case .start(let request): workbench?.start(request)
      case .fork(let request): workbench?.fork(request)
      case .leave(let choice): self.choice = choice
      }
    }
  }

  private func send(_ command: RunCommand, to run: RunID) {
    attempt("Run \(run) cannot be steered") {
      let control = try sessions[run]?.control ?? catalog.control(of: run)
      try control.send(command)
    }
  }

  private func open(_ run: RunID) {
    add(run)
    if sources.takeUnread(run) { read(run, isHistory: true) }
  }

  /// Reads the run from now on, beginning with the next turn of the loop.
  private func add(_ run: RunID) {
    guard sources[run] == nil else { return }
    attempt("Run \(run) cannot be read") { sources.add(try catalog.source(of: run), of: run) }
  }

  private func delete(_ runs: [RunID]) {
    for run in runs {
      attempt("Run \(run) cannot be deleted") { try catalog.delete(run) }
    }
    loadRuns()
  }

  // MARK: Data

  private func takeFeeds() {
    guard !sessions.isEmpty, pacer.isFeedDue(at: now) else { return }
    for (run, session) in sessions {
      takeEvents(of: run, from: session.source, isHistory: false)
    }
    pacer.tookFeed(at: now)
  }

  private var isWaitingForStart: Bool { model.newRun.isWaiting || model.forksWanted > 0 }

  private var isTiming: Bool { model.newRun.times.question != nil }

  private func takeAnswers() {
    guard let workbench, isWaitingForStart || isTiming else { return }
    let answers = workbench.drainAnswers()
    let starts = workbench.drainStarts()
    guard !answers.isEmpty || !starts.isEmpty else { return }
    if !answers.isEmpty { give(.answers(answers)) }
    for start in starts {
      switch start {
      case .started(let session):
        add(session)
        give(.started(session.run))
        takeEvents(of: session.run, from: session.source, isHistory: false)
        loadRuns()
      case .refused(let reason):
        give(.notStarted(reason))
      case .forked(let session, let parent):
        add(session)
        loadRuns()
        give(.forked(session.run, from: parent))
        takeEvents(of: session.run, from: session.source, isHistory: true)
      case .notForked(let reason):
        give(.notForked(reason))
      }
    }
    // Somebody waits for these: they show at once.
    pacer.userActed(at: now)
  }

  /// Reads what is new in the store, if anything is.
  private func pollStore() {
    guard pacer.isPollDue(at: now) else { return }
    let start = processorTime
    attempt("The store cannot be read", isRepeated: true) {
      let token = try catalog.changeToken()
      let isChanged = token != changeToken
      changeToken = token
      if isChanged { readShown() }
      if isChanged && model.screen == .runs || isSomeoneToBeWatched { loadRuns() }
    }
    pacer.polled(at: now, cost: processorTime - start)
  }

  /// A process that dies writes nothing: from time to time the runs of others are looked at.
  private var isSomeoneToBeWatched: Bool {
    guard now - lastLoad > Self.watchInterval else { return false }
    switch model.screen {
    case .runs: return model.table.runs.contains { $0.status.isLive }
    case .run:
      return model.openRun.map { sessions[$0] == nil } ?? false && model.openState?.isLive == true
    case .newRun: return false
    case .compare: return model.isComparisonLive
    }
  }

  /// One run a turn: with many to read, keys and pictures come in between.
  private func readNext() {
    guard let run = sources.takeUnread() else { return }
    read(run, isHistory: true)
  }

  private func readShown() {
    for run in model.shownRuns where !sources.isUnread(run) { read(run, isHistory: false) }
  }

  private func read(_ run: RunID, isHistory: Bool) {
    guard let source = sources[run] else { return }
    attempt("Run \(run) cannot be read", isRepeated: true) {
      do {
        try take(source.drain(), of: run, isHistory: isHistory)
      } catch {
        guard model.comparison.runs.contains(run) else { throw error }
        // It may have been deleted meanwhile: then it leaves the comparison.
        loadRuns()
        if model.comparison.runs.contains(run) { throw error }
      }
    }
  }

  private func takeEvents(of run: RunID, from source: any RunSource, isHistory: Bool) {
    attempt("Run \(run) cannot be read", isRepeated: true) {
      try take(source.drain(), of: run, isHistory: isHistory)
    }
  }

  private func take(_ events: [RunEvent], of run: RunID, isHistory: Bool) {
    guard !events.isEmpty else { return }
    give(.events(events, of: run, isHistory: isHistory))
    pacer.dataArrived(at: now)
  }

  private func loadRuns() {
    lastLoad = now
    attempt("The store cannot be read", isRepeated: true) {
      give(.runs(try catalog.summaries()))
      pacer.dataArrived(at: now)
    }
  }

  /// Does it, or says why not; of what is tried again and again, once until another problem comes.
  private func attempt(_ what: String, isRepeated: Bool = false, _ action: () throws -> Void) {
    do {
      try action()
    } catch {
      let problem = "\(what): \(error)"
      guard !isRepeated || problem != lastProblem else { return }
      lastProblem = problem
      give(.failed(problem))
      pacer.userActed(at: now)
    }
  }

  // MARK: Drawing

  private func drawIfDue() {
    guard pacer.isFrameDue(at: now) else { return }
    if screen.size != model.size { give(.resize(screen.size)) }
    tellTime()
    let start = processorTime
    let theme = themes[model.themeIndex].adapted(to: screen.colorDepth)
    screen.present(view(model, Appearance(theme: theme, symbols: options.symbols)))
    pacer.drew(at: now, cost: processorTime - start)
  }

  private func tellTime() {
    meter.sample(wall: now, processor: processorTime)
    give(.clock(now: seconds(of: CLOCK_REALTIME), screenShare: meter.share))
  }

  private var now: Double { seconds(of: CLOCK_MONOTONIC) }
  private var processorTime: Double { seconds(of: CLOCK_THREAD_CPUTIME_ID) }
}
