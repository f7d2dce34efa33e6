/// What the user chose on leaving the dashboard.
nonisolated package struct DashboardExit: Hashable, Sendable {
  package enum Choice: Hashable, Sendable {
    /// Nothing trains here.
    case none
    /// The runs of this process go on without a screen.
    case detach
    /// The runs of this process end after a checkpoint.
    case stop
  }

  package var choice: Choice
  /// Why the program asked to leave, where it was not the user.
  package var request: ExitRequest?

  package init(choice: Choice, request: ExitRequest? = nil) {
    self.choice = choice
    self.request = request
  }
}

/// Why the program itself wants the dashboard closed.
nonisolated package enum ExitRequest: Hashable, Sendable {
  /// A signal by its number.
  case signal(Int32)
  case other
}
