import Terminal

/// Keys that steer a live run.
nonisolated let steeringKeys: [KeyBinding] = [
  KeyBinding(
    .run,
    "Learning rate",
    [
      KeyStroke(.character("+"), .raiseRate), KeyStroke(.character("-"), .lowerRate),
      KeyStroke(.character("="), .raiseRate),
    ],
    title: "LR ×1.25",
    "Learning rate times 1.25, or divided by 1.25.",
    needsLiveRun: true,
    hintRank: 10
  ),
  KeyBinding(
    .run,
    "Learning rate",
    [KeyStroke(.character("]"), .doubleRate), KeyStroke(.character("["), .halveRate)],
    title: "×2",
    "Learning rate times 2, or divided by 2.",
    needsLiveRun: true,
    hintRank: 11
  ),
  KeyBinding(
    .run,
    "Learning rate",
    [KeyStroke(.character("}"), .tenfoldRate), KeyStroke(.character("{"), .tenthRate)],
    title: "×10",
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
    title: "pause",
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

/// Keys of the charts on the Run screen.
nonisolated let chartKeys: [KeyBinding] = [
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
