/// What a colour is for.
///
/// Files spell the roles by their raw values.
nonisolated package enum ThemeRole: String, Hashable, Sendable, CaseIterable {
  /// Behind everything; `default` leaves the terminal's own.
  case background
  case text
  /// Secondary text: units, captions, hints.
  case muted
  /// Grids, rules, raw curves behind smoothed ones.
  case faint
  /// The one colour that says "here": titles, the focused panel, the value cursor.
  case accent
  case train
  case validation
  case test
  case learningRate = "learning_rate"
  /// The mark of the best epoch.
  case best
  /// Rules and labels of events on charts.
  case event
  case warning
  case error
  case success
  case paused
  /// Behind the selected row.
  case selection
  /// Text of the selected row.
  case selectionText = "selection_text"
  /// Keys in hints.
  case key
}
