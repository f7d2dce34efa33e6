import Telemetry
import Terminal

/// The most important figures on one or two lines, for screens without room for the panel.
nonisolated struct FigureLines {
  var figures: RunFigures
  var appearance: Appearance

  func draw(in rect: Rect, on canvas: inout Canvas) {
    guard !rect.isEmpty else { return }
    if rect.height == 1 {
      draw(first + second, in: rect, on: &canvas)
    } else {
      draw(first, in: rect, on: &canvas)
      draw(
        second,
        in: Rect(x: rect.x, y: rect.y + 1, width: rect.width, height: 1),
        on: &canvas
      )
    }
  }

  private typealias Figure = (label: String, value: String, role: ThemeRole)

  private var first: [Figure] {
    [
      ("LR", figures.learningRate, .learningRate),
      ("best", figures.bestLoss, .best),
      ("accuracy", figures.bestAccuracy, .best),
      ("left", figures.timeLeft, .text),
    ]
  }

  private var second: [Figure] {
    let parameters = figures.run.description.map { NumberText.count($0.parameters.total) }
    return [
      ("images/s", figures.imagesPerSecond, .text),
      ("epoch", figures.lastSecondsPerEpoch, .text),
      ("parameters", parameters ?? RunFigures.unknown, .text),
      ("memory", figures.memory, .text),
    ]
  }

  /// As many whole figures as fit.
  private func draw(_ all: [Figure], in rect: Rect, on canvas: inout Canvas) {
    var x = rect.x + 1
    for figure in all {
      let width = displayWidth(of: figure.label) + 1 + displayWidth(of: figure.value)
      guard x + width < rect.maxX else { break }
      x += canvas.write(figure.label, x: x, y: rect.y, style: appearance.style(.muted)) + 1
      x += canvas.write(figure.value, x: x, y: rect.y, style: appearance.style(figure.role)) + 3
    }
  }
}
