package import Terminal

/// All keys of the dashboard: the one place that knows them.
nonisolated package struct KeyTable: Sendable {
  package let bindings: [KeyBinding]
  private let actions: [KeyContext: [Key: KeyBinding]]

  package init(_ bindings: [KeyBinding]) {
    self.bindings = bindings
    actions = Dictionary(grouping: bindings, by: \.context).mapValues { rows in
      var byKey: [Key: KeyBinding] = [:]
      for row in rows {
        for stroke in row.strokes { byKey[stroke.key] = row }
      }
      return byKey
    }
  }

  /// The row and the action behind a key; the first context that knows the key decides.
  package func lookup(
    _ key: Key,
    in contexts: [KeyContext]
  ) -> (binding: KeyBinding, action: Action)? {
    for context in contexts {
      guard let binding = actions[context]?[key],
        let stroke = binding.strokes.first(where: { $0.key == key })
      else { continue }
      return (binding, stroke.action)
    }
    return nil
  }

  /// The rows the footer shows in these contexts, most useful first.
  package func hints(in contexts: [KeyContext], liveRun: Bool) -> [KeyBinding] {
    bindings
      .filter { contexts.contains($0.context) && $0.hintRank != nil }
      .filter { liveRun || !$0.needsLiveRun }
      .sorted { ($0.hintRank ?? 0) < ($1.hintRank ?? 0) }
  }

  package static let standard = KeyTable(
    everywhere + runs + charts + steering + popups
  )
}

// MARK: - Rows

nonisolated private let everywhere: [KeyBinding] = [
  KeyBinding(
    .everywhere,
    "Screens",
    [KeyStroke(.character("?"), .help), KeyStroke(.function(1), .help)],
    title: "help",
    "Shows all keys; type to search them.",
    hintRank: 1
  ),
  KeyBinding(
    .everywhere,
    "Screens",
    [KeyStroke(.character("1"), .showRuns)],
    title: "runs",
    "Goes to the table of all runs.",
    hintRank: 80
  ),
  KeyBinding(
    .everywhere,
    "Screens",
    [KeyStroke(.character("2"), .showRun)],
    title: "run",
    "Goes back to the run that was open."
  ),
  KeyBinding(
    .everywhere,
    "Screens",
    [KeyStroke(.character("t"), .nextTheme)],
    title: "theme",
    "Changes to the next theme.",
    hintRank: 90
  ),
  KeyBinding(
    .everywhere,
    "Screens",
    [KeyStroke(.character("q"), .quit), KeyStroke(.control("c"), .quit)],
    title: "quit",
    "Leaves; while a run trains here, asks whether it should go on without the screen.",
    hintRank: 2
  ),
]

nonisolated private let runs: [KeyBinding] = [
  KeyBinding(
    .runs,
    "Table",
    [
      KeyStroke(.up, .rowUp), KeyStroke(.down, .rowDown),
      KeyStroke(.character("k"), .rowUp), KeyStroke(.character("j"), .rowDown),
    ],
    title: "move",
    "Moves between the runs; the mouse wheel does as well.",
    hintRank: 70
  ),
  KeyBinding(
    .runs,
    "Table",
    [KeyStroke(.pageUp, .pageUp), KeyStroke(.pageDown, .pageDown)],
    title: "page",
    "Moves by a screenful."
  ),
  KeyBinding(
    .runs,
    "Table",
    [KeyStroke(.home, .firstRow), KeyStroke(.end, .lastRow)],
    title: "first, last",
    "Moves to the first or the last run."
  ),
  KeyBinding(
    .runs,
    "Table",
    [
      KeyStroke(.enter, .openRun), KeyStroke(.character("l"), .openRun),
      KeyStroke(.right, .openRun),
    ],
    title: "open",
    "Opens the run.",
    hintRank: 10
  ),
  KeyBinding(
    .runs,
    "Table",
    [
      KeyStroke(.character("o"), .nextSortColumn),
      KeyStroke(.character(">"), .nextSortColumn),
      KeyStroke(.character("<"), .previousSortColumn),
    ],
    title: "sort",
    "Sorts by the next or the previous column. Live runs stay on top.",
    hintRank: 20
  ),
  KeyBinding(
    .runs,
    "Table",
    [KeyStroke(.character("O"), .reverseSort)],
    title: "reverse",
    "Reverses the order.",
    hintRank: 25
  ),
  KeyBinding(
    .runs,
    "Table",
    [KeyStroke(.character("/"), .editFilter)],
    title: "filter",
    "Shows only some runs: words, or conditions such as arch:resnet lr>=1e-3 best.acc>0.9.",
    hintRank: 15
  ),
  KeyBinding(
    .runs,
    "Table",
    [KeyStroke(.escape, .clearFilter)],
    title: "clear",
    "Clears the filter, then the marks."
  ),
  KeyBinding(
    .runs,
    "Table",
    [KeyStroke(.character(" "), .markRun)],
    title: "mark",
    "Marks the run, or takes the mark away.",
    hintRank: 30
  ),
  KeyBinding(
    .runs,
    "Table",
    [KeyStroke(.character("d"), .deleteRuns)],
    title: "delete",
    "Deletes the marked runs, or this one, after asking.",
    hintRank: 35
  ),
]

