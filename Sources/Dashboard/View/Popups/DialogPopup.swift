import Telemetry
import Terminal

/// A question with its answers: leave, stop, delete.
nonisolated struct DialogPopup {
  var model: DashboardModel
  var appearance: Appearance

  func draw(on canvas: inout Canvas) {
    guard let popup = model.popup else { return }
    let (title, text) = words(of: popup)
    let answers = KeyTable.standard.hints(in: [popup.context], liveRun: true)
    let room = canvas.size.rows - 2 - answers.count
    // On the smallest screens the title and the answers are enough.
    let lines = room > text.count ? text + [""] : []
    let answerWidth = answers.map { displayWidth(of: line(for: $0)) }.max() ?? 0
    let width = max(answerWidth, displayWidth(of: title) + 4, lines.map(displayWidth).max() ?? 0)
    let inside = PopupBox(title: title, appearance: appearance)
      .draw(width: width + 4, height: lines.count + answers.count + 2, on: &canvas)
    for (row, line) in lines.enumerated() {
      canvas.write(
        truncated(line, to: inside.width),
        x: inside.x,
        y: inside.y + row,
        style: appearance.style(.text)
      )
    }
    for (row, answer) in answers.enumerated() {
      draw(answer, x: inside.x, y: inside.y + lines.count + row, inside.width, on: &canvas)
    }
  }

  private func draw(
    _ answer: KeyBinding,
    x: Int,
    y: Int,
    _ width: Int,
    on canvas: inout Canvas
  ) {
    let key = firstKey(of: answer)
    canvas.write(key, x: x, y: y, style: appearance.style(.key, .bold))
    let rest = String(line(for: answer).dropFirst(key.count))
    canvas.write(
      truncated(rest, to: max(0, width - key.count)),
      x: x + key.count,
      y: y,
      style: appearance.style(.text)
    )
  }

  private func line(for answer: KeyBinding) -> String {
    let key = firstKey(of: answer)
    let padding = String(repeating: " ", count: max(1, 5 - key.count))
    return key + padding + answer.title + ": " + answer.explanation
  }

  private func firstKey(of answer: KeyBinding) -> String {
    answer.strokes.first.map { keyName($0.key) } ?? ""
  }

  private func words(of popup: Popup) -> (title: String, text: [String]) {
    switch popup {
    case .quitDialog:
      return ("Leave?", [runLine(model.ownRun) + " is being trained here."])
    case .confirmation(.stop(let run)):
      return ("Stop?", [runLine(run) + " ends early.", "Everything is kept."])
    case .confirmation(.delete(let runs)):
      let names = runs.prefix(6).map { runLine($0) }
      let more = runs.count > 6 ? ["and \(runs.count - 6) more"] : []
      return ("Delete for good?", names + more + ["Curves and checkpoints are lost."])
    case .help, .prompt:
      return ("", [])
    }
  }

  private func runLine(_ run: RunID?) -> String {
    guard let run else { return "A run" }
    let known = model.table.runs.first { $0.id == run }?.description.name
    let name = known ?? (run == model.openRun ? model.runModel.description?.name : nil)
    return name.map { "Run \(run), \(truncated($0, to: 40))," } ?? "Run \(run)"
  }
}
