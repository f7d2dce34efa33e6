import Telemetry
import Terminal

/// The figures at the right of the charts, in groups; the lower groups go first where rows lack.
nonisolated struct SidePanel {
  /// One row: a label at the left, a value at the right.
  struct Row {
    var label: String
    var value: String
    var role: ThemeRole = .text
    /// A share, up to 1, drawn as a bar between label and value.
    var share: Double?
  }

  var run: RunModel
  var figures: RunFigures
  var model: DashboardModel
  var appearance: Appearance

  func draw(in rect: Rect, on canvas: inout Canvas) {
    var y = rect.y
    for group in [training, network, memory, ledger] {
      let start = y == rect.y ? y : y + 1
      guard !group.isEmpty, start + group.count <= rect.maxY else { continue }
      y = start
      for row in group {
        draw(row, in: Rect(x: rect.x, y: y, width: rect.width, height: 1), on: &canvas)
        y += 1
      }
    }
    drawEvents(in: Rect(x: rect.x, y: y + 1, width: rect.width, height: rect.maxY - y - 1), &canvas)
  }

  // MARK: Groups

  private var training: [Row] {
    let patience = run.patience.map { left, all in
      Row(label: "patience", value: "\(left) of \(all) epochs left")
    }
    return [
      Row(
        label: "learning rate",
        value: figures.learningRate,
        role: run.pendingLearningRate == nil ? .learningRate : .warning
      ),
      Row(label: "images a second", value: figures.imagesPerSecond),
      Row(label: "epoch, last", value: figures.lastSecondsPerEpoch),
      Row(label: "epoch, mean", value: figures.meanSecondsPerEpoch),
      Row(label: "trained for", value: figures.trainedFor),
      Row(label: "time left", value: figures.timeLeft),
      Row(label: "best loss @ epoch", value: figures.bestLoss, role: .best),
      Row(label: "its accuracy", value: figures.bestAccuracy, role: .best),
    ] + (patience.map { [$0] } ?? [])
  }

  private var network: [Row] {
    guard let description = run.description, let recipe = run.recipe else { return [] }
    // What few runs have is a row where there is something to say.
    let extras = [
      recipe.augmentation.isNone ? nil : ("augmentation", recipe.augmentation.description),
      recipe.frozen.isEmpty ? nil : ("frozen", recipe.frozen.joined(separator: " ")),
    ].compactMap { $0.map { Row(label: $0, value: $1) } }
    return [
      Row(label: "architecture", value: recipe.architecture),
      Row(label: "data", value: recipe.data),
      Row(label: "images", value: description.inputShape.map(String.init).joined(separator: " × ")),
      Row(label: "parameters", value: NumberText.count(description.parameters.total)),
      Row(label: "trainable", value: NumberText.count(description.parameters.trainable)),
      Row(label: "multiply-adds", value: NumberText.short(description.multiplyAdds)),
      Row(
        label: "optimizer",
        value: "\(recipe.optimizer.kind.rawValue), batch \(recipe.batchSize)"
      ),
      Row(label: "precision", value: recipe.precision.rawValue),
    ] + extras
  }

  private var memory: [Row] {
    guard run.description != nil else { return [] }
    return [
      Row(label: "memory now", value: figures.memory),
      Row(label: "memory planned", value: figures.plannedMemory),
      Row(label: "this screen's CPU", value: figures.screenShare),
    ]
  }

  /// Where the last epoch's seconds went.
  private var ledger: [Row] {
    guard let epoch = run.epochs.last, epoch.seconds > 0 else { return [] }
    let times = epoch.ledger
    let parts = [
      ("forward", times.forward), ("backward", times.backward), ("update", times.update),
      ("data", times.data), ("validation", times.validation), ("checkpoint", times.checkpoint),
    ]
    return [Row(label: "last epoch", value: NumberText.duration(epoch.seconds), role: .muted)]
      + parts.map { name, seconds in
        let share = seconds / epoch.seconds
        return Row(label: name, value: NumberText.duration(seconds), share: share)
      }
  }

  // MARK: Drawing

  private func draw(_ row: Row, in rect: Rect, on canvas: inout Canvas) {
    let used = canvas.write(
      row.label,
      x: rect.x,
      y: rect.y,
      style: appearance.style(.muted),
      maxWidth: rect.width
    )
    if let share = row.share {
      let bar = Rect(x: rect.x + 11, y: rect.y, width: rect.width - 11 - 10, height: 1)
      ThinBar(fraction: share, style: appearance.style(.muted), symbols: appearance.symbols)
        .draw(in: bar, on: &canvas)
    }
    let value = truncated(row.value, to: max(0, rect.width - used - 1))
    canvas.writeRight(value, endingAt: rect.maxX, y: rect.y, style: appearance.style(row.role))
  }

  /// The newest events, newest first.
  private func drawEvents(in rect: Rect, _ canvas: inout Canvas) {
    guard rect.height >= 3, !run.changes.isEmpty else { return }
    canvas.write("events", x: rect.x, y: rect.y, style: appearance.style(.muted))
    canvas.writeRight("step", endingAt: rect.maxX, y: rect.y, style: appearance.style(.muted))
    for (row, change) in run.changes.reversed().prefix(rect.height - 1).enumerated() {
      let y = rect.y + 1 + row
      let step = NumberText.count(change.step)
      let role: ThemeRole = change.kind == .warning ? .warning : .text
      canvas.write(
        truncated(change.text, to: max(0, rect.width - step.count - 2)),
        x: rect.x,
        y: y,
        style: appearance.style(role)
      )
      canvas.writeRight(step, endingAt: rect.maxX, y: y, style: appearance.style(.muted))
    }
  }
}
