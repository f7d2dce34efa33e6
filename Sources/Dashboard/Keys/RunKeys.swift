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
    "Learning rate",
    [KeyStroke(.character("F"), .findRate)],
    title: "range test",
    "Tries learning rates on a copy of the state; Enter then takes the one it suggests.",
    needsLiveRun: true,
    hintRank: 35
  ),
  KeyBinding(
    .run,
    "Settings",
    [KeyStroke(.character("o"), .typeSetting)],
    title: "settings",
    "Types a change: momentum, weight decay, dropout, batch size, epochs, threads, frozen layers.",
    needsLiveRun: true,
    hintRank: 33
  ),
  KeyBinding(
    .run,
    "Settings",
    [KeyStroke(.character("e"), .moreEpochs), KeyStroke(.character("E"), .fewerEpochs)],
    title: "epochs ±5",
    "Five epochs more, or five fewer; the schedule stays as it is.",
    needsLiveRun: true,
    hintRank: 36
  ),
  KeyBinding(
    .run,
    "Settings",
    [KeyStroke(.character("f"), .fork)],
    title: "fork",
    "Starts another run from the state as it is now, with any change, and shows both.",
    hintRank: 34
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
    [KeyStroke(.character("b"), .goBack)],
    title: "go back",
    "Goes back to the last checkpoint before now, with half the learning rate.",
    needsLiveRun: true
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