nonisolated private let steering: [KeyBinding] = [
  KeyBinding(
    .run,
    "Learning rate",
    [
      KeyStroke(.character("+"), .raiseRate), KeyStroke(.character("-"), .lowerRate),
      KeyStroke(.character("="), .raiseRate),
    ],
    title: "LR ×÷1.25",
    "Learning rate times 1.25, or divided by 1.25.",
    needsLiveRun: true,
    hintRank: 10
  ),
  KeyBinding(
    .run,
    "Learning rate",
    [KeyStroke(.character("]"), .doubleRate), KeyStroke(.character("["), .halveRate)],
    title: "×÷2",
    "Learning rate times 2, or divided by 2.",
    needsLiveRun: true,
    hintRank: 11
  ),
  KeyBinding(
    .run,
    "Learning rate",
    [KeyStroke(.character("}"), .tenfoldRate), KeyStroke(.character("{"), .tenthRate)],
    title: "×÷10",
    "Learning rate times 10, or divided by 10.",
    needsLiveRun: true,
    hintRank: 12
  ),
  KeyBinding(
    .run,
    "Learning rate",
    [KeyStroke(.character("l"), .typeRate)],
    title: "type LR",
    "Types a learning rate: 3e-4, *0.3, /10, or schedule to go back to the schedule.",
    needsLiveRun: true,
    hintRank: 13
  ),
  KeyBinding(
    .run,
    "Learning rate",
    [KeyStroke(.character("u"), .undo)],
    title: "undo",
    "Undoes the last change: weights, optimizer and position go back to just before it.",
    needsLiveRun: true,
    hintRank: 14
  ),
  KeyBinding(
    .run,
    "Training",
    [KeyStroke(.character(" "), .pauseOrResume)],
    title: "pause/resume",
    "Pauses between two steps, with no CPU use, or goes on.",
    needsLiveRun: true,
    hintRank: 9
  ),
  KeyBinding(
    .run,
    "Training",
    [KeyStroke(.character("."), .singleStep)],
    title: "one step",
    "Trains one step, then pauses.",
    needsLiveRun: true,
    hintRank: 40
  ),
  KeyBinding(
    .run,
    "Training",
    [KeyStroke(.character(">"), .toEpochEnd)],
    title: "to epoch end",
    "Trains to the end of the epoch, validation included, then pauses.",
    needsLiveRun: true,
    hintRank: 41
  ),
  KeyBinding(
    .run,
    "Training",
    [KeyStroke(.character("v"), .validate)],
    title: "validate",
    "Measures the validation split with the weights as they are now.",
    needsLiveRun: true,
    hintRank: 32
  ),
  KeyBinding(
    .run,
    "Training",
    [KeyStroke(.character("c"), .checkpoint)],
    title: "checkpoint",
    "Writes a checkpoint now.",
    needsLiveRun: true,
    hintRank: 31
  ),
  KeyBinding(
    .run,
    "Training",
    [KeyStroke(.character("s"), .stop)],
    title: "stop",
    "Ends the run early and keeps everything, after asking.",
    needsLiveRun: true,
    hintRank: 30
  ),
]

