package import Telemetry
package import Terminal

/// The whole state of the dashboard: `update` changes it, the views only read it.
nonisolated package struct DashboardModel: Sendable {
  package enum ScreenName: Hashable, Sendable {
    case runs
    case run
    case newRun
    case compare
  }

  package var size: Size
  package var screen = ScreenName.runs
  package var popup: Popup?
  package var message: Message? {
    didSet { messageTime = now }
  }
  private var messageTime = 0.0
  /// What the run remarked while something newer had to be read first.
  private var waitingRemark: (message: Message, run: RunID?)?
  package var table = RunTable()
  package var charts = ChartSettings()
  package var comparison = Comparison()
  /// The run on the Run screen; nil while none was opened.
  package var openRun: RunID?
  package var newRun = NewRunModel()
  /// What was told of the runs that are read: the open one, the compared ones, and those of this
  /// process.
  package private(set) var runModels: [RunID: RunModel] = [:]
  /// The runs that train in this process, or have.
  package var ownRuns: Set<RunID> = []
  /// Forks that were asked for and have not begun.
  package var forksWanted = 0
  package var themeIndex = 0
  package var themeNames: [String]
  /// Seconds since 1970, as of the last turn of the loop.
  package var now: Double
  /// The screen's own share of a processor, 1 for all of it; nil before it is known.
  package var screenShare: Double?

  package init(size: Size, themeNames: [String] = ["default"], now: Double = 0) {
    self.size = size
    self.themeNames = themeNames
    self.now = now
  }

  /// The run on the Run screen, as its events tell it.
  package var runModel: RunModel {
    openRun.flatMap { runModels[$0] } ?? RunModel()
  }

  package mutating func apply(_ event: RunEvent, of run: RunID) {
    runModels[run, default: RunModel()].apply(event)
  }

  package mutating func setPendingLearningRate(_ rate: Double?, of run: RunID) {
    runModels[run]?.pendingLearningRate = rate
  }

  /// Forgets every run that is shown nowhere and not of this process: they can be read again.
  package mutating func forgetClosedRuns() {
    runModels = runModels.filter { isRead($0.key) }
  }

  /// The open run as the store tells it.
  package var openSummary: RunSummary? {
    table.runs.first { $0.id == openRun }
  }

  /// The state of the open run: the store knows of a process that died, the events do not.
  package var openState: RunState? {
    let told = runModel.state
    let isOwn = openRun.map { ownRuns.contains($0) } ?? false
    if !isOwn, let told, told.isLive, let status = openSummary?.status, !status.isLive {
      return RunState(status)
    }
    return told ?? openSummary.map { RunState($0.status) }
  }

  /// Whether the keys that steer can do something.
  package var canSteer: Bool {
    screen == .run && openRun != nil && openState?.isLive == true
  }

  /// The runs of this process that still train, in the order they were begun.
  package var liveOwnRuns: [RunID] {
    ownRuns.filter { runModels[$0]?.result == nil }.sorted()
  }

  /// Takes the time of day; what just happened is news for ten seconds, an error until a key.
  package mutating func setClock(_ now: Double) {
    self.now = now
    if let message, message.kind != .error, now - messageTime > 10 { self.message = nil }
    if let waitingRemark, canBeCovered {
      self.waitingRemark = nil
      if waitingRemark.run == openRun { message = waitingRemark.message }
    }
  }

  /// Says what the open run remarks on itself, once there has been time to read what stands there:
  /// the answer to a key must not go because an epoch ended.
  mutating func remark(_ remark: Message) {
    if canBeCovered { message = remark } else { waitingRemark = (remark, openRun) }
  }

  /// Whether what stands there has been read.
  private var canBeCovered: Bool {
    guard let message else { return true }
    return message.kind != .error && now - messageTime >= 3
  }

  package var screenContext: KeyContext {
    switch screen {
    case .runs: .runs
    case .run: .run
    case .newRun: .newRun
    case .compare: .compare
    }
  }

  package func helpLayout(search: String) -> HelpLayout {
    HelpLayout(size: size, screen: screenContext, search: search)
  }

  /// Where keys are looked up, the first that knows a key decides.
  package var keyContexts: [KeyContext] {
    if let popup { return [popup.context] }
    // Where letters are typed, none of them is a key.
    return screen == .newRun ? [.newRun] : [screenContext, .everywhere]
  }
}
