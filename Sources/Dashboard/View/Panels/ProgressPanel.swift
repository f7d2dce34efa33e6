import Telemetry
import Terminal

/// How far the epoch and the run are.
nonisolated struct ProgressPanel {
  var model: DashboardModel
  var run: RunModel
  var appearance: Appearance

  /// Two rows, or both bars on one wide row, or the run's bar alone on a narrow one.
  func draw(in rect: Rect, on canvas: inout Canvas) {
    guard !rect.isEmpty else { return }
    if rect.height >= 2 {
      // Both bars begin in the same column.
      let padding = String(repeating: " ", count: max(0, epoch.label.count - whole.label.count))
      var lower = whole
      lower.label += padding
      draw(epoch, in: Rect(x: 1, y: rect.y, width: rect.width - 2, height: 1), on: &canvas)
      draw(lower, in: Rect(x: 1, y: rect.y + 1, width: rect.width - 2, height: 1), on: &canvas)
    } else if rect.width >= 70 {
      let half = (rect.width - 6) / 2
      draw(epoch, in: Rect(x: 1, y: rect.y, width: half, height: 1), on: &canvas)
      draw(whole, in: Rect(x: half + 5, y: rect.y, width: half, height: 1), on: &canvas)
    } else {
      draw(whole, in: Rect(x: 1, y: rect.y, width: rect.width - 2, height: 1), on: &canvas)
    }
  }

  private struct Bar {
    var label: String
    var fraction: Double
    var note: String
    /// Columns kept for the note, so that the bar does not move while it changes.
    var noteWidth: Int
    var role: ThemeRole
  }

  private var epoch: Bar {
    let total = max(run.totalEpochs, run.epoch)
    let digits = String(total).count
    let number = String(run.epoch)
    let padding = String(repeating: " ", count: max(0, digits - number.count))
    return Bar(
      label: "epoch \(padding)\(number)/\(total)",
      fraction: run.epochFraction,
      note: phase,
      noteWidth: 20,
      role: model.openState == .paused ? .paused : .accent
    )
  }

  private var whole: Bar {
    let isLive = model.openState?.isLive == true
    let left = RunFigures(run: run, model: model).timeLeft
    return Bar(
      label: "run",
      fraction: run.runFraction,
      note: isLive ? "\(left) left" : model.openState?.word ?? "",
      noteWidth: 18,
      role: model.openState == .paused ? .paused : .accent
    )
  }

  /// What is done of the phase under way, in batches.
  private var phase: String {
    guard model.openState?.isLive == true, let progress = run.progress else { return "" }
    let batches = "\(NumberText.count(progress.batch))/\(NumberText.count(progress.batches))"
    switch progress.phase {
    case .validating: return "validating \(batches)"
    case .testing: return "testing \(batches)"
    case .trying: return "trying rates \(batches)"
    case .preparing: return "preparing"
    case .training, .paused: return "batch \(batches)"
    }
  }

  private func draw(_ bar: Bar, in rect: Rect, on canvas: inout Canvas) {
    let percent = "\(Int((bar.fraction * 100).rounded(.down))) %"
    let noteWidth = rect.width >= 44 ? bar.noteWidth : 0
    let labelWidth = displayWidth(of: bar.label)
    canvas.write(bar.label, x: rect.x, y: rect.y, style: appearance.style(.muted))
    let barX = rect.x + labelWidth + 1
    let barEnd = rect.maxX - noteWidth - 7
    ThinBar(
      fraction: bar.fraction,
      style: appearance.style(bar.role),
      restStyle: appearance.style(.faint),
      symbols: appearance.symbols
    ).draw(
      in: Rect(x: barX, y: rect.y, width: max(0, barEnd - barX), height: 1),
      on: &canvas
    )
    canvas.writeRight(percent, endingAt: barEnd + 6, y: rect.y, style: appearance.style(.text))
    guard noteWidth > 0 else { return }
    canvas.write(
      truncated(bar.note, to: noteWidth - 1),
      x: barEnd + 8,
      y: rect.y,
      style: appearance.style(.muted)
    )
  }
}
