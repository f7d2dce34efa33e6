import Terminal

/// Keys of what lies over the screens.
nonisolated let popupKeys: [KeyBinding] = [
  KeyBinding(
    .quitDialog,
    "Choices",
    [KeyStroke(.character("d"), .detach)],
    title: "detach",
    "Leaves the screen; what trains here goes on without it.",
    hintRank: 1
  ),
  KeyBinding(
    .quitDialog,
    "Choices",
    [KeyStroke(.character("s"), .stopAndQuit)],
    title: "stop and save",
    "Ends what trains here after a checkpoint, then leaves.",
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
    .divergence,
    "Choices",
    [KeyStroke(.character("b"), .goBack), KeyStroke(.enter, .goBack)],
    title: "go back",
    "To the last checkpoint, with half the rate.",
    hintRank: 1
  ),
  KeyBinding(
    .divergence,
    "Choices",
    [KeyStroke(.character("u"), .undo)],
    title: "undo",
    "To just before the last change.",
    hintRank: 2
  ),
  KeyBinding(
    .divergence,
    "Choices",
    [KeyStroke(.character("g"), .goOn)],
    title: "go on",
    "As if nothing were wrong.",
    hintRank: 3
  ),
  KeyBinding(
    .divergence,
    "Choices",
    [KeyStroke(.character("s"), .stopRun)],
    title: "stop",
    "Ends the run and keeps everything.",
    hintRank: 4
  ),
  KeyBinding(
    .divergence,
    "Choices",
    [
      KeyStroke(.escape, .closePopup), KeyStroke(.character("q"), .closePopup),
      KeyStroke(.control("c"), .closePopup),
    ],
    title: "later",
    "The run stays paused.",
    hintRank: 5
  ),
  KeyBinding(
    .rangeTest,
    "Choices",
    [KeyStroke(.enter, .confirm)],
    title: "take it",
    "Sets the suggested learning rate.",
    hintRank: 1
  ),
  KeyBinding(
    .rangeTest,
    "Choices",
    [
      KeyStroke(.escape, .closePopup), KeyStroke(.character("q"), .closePopup),
      KeyStroke(.control("c"), .closePopup),
    ],
    title: "leave it",
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
