import Telemetry
import Terminal

/// The lines of the settings, from top to bottom, before they are drawn.
///
/// Drawing and clicking both go by them.
nonisolated struct NewRunLines {
  enum Line: Hashable {
    case field(NewRunField)
    /// What is wrong with the field above.
    case problem(String)
    /// What is known of the field above.
    case note(String)
    /// A setting that cannot be changed here.
    case fixed(label: String, value: String)
    case blank
    case name(String)
    case text(String)
    case figure(label: String, value: String)
    case warning(String)
  }

  let lines: [Line]
  /// The first line shown: what the user stands on is always in sight.
  let top: Int

  init(model dashboard: DashboardModel, width: Int, height: Int) {
    let model = dashboard.newRun
    // Beside a run that trains, no other is timed.
    let isTimed = dashboard.liveOwnRuns.isEmpty
    let settings = settingLines(model, width)
    let cost = costLines(model, isTimed, width, height - settings.count - 1)
    let lines = settings + (cost.isEmpty ? [] : [.blank] + cost)
    self.lines = lines
    let focus = lines.firstIndex(of: .field(model.focus)) ?? 0
    // The lines under the field belong to it.
    let notes = lines.dropFirst(focus + 1).prefix { line in
      switch line {
      case .problem, .note: true
      default: false
      }
    }.count
    let last = min(focus + notes, focus + max(0, height - 1))
    top = max(0, last - height + 1)
  }
}

nonisolated private func settingLines(_ model: NewRunModel, _ width: Int) -> [NewRunLines.Line] {
  guard let form = model.form else { return [] }
  var lines: [NewRunLines.Line] = []
  for field in NewRunField.form {
    if field == .start {
      lines += schedule(form.defaults.schedule, width) + [.blank]
    }
    lines.append(.field(field))
    if let problem = model.problem(of: field) {
      lines += wrapped(problem, to: max(1, width - 2)).map { .problem($0) }
    } else if field == .data {
      lines += dataNotes(model, width).map { .note($0) }
    }
  }
  return lines
}

/// The schedule, on a line of its own where it does not fit beside its label.
nonisolated private func schedule(_ text: String, _ width: Int) -> [NewRunLines.Line] {
  guard NewRunPanel.labelWidth + displayWidth(of: text) > width else {
    return [.fixed(label: "schedule", value: text)]
  }
  return [.fixed(label: "schedule", value: "")] + wrapped(text, to: width - 2).map { .note($0) }
}

nonisolated private func dataNotes(_ model: NewRunModel, _ width: Int) -> [String] {
  guard let data = model.costs.description else {
    return model.costs.isWaiting ? ["reading…"] : []
  }
  let shape = data.imageShape.map(String.init).joined(separator: " × ")
  let images = NumberText.count(data.trainCount)
  return wrapped(
    "\(shape), \(data.classes) classes, \(images) training images",
    to: max(1, width - 2)
  )
}

/// What the selected architecture is and what it takes, in at most so many lines.
///
/// Where they do not suffice, what it is goes first, then the figures that matter least.
nonisolated private func costLines(
  _ model: NewRunModel,
  _ isTimed: Bool,
  _ width: Int,
  _ height: Int
) -> [NewRunLines.Line] {
  guard let entry = model.list.selectedEntry, height >= 2 else { return [] }
  let summary = wrapped(entry.summary, to: width).map { NewRunLines.Line.text($0) }
  var figures = figureLines(model, width) + timeLines(model, isTimed, width)
  let isRoomy = 1 + summary.count + figures.count <= height
  for label in expendable where 1 + figures.count > height {
    figures.removeAll {
      if case .figure(label, _) = $0 { true } else { false }
    }
  }
  return Array(([.name(entry.name)] + (isRoomy ? summary : []) + figures).prefix(height))
}

/// Figures that are given up where there is little room, the first to go first.
nonisolated private let expendable = [
  "trainable", "memory free", "multiply-adds", "parameters", "memory planned",
]

/// What stands against the selected architecture, then its figures.
nonisolated private func figureLines(_ model: NewRunModel, _ width: Int) -> [NewRunLines.Line] {
  var lines: [NewRunLines.Line] = []
  switch model.standing {
  case .unknown: break
  case .misfit(let reason):
    lines += wrapped("Cannot be trained on these images: \(reason)", to: width).map { .warning($0) }
  case .cost(let cost, let isMemoryKnown):
    if isMemoryKnown, !cost.fits {
      let way =
        cost.largestBatch.map { "The largest batch that fits is \(NumberText.count($0))." }
        ?? "Not even a batch of 1 fits."
      lines += wrapped("Needs more memory than is free. \(way)", to: width).map { .warning($0) }
    }
    lines += [
      .figure(label: "parameters", value: NumberText.count(cost.parameters.total)),
      .figure(label: "trainable", value: NumberText.count(cost.parameters.trainable)),
      .figure(label: "multiply-adds", value: NumberText.short(cost.multiplyAdds)),
    ]
    lines.append(
      .figure(label: "memory planned", value: NumberText.bytes(cost.plannedMemoryBytes))
    )
    if let free = cost.availableBytes {
      lines.append(.figure(label: "memory free", value: NumberText.bytes(free)))
    }
  }
  return lines
}
