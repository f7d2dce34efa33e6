import Terminal

/// Keys of the New-run screen.
///
/// Letters and digits are typed there, so none of them is a key.
nonisolated let newRunKeys: [KeyBinding] = [
  KeyBinding(
    .newRun,
    "Choosing",
    [KeyStroke(.up, .rowUp), KeyStroke(.down, .rowDown)],
    title: "move",
    "Moves between the architectures, or between the fields.",
    hintRank: 20
  ),
  KeyBinding(
    .newRun,
    "Choosing",
    [KeyStroke(.pageUp, .pageUp), KeyStroke(.pageDown, .pageDown)],
    title: "page",
    "Moves in the list by a screenful."
  ),
  KeyBinding(
    .newRun,
    "Choosing",
    [KeyStroke(.home, .firstRow), KeyStroke(.end, .lastRow)],
    title: "first, last",
    "Moves to the first or the last architecture."
  ),
  KeyBinding(
    .newRun,
    "Choosing",
    [KeyStroke(.tab, .nextField)],
    title: "next field",
    "Goes from the list to the settings, and from one to the next. What is typed goes there.",
    hintRank: 10
  ),
  KeyBinding(
    .newRun,
    "Choosing",
    [KeyStroke(.backTab, .previousField)],
    title: "field before",
    "Goes the other way round."
  ),
  KeyBinding(
    .newRun,
    "Choosing",
    [KeyStroke(.left, .lowerValue), KeyStroke(.right, .higherValue)],
    title: "change",
    "Changes a setting: the next data set or optimizer, half or twice the batch, and so on.",
    hintRank: 30
  ),
  KeyBinding(
    .newRun,
    "Choosing",
    [KeyStroke(.backspace, .eraseCharacter), KeyStroke(.control("u"), .eraseAll)],
    title: "erase",
    "Erases the last character, or all; an empty setting goes back to its default."
  ),
  KeyBinding(
    .newRun,
    "Starting",
    [KeyStroke(.enter, .acceptField)],
    title: "accept",
    "Goes on to the next field; on the last one it starts the run.",
    hintRank: 15
  ),
  KeyBinding(
    .newRun,
    "Starting",
    [KeyStroke(.control("r"), .startRun)],
    title: "start",
    "Starts the run with what is chosen.",
    hintRank: 5
  ),
  KeyBinding(
    .newRun,
    "Leaving",
    [KeyStroke(.escape, .leaveNewRun)],
    title: "back",
    "Goes back to the list, then clears the filter, then leaves the screen; nothing is lost.",
    hintRank: 3
  ),
  KeyBinding(
    .newRun,
    "Leaving",
    [KeyStroke(.function(1), .help)],
    title: "help",
    "Shows all keys; type to search them.",
    hintRank: 1
  ),
  KeyBinding(
    .newRun,
    "Leaving",
    [KeyStroke(.control("c"), .quit)],
    title: "quit",
    "Leaves the program; while a run trains here, asks what should become of it.",
    hintRank: 90
  ),
]