nonisolated private let charts: [KeyBinding] = [
  KeyBinding(
    .run,
    "Charts",
    [KeyStroke(.left, .cursorLeft), KeyStroke(.right, .cursorRight)],
    title: "cursor",
    "Moves the value cursor; a click on a chart sets it.",
    hintRank: 45
  ),
  KeyBinding(
    .run,
    "Charts",
    [KeyStroke(.home, .cursorFirst), KeyStroke(.end, .cursorLast)],
    title: "first, last",
    "Moves the value cursor to the first or the last step."
  ),
  KeyBinding(
    .run,
    "Charts",
    [KeyStroke(.escape, .leaveCursor)],
    title: "no cursor",
    "Takes the value cursor away."
  ),
  KeyBinding(
    .run,
    "Charts",
    [KeyStroke(.character("x"), .nextXAxis)],
    title: "x axis",
    "Changes the x axis: epochs, steps, training time.",
    hintRank: 50
  ),
  KeyBinding(
    .run,
    "Charts",
    [KeyStroke(.character("y"), .toggleLogarithmicY)],
    title: "log y",
    "Shows the loss on a logarithmic scale, or on a linear one.",
    hintRank: 51
  ),
  KeyBinding(
    .run,
    "Charts",
    [KeyStroke(.character("m"), .nextSmoothing)],
    title: "smoothing",
    "Changes the smoothing of the curves: off, 0.6, 0.9.",
    hintRank: 52
  ),
  KeyBinding(
    .run,
    "Charts",
    [KeyStroke(.tab, .nextChart), KeyStroke(.backTab, .nextChart)],
    title: "other chart",
    "Changes between the loss and the accuracy where there is room for one chart only."
  ),
]

nonisolated private let popups: [KeyBinding] = [
  KeyBinding(
    .quitDialog,
    "Choices",
    [KeyStroke(.character("d"), .detach)],
    title: "detach",
    "Leaves the screen; the run goes on without it.",
    hintRank: 1
  ),
  KeyBinding(
    .quitDialog,
    "Choices",
    [KeyStroke(.character("s"), .stopAndQuit)],
    title: "stop and save",
    "Ends the run after a checkpoint, then leaves.",
    hintRank: 2
  ),
  KeyBinding(
    .quitDialog,
    "Choices",
    [
      KeyStroke(.escape, .closePopup), KeyStroke(.character("c"), .closePopup),
      KeyStroke(.character("q"), .closePopup), KeyStroke(.control("c"), .closePopup),
    ],
    title: "cancel",
    "Goes back to the screen.",
    hintRank: 3
  ),
  KeyBinding(
    .confirmation,
    "Choices",
    [KeyStroke(.character("y"), .confirm), KeyStroke(.enter, .confirm)],
    title: "yes",
    "Does it.",
    hintRank: 1
  ),
  KeyBinding(
    .confirmation,
    "Choices",
    [
      KeyStroke(.escape, .closePopup), KeyStroke(.character("n"), .closePopup),
      KeyStroke(.character("q"), .closePopup), KeyStroke(.control("c"), .closePopup),
    ],
    title: "no",
    "Leaves everything as it is.",
    hintRank: 2
  ),
  KeyBinding(
    .prompt,
    "Editing",
    [KeyStroke(.enter, .confirm)],
    title: "accept",
    "Takes what was typed.",
    hintRank: 1
  ),
  KeyBinding(
    .prompt,
    "Editing",
    [KeyStroke(.escape, .closePopup), KeyStroke(.control("c"), .closePopup)],
    title: "cancel",
    "Leaves everything as it was.",
    hintRank: 2
  ),
  KeyBinding(
    .prompt,
    "Editing",
    [KeyStroke(.backspace, .eraseCharacter), KeyStroke(.control("u"), .eraseAll)],
    title: "erase",
    "Erases the last character, or all."
  ),
  KeyBinding(
    .help,
    "Reading",
    [KeyStroke(.escape, .closePopup), KeyStroke(.control("c"), .closePopup)],
    title: "close",
    "Clears the search, then closes the help.",
    hintRank: 1
  ),
  KeyBinding(
    .help,
    "Reading",
    [KeyStroke(.up, .scrollUp), KeyStroke(.down, .scrollDown)],
    title: "scroll",
    "Scrolls by a line; the mouse wheel does as well.",
    hintRank: 2
  ),
  KeyBinding(
    .help,
    "Reading",
    [KeyStroke(.pageUp, .scrollPageUp), KeyStroke(.pageDown, .scrollPageDown)],
    title: "page",
    "Scrolls by a screenful."
  ),
  KeyBinding(
    .help,
    "Reading",
    [KeyStroke(.backspace, .eraseCharacter), KeyStroke(.control("u"), .eraseAll)],
    title: "erase",
    "Erases what was typed to search."
  ),
]
