import Terminal

/// The hints at the foot of the screen: the keys that are of use now, as many as fit whole.
nonisolated struct FooterLine {
  var model: DashboardModel
  var appearance: Appearance

  func draw(atY y: Int, on canvas: inout Canvas) {
    var x = 1
    let hints = KeyTable.standard.hints(in: model.keyContexts, liveRun: model.canSteer)
    for hint in hints where !isIdle(hint) {
      let width = displayWidth(of: hint.shortLabel) + 1 + displayWidth(of: hint.title)
      guard x + width < canvas.size.columns else { return }
      x += canvas.write(hint.shortLabel, x: x, y: y, style: appearance.style(.key, .bold)) + 1
      x += canvas.write(hint.title, x: x, y: y, style: appearance.style(.muted)) + 2
    }
  }

  /// Whether the keys lead to where the user is, or nowhere.
  private func isIdle(_ hint: KeyBinding) -> Bool {
    let actions = hint.strokes.map(\.action)
    if actions.contains(.showRuns) { return model.screen == .runs }
    if actions.contains(.showRun) { return model.screen == .run || model.openRun == nil }
    if actions.contains(.newRun) {
      // The list of runs has a key of its own for it.
      return model.newRun.form == nil || model.screen == .runs && hint.context == .everywhere
    }
    if actions.contains(.showComparison) {
      return model.screen == .compare || model.comparison.runs.isEmpty
    }
    if actions.contains(.nextColumns) {
      return CompareTableLayout(model.comparisonTable, width: model.size.columns).lastFirst == 0
    }
    return false
  }
}
