package import Telemetry
package import Terminal

/// Everything that can change the dashboard.
nonisolated package enum Input: Sendable {
  case key(Key)
  case resize(Size)
  /// What the store holds now.
  case runs([RunSummary])
  /// What a run told. `isHistory` marks what happened before this screen looked.
  case events([RunEvent], of: RunID, isHistory: Bool)
  /// What has become known of the architectures' costs.
  case answers([CatalogAnswer])
  /// A run that was asked for trains in this process now.
  case started(RunID)
  /// A fork that was asked for trains in this process now.
  case forked(RunID, from: RunID)
  /// A run that was asked for cannot begin; one line for people.
  case notStarted(String)
  case notForked(String)
  /// Something the user asked for did not work; one line for people.
  case failed(String)
  /// The time of day in seconds since 1970, and the screen's own share of a processor.
  case clock(now: Double, screenShare: Double?)
}

/// Changes the model by one input and says what is to be done about it in the world.
nonisolated package func update(_ model: inout DashboardModel, _ input: Input) -> [Effect] {
  let effects = respond(&model, to: input)
  return effects + model.askForTimes()
}

nonisolated private func respond(_ model: inout DashboardModel, to input: Input) -> [Effect] {
  switch input {
  case .key(let key):
    return model.handle(key)
  case .resize(let size):
    model.resize(to: size)
  case .runs(let runs):
    model.table.load(runs)
    model.reloadComparison()
  case .events(let events, let run, let isHistory):
    model.take(events, of: run, isHistory: isHistory)
    return model.leaveIfAnswered()
  case .answers(let answers):
    for answer in answers { model.newRun.take(answer) }
  case .started(let run):
    return model.started(run)
  case .forked(let run, let parent):
    model.ownRuns.insert(run)
    model.forksWanted -= 1
    model.message = Message("Run \(run) goes on from run \(parent)")
    guard model.popup == nil, model.screen == .run || model.screen == .runs else { return [] }
    return model.compare([parent, run])
  case .notForked(let reason):
    model.forksWanted -= 1
    model.message = Message("There is no fork: \(reason)", kind: .error)
  case .notStarted(let reason):
    model.notStarted(reason)
    return model.leaveIfAnswered()
  case .failed(let text):
    model.message = Message(text, kind: .error)
  case .clock(let now, let share):
    model.setClock(now)
    model.screenShare = share ?? model.screenShare
  }
  return []
}

extension DashboardModel {
  nonisolated mutating func resize(to size: Size) {
    self.size = size
    table.pageRows = RunsLayout(size: size).tableRows
    newRun.list.pageRows = NewRunLayout(size: size).tableRows
    fitComparison()
  }

  /// Looks the key up where keys are listened to and carries its action out.
  nonisolated mutating func handle(_ key: Key) -> [Effect] {
    if case .mouse(let event) = key { return handle(event) }
    guard let (binding, action) = KeyTable.standard.lookup(key, in: keyContexts) else {
      if popup == nil, screen == .newRun { return typeOnNewRun(key) }
      type(key)
      return []
    }
    if binding.needsLiveRun, !canSteer {
      message = Message(nothingToSteer, kind: .warning)
      return []
    }
    if popup == nil { message = nil }
    return perform(action)
  }

  private nonisolated mutating func perform(_ action: Action) -> [Effect] {
    if popup != nil { return performInPopup(action) }
    switch action {
    case .showRuns: screen = .runs
    case .showRun:
      guard openRun != nil else { return openSelected() }
      screen = .run
    case .newRun: return openNewRun()
    case .showComparison: return showComparison()
    case .nextTheme: nextTheme()
    case .help: popup = .help(HelpReader())
    case .quit: return quit()
    default: return performOnScreen(action)
    }
    return []
  }

  private nonisolated mutating func performOnScreen(_ action: Action) -> [Effect] {
    switch screen {
    case .runs: performOnRuns(action)
    case .run: performOnRun(action)
    case .newRun: performOnNewRun(action)
    case .compare: performOnComparison(action)
    }
  }

  private nonisolated mutating func nextTheme() {
    guard !themeNames.isEmpty else { return }
    themeIndex = (themeIndex + 1) % themeNames.count
    message = Message("Theme: \(themeNames[themeIndex])")
  }

  private nonisolated mutating func quit() -> [Effect] {
    popup = .quitDialog
    return leaveIfAnswered()
  }

  /// Leaves where the user asked to, and no run trains here of which something could become.
  ///
  /// The last one may end while the question stands.
  nonisolated mutating func leaveIfAnswered() -> [Effect] {
    guard popup == .quitDialog, liveOwnRuns.isEmpty, !newRun.isStarting else { return [] }
    popup = nil
    return [.leave(.none)]
  }

  private nonisolated var nothingToSteer: String {
    guard let openRun, let state = openState else { return "No run is open." }
    return "Run \(openRun) is \(state.rawValue): there is nothing to steer."
  }
}
