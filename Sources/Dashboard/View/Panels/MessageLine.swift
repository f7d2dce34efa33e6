import Telemetry
import Terminal

/// The line over the hints: what is typed, else what just happened, else how the run ended.
nonisolated struct MessageLine {
  var model: DashboardModel
  var appearance: Appearance

  func draw(atY y: Int, on canvas: inout Canvas) {
    canvas.fill(
      Rect(x: 0, y: y, width: canvas.size.columns, height: 1),
      appearance.style(.background)
    )
    if case .prompt(let prompt) = model.popup {
      draw(prompt, atY: y, on: &canvas)
    } else if let message = model.message {
      draw(message.text, style(of: message.kind), atY: y, on: &canvas)
    } else if model.screen == .run, let text = standingText {
      draw(text.0, text.1, atY: y, on: &canvas)
    }
  }

  private func draw(_ text: String, _ style: Style, atY y: Int, on canvas: inout Canvas) {
    let width = canvas.size.columns - 2
    canvas.write(truncated(text, to: width), x: 1, y: y, style: style)
  }

  private func draw(_ prompt: Prompt, atY y: Int, on canvas: inout Canvas) {
    let columns = canvas.size.columns
    let label =
      switch prompt.purpose {
      case .filter: "Filter: "
      case .learningRate: "LR: "
      case .setting: "Change: "
      case .fork: "Fork with: "
      }
    var x = 1
    x += canvas.write(label, x: x, y: y, style: appearance.style(.accent, .bold))
    // The end of the text is what the user is typing: it stays in sight.
    let room = max(1, columns - x - 2)
    let shown = tail(of: prompt.text, columns: room)
    x += canvas.write(shown, x: x, y: y, style: appearance.style(.text))
    canvas.cursor = (x: min(x, columns - 1), y: y)
    let note = prompt.error ?? filterNote(prompt) ?? hint(prompt)
    let isError = prompt.error != nil || filterNote(prompt) != nil
    let left = columns - x - 4
    guard left > 8 else { return }
    canvas.write(
      truncated(note, to: left),
      x: x + 3,
      y: y,
      style: appearance.style(isError ? .error : .muted)
    )
  }

  private func filterNote(_ prompt: Prompt) -> String? {
    prompt.purpose == .filter ? model.table.filterError?.description : nil
  }

  private func hint(_ prompt: Prompt) -> String {
    switch prompt.purpose {
    case .filter: "words, arch:resnet, lr>=1e-3, best.acc>0.9"
    case .learningRate: "3e-4, *0.3, /10 or schedule"
    case .setting:
      "batch 32, epochs +5, augment flip, freeze layer1, momentum, dropout, weight-decay, threads"
    case .fork: "an LR as 3e-4 or *0.3, momentum 0.5, …; commas between; nothing for no change"
    }
  }

  private func style(of kind: Message.Kind) -> Style {
    switch kind {
    case .information: appearance.style(.text)
    case .warning: appearance.style(.warning)
    case .error: appearance.style(.error)
    }
  }

  /// What holds until something else happens.
  private var standingText: (String, Style)? {
    let run = model.runModel
    if let step = run.divergedAtStep {
      return (
        "The loss is not a number since step \(NumberText.count(step))", appearance.style(.error)
      )
    }
    if let result = run.result { return (summary(of: result), appearance.style(.text)) }
    if model.openState == .interrupted {
      return (
        "The process that trained this run is gone; “descent resume” goes on",
        appearance.style(.warning)
      )
    }
    return nil
  }
}

/// How a run ended, in one line.
nonisolated func summary(of result: RunResult) -> String {
  var parts: [String] = []
  if let accuracy = result.testAccuracy {
    parts.append("test accuracy \(NumberText.percent(accuracy))")
  }
  if let epoch = result.bestEpoch {
    parts.append("best epoch \(epoch)")
  }
  if let loss = result.bestValidationLoss {
    parts.append("validation loss \(NumberText.loss(loss))")
  }
  if let accuracy = result.bestValidationAccuracy {
    parts.append("accuracy \(NumberText.percent(accuracy))")
  }
  parts.append("trained for \(NumberText.duration(result.seconds))")
  if let reason = result.reason { parts.insert(reason, at: 0) }
  let word = RunState(result.status).rawValue
  return word.prefix(1).uppercased() + word.dropFirst() + ": " + parts.joined(separator: ", ")
}

/// The last characters of a text that fit into so many columns.
nonisolated func tail(of text: String, columns: Int) -> String {
  var text = Substring(text)
  while !text.isEmpty, displayWidth(of: String(text)) > columns { text.removeFirst() }
  return String(text)
}
