/// What a key can do; the table of keys maps keys to these, and `update` carries them out.
nonisolated package enum Action: Hashable, Sendable, CaseIterable {
  // Everywhere
  case showRuns
  case showRun
  case newRun
  case showComparison
  case nextTheme
  case help
  case quit

  // Tables
  case rowUp
  case rowDown
  case pageUp
  case pageDown
  case firstRow
  case lastRow
  case openRun
  case markRun
  case deleteRuns
  case editFilter
  case clearFilter
  case nextSortColumn
  case previousSortColumn
  case reverseSort

  // Steering a live run
  case raiseRate
  case lowerRate
  case doubleRate
  case halveRate
  case tenfoldRate
  case tenthRate
  case typeRate
  case typeSetting
  case moreEpochs
  case fewerEpochs
  case fork
  case findRate
  case goBack
  case goOn
  case stopRun
  case undo
  case pauseOrResume
  case singleStep
  case toEpochEnd
  case stop
  case checkpoint
  case validate

  // Charts
  case nextXAxis
  case toggleLogarithmicY
  case nextSmoothing
  case nextChart
  case cursorLeft
  case cursorRight
  case cursorFirst
  case cursorLast
  case leaveCursor

  // Choosing a new run
  case nextField
  case previousField
  case higherValue
  case lowerValue
  case acceptField
  case startRun
  case leaveNewRun

  // Comparing
  case compareRuns
  case toggleCurves
  case nextTraining
  case previousColumns
  case nextColumns
  case leaveComparison

  // Popups
  case closePopup
  case confirm
  case detach
  case stopAndQuit
  case scrollUp
  case scrollDown
  case scrollPageUp
  case scrollPageDown
  case eraseCharacter
  case eraseAll
}
