package import Telemetry

/// A run that trains in this process.
nonisolated package struct LiveSession: Sendable {
  package var run: RunID
  /// Read by the dashboard alone: every event is handed out once.
  package var source: any RunSource
  package var control: any RunControl

  package init(run: RunID, source: any RunSource, control: any RunControl) {
    self.run = run
    self.source = source
    self.control = control
  }
}

/// What the caller decides about a dashboard.
nonisolated package struct DashboardOptions: Sendable {
  /// The theme to begin with, the standard one if nil; the first where there is none of this name.
  package var themeName: String?
  package var symbols: SymbolSet
  /// The stored run to open first; a live session is opened in any case.
  package var open: RunID?
  /// The stored runs to compare first, where none is opened.
  package var compare: [RunID]
  /// Asked many times a second: whether the program wants the dashboard closed.
  package var shouldExit: @Sendable () -> ExitRequest?

  package init(
    themeName: String? = nil,
    symbols: SymbolSet = .braille,
    open: RunID? = nil,
    compare: [RunID] = [],
    shouldExit: @escaping @Sendable () -> ExitRequest? = { nil }
  ) {
    self.themeName = themeName
    self.symbols = symbols
    self.open = open
    self.compare = compare
    self.shouldExit = shouldExit
  }
}
