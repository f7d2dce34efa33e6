import Terminal

/// Keys of all screens that are not typed into.
nonisolated let everywhereKeys: [KeyBinding] = [
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
    hintRank: 38
  ),
  KeyBinding(
    .everywhere,
    "Screens",
    [KeyStroke(.character("2"), .showRun)],
    title: "run",
    "Goes back to the run that was open.",
    hintRank: 39
  ),
  KeyBinding(
    .everywhere,
    "Screens",
    [KeyStroke(.character("3"), .showComparison)],
    title: "compare",
    "Goes back to the comparison, or compares the marked runs.",
    hintRank: 40
  ),
  KeyBinding(
    .everywhere,
    "Screens",
    [KeyStroke(.character("4"), .newRun)],
    title: "new run",
    "Goes to where a new run is put together and started.",
    hintRank: 41
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

/// Keys of the Runs screen.
nonisolated let runsKeys: [KeyBinding] = [
  KeyBinding(
    .runs,
    "Table",
    [KeyStroke(.character("n"), .newRun)],
    title: "new run",
    "Puts a new run together and starts it.",
    hintRank: 8
  ),
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
      KeyStroke(.character("<"), .previousSortColumn),
      KeyStroke(.character(">"), .nextSortColumn),
      KeyStroke(.character("o"), .nextSortColumn),
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
    [KeyStroke(.character("c"), .compareRuns)],
    title: "compare",
    "Compares the marked runs: their curves over each other, their figures in a table.",
    hintRank: 31
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
