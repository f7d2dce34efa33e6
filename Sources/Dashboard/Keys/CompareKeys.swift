import Terminal

/// Keys of the Compare screen.
nonisolated let compareKeys: [KeyBinding] =
  [
    KeyBinding(
      .compare,
      "Runs",
      [
        KeyStroke(.up, .rowUp), KeyStroke(.down, .rowDown),
        KeyStroke(.character("k"), .rowUp), KeyStroke(.character("j"), .rowDown),
      ],
      title: "select",
      "Selects a run: its curves are drawn thick and in front.",
      hintRank: 20
    ),
    KeyBinding(
      .compare,
      "Runs",
      [KeyStroke(.pageUp, .pageUp), KeyStroke(.pageDown, .pageDown)],
      title: "page",
      "Moves by a screenful of the table."
    ),
    KeyBinding(
      .compare,
      "Runs",
      [KeyStroke(.enter, .openRun)],
      title: "open",
      "Opens the selected run.",
      hintRank: 10
    ),
    KeyBinding(
      .compare,
      "Runs",
      [KeyStroke(.character(" "), .toggleCurves)],
      title: "hide",
      "Hides the curves of the selected run, or shows them again.",
      hintRank: 30
    ),
    KeyBinding(
      .compare,
      "Runs",
      [KeyStroke(.character("<"), .previousColumns), KeyStroke(.character(">"), .nextColumns)],
      title: "columns",
      "Shows the columns of the table that do not fit.",
      hintRank: 15
    ),
    KeyBinding(
      .compare,
      "Runs",
      [KeyStroke(.escape, .leaveComparison)],
      title: "back",
      "Takes the value cursor away, then goes back to the table of all runs.",
      hintRank: 12
    ),
    KeyBinding(
      .compare,
      "Charts",
      [KeyStroke(.character("w"), .nextTraining)],
      title: "training",
      "Changes whose training curves are drawn: the selected run's, all runs', none.",
      hintRank: 44
    ),
  ] + chartKeys(.compare)
