import Terminal

/// Keys of the charts on the Run screen.
nonisolated let runChartKeys: [KeyBinding] =
  chartKeys(.run) + [
    KeyBinding(
      .run,
      "Charts",
      [KeyStroke(.escape, .leaveCursor)],
      title: "no cursor",
      "Takes the value cursor away."
    )
  ]

/// Keys that every screen with charts has.
nonisolated func chartKeys(_ context: KeyContext) -> [KeyBinding] {
  [
    KeyBinding(
      context,
      "Charts",
      [KeyStroke(.left, .cursorLeft), KeyStroke(.right, .cursorRight)],
      title: "cursor",
      "Moves the value cursor; a click on a chart sets it.",
      hintRank: 45
    ),
    KeyBinding(
      context,
      "Charts",
      [KeyStroke(.home, .cursorFirst), KeyStroke(.end, .cursorLast)],
      title: "first, last",
      "Moves the value cursor to the first or the last step."
    ),
    KeyBinding(
      context,
      "Charts",
      [KeyStroke(.character("x"), .nextXAxis)],
      title: "x axis",
      "Changes the x axis: epochs, steps, training time.",
      hintRank: 50
    ),
    KeyBinding(
      context,
      "Charts",
      [KeyStroke(.character("y"), .toggleLogarithmicY)],
      title: "log y",
      "Shows the loss on a logarithmic scale, or on a linear one.",
      hintRank: 51
    ),
    KeyBinding(
      context,
      "Charts",
      [KeyStroke(.character("m"), .nextSmoothing)],
      title: "smoothing",
      "Changes the smoothing of the curves: off, 0.6, 0.9.",
      hintRank: 52
    ),
    KeyBinding(
      context,
      "Charts",
      [KeyStroke(.tab, .nextChart), KeyStroke(.backTab, .nextChart)],
      title: "other chart",
      "Changes between the loss and the accuracy where there is room for one chart only."
    ),
  ]
}
