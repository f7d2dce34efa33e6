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
    // On the smallest screens the title and the answers are enough.
    let lines = canvas.size.rows - 3 - answers.count >= text.count ? text + [""] : []
    let inner = max(
      answers.map(width).max() ?? 0,
      displayWidth(of: title) + 2,
      lines.map { displayWidth(of: $0) }.max() ?? 0
    )
    let inside = PopupBox(title: title, appearance: appearance)
      .draw(width: inner + 4, height: lines.count + answers.count + 2, on: &canvas)
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

  private static let keyColumns = 6
  private static let titleColumns = 15

  private func width(of answer: KeyBinding) -> Int {
    Self.keyColumns + Self.titleColumns + displayWidth(of: answer.explanation)
  }

  /// Key, short name, and the explanation where it fits whole.
  private func draw(
    _ answer: KeyBinding,
    x: Int,
    y: Int,
    _ room: Int,
    on canvas: inout Canvas
  ) {
    let key = answer.strokes.first.map { keyName($0.key) } ?? ""
    canvas.write(key, x: x, y: y, style: appearance.style(.key, .bold))
    canvas.write(
      truncated(answer.title, to: max(0, room - Self.keyColumns)),
      x: x + Self.keyColumns,
      y: y,
      style: appearance.style(.text)
    )
    guard width(of: answer) <= room else { return }
    canvas.write(
      answer.explanation,
      x: x + Self.keyColumns + Self.titleColumns,
      y: y,
      style: appearance.style(.muted)
    )
  }

  private func words(of popup: Popup) -> (title: String, text: [String]) {
    switch popup {
    case .quitDialog:
      return ("Leave?", liveRunLines)
    case .confirmation(.stop(let run)):
      return ("Stop?", [runLine(run) + " ends early.", "Everything is kept."])
    case .confirmation(.delete(let runs)):
      let names = runs.prefix(6).map { runLine($0) }
      let more = runs.count > 6 ? ["and \(runs.count - 6) more"] : []
      return ("Delete for good?", names + more + ["Curves and checkpoints are lost."])
    case .confirmation(.smallerBatch(let batch, let architecture)):
      return ("Train with a smaller batch?", shortageLines(architecture, batch))
    case .divergence(let run, let text):
      return ("The loss has gone wrong", [runLine(run) + " is paused:", text + "."])
    case .help, .prompt, .rangeTest:
      return ("", [])
    }
  }

  /// Which runs train here, each on a line.
  private var liveRunLines: [String] {
    let runs = model.liveOwnRuns
    let starting = model.newRun.isStarting ? ["A run is being started here."] : []
    if runs.count == 1 { return [runLine(runs[0]) + " is being trained here."] + starting }
    guard !runs.isEmpty else { return starting }
    let more = runs.count > 6 ? ["and \(runs.count - 6) more"] : []
    return runs.prefix(6).map { runLine($0) } + more + ["are being trained here."] + starting
  }

  private func shortageLines(_ architecture: String, _ batch: Int) -> [String] {
    guard case .cost(let cost, _) = model.newRun.costs.standing(of: architecture) else { return [] }
    let batchNow = model.newRun.form?.text(of: .batchSize) ?? ""
    let needed = NumberText.bytes(cost.plannedMemoryBytes)
    return [
      "\(architecture) at a batch of \(batchNow) needs \(needed),",
      "and \(NumberText.bytes(cost.availableBytes ?? 0)) are free.",
      "A batch of \(NumberText.count(batch)) is the largest that fits.",
    ]
  }

  private func runLine(_ run: RunID?) -> String {
    guard let run else { return "A run" }
    let known = model.table.runs.first { $0.id == run }?.description.name
    let name = known ?? (run == model.openRun ? model.runModel.description?.name : nil)
    return name.map { "Run \(run), \(truncated($0, to: 40))," } ?? "Run \(run)"
  }
}
