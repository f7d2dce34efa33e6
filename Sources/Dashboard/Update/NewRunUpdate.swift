import Telemetry
import Terminal

/// The keys of the New-run screen.
extension DashboardModel {
  /// Shows the screen and asks anew what the architectures cost: the machine's free memory may have
  /// changed.
  nonisolated mutating func openNewRun() -> [Effect] {
    guard newRun.form != nil else {
      message = Message("No run can be started from this screen.", kind: .warning)
      return []
    }
    if screen != .newRun { newRun.origin = screen }
    focus(on: .architecture)
    screen = .newRun
    newRun.times.forgetFailure()
    return askForCosts(again: true)
  }

  nonisolated mutating func performOnNewRun(_ action: Action) -> [Effect] {
    switch action {
    case .rowUp: moveOnNewRun(by: -1)
    case .rowDown: moveOnNewRun(by: 1)
    case .pageUp: newRun.list.move(by: -newRun.list.pageRows)
    case .pageDown: newRun.list.move(by: newRun.list.pageRows)
    case .firstRow: newRun.list.move(toRow: 0)
    case .lastRow: newRun.list.move(toRow: newRun.list.visible.count - 1)
    case .nextField: focus(on: neighbour(of: newRun.focus, by: 1))
    case .previousField: focus(on: neighbour(of: newRun.focus, by: -1))
    case .acceptField:
      guard newRun.focus != .start else { return tryToStart() }
      focus(on: neighbour(of: newRun.focus, by: 1))
    case .startRun: return tryToStart()
    case .higherValue: step(up: true)
    case .lowerValue: step(up: false)
    case .eraseCharacter: eraseCharacter()
    case .eraseAll: eraseAll()
    case .leaveNewRun: leaveNewRun()
    default: break
    }
    return askForCosts()
  }

  /// Text goes where the user stands: into the filter of the list, or into the field.
  nonisolated mutating func typeOnNewRun(_ key: Key) -> [Effect] {
    guard case .character(let character) = key else { return [] }
    message = nil
    if newRun.focus == .architecture {
      guard character != " " || !newRun.list.filter.isEmpty else { return [] }
      newRun.list.filter.append(character)
    } else {
      newRun.form?.type(character, into: newRun.focus)
    }
    return askForCosts()
  }

  // MARK: Moving

  private nonisolated mutating func moveOnNewRun(by rows: Int) {
    guard newRun.focus != .architecture else {
      newRun.list.move(by: rows)
      return
    }
    let fields = NewRunField.form
    let row = (fields.firstIndex(of: newRun.focus) ?? 0) + rows
    focus(on: fields[min(max(0, row), fields.count - 1)])
  }

  private nonisolated func neighbour(of field: NewRunField, by steps: Int) -> NewRunField {
    let fields = NewRunField.allCases
    let index = fields.firstIndex(of: field) ?? 0
    return fields[(index + steps + fields.count) % fields.count]
  }

  nonisolated mutating func focus(on field: NewRunField) {
    newRun.form?.leave(newRun.focus)
    newRun.focus = field
  }

  /// One layer at a time: from the form to the list, then the filter, then the screen.
  private nonisolated mutating func leaveNewRun() {
    if newRun.focus != .architecture {
      focus(on: .architecture)
    } else if !newRun.list.filter.isEmpty {
      newRun.list.filter = ""
    } else {
      screen = newRun.origin
    }
  }

  // MARK: Values

  private nonisolated mutating func step(up: Bool) {
    let choices = dataChoices
    newRun.form?.step(newRun.focus, up: up, dataChoices: choices)
  }

  private nonisolated mutating func eraseCharacter() {
    if newRun.focus == .architecture {
      newRun.list.filter = String(newRun.list.filter.dropLast())
    } else {
      newRun.form?.eraseCharacter(of: newRun.focus)
    }
  }

  private nonisolated mutating func eraseAll() {
    if newRun.focus == .architecture {
      newRun.list.filter = ""
    } else {
      newRun.form?.eraseAll(of: newRun.focus)
    }
  }

  /// The data sets at hand: what is built in, then those of earlier runs, the newest first.
  nonisolated var dataChoices: [String] {
    var choices = newRun.form.map { [$0.defaults.data] } ?? []
    for run in table.runs where !choices.contains(run.description.recipe.data) {
      choices.append(run.description.recipe.data)
    }
    return choices
  }

  /// Asks what the architectures cost, if that has changed or is to be looked at again.
  nonisolated mutating func askForCosts(again: Bool = false) -> [Effect] {
    guard screen == .newRun, let question = newRun.form?.question, !question.data.isEmpty,
      again || question != newRun.costs.question
    else { return [] }
    newRun.costs.ask(question, about: newRun.list.entries.map(\.name))
    return [.ask(question)]
  }

  /// Asks how long the run in the form takes, while the user looks at it, costs are counted and
  /// nothing trains here that would take turns with the steps.
  nonisolated mutating func askForTimes() -> [Effect] {
    let isPossible = screen == .newRun && !newRun.isWaiting && liveOwnRuns.isEmpty
    let question = isPossible ? newRun.timeQuestion : nil
    return newRun.times.want(question) ? [.time(newRun.times.question)] : []
  }

  // MARK: Starting

  /// Starts the run, or says what stands in the way and goes there.
  private nonisolated mutating func tryToStart() -> [Effect] {
    guard !newRun.isStarting else { return [] }
    guard let architecture = newRun.list.selected else {
      focus(on: .architecture)
      message = Message("No architecture is chosen: none has this filter.", kind: .warning)
      return []
    }
    newRun.form?.leave(newRun.focus)
    if let field = newRun.firstProblem {
      focus(on: field)
      message = Message("The run is not started: see \(field.title).", kind: .error)
      return []
    }
    switch newRun.standing {
    case .misfit(let reason):
      message = Message("\(architecture) cannot be trained on these: \(reason)", kind: .error)
      return []
    case .cost(let cost, isMemoryKnown: true) where !cost.fits:
      return offerSmallerBatch(architecture, cost)
    case .unknown, .cost:
      return start(architecture)
    }
  }

  private nonisolated mutating func start(_ architecture: String) -> [Effect] {
    guard let request = newRun.form?.request(architecture: architecture) else { return [] }
    newRun.isStarting = true
    message = Message("Starting \(architecture) on \(request.data)…")
    return [.start(request)]
  }

  private nonisolated mutating func offerSmallerBatch(
    _ architecture: String,
    _ cost: ArchitectureCost
  ) -> [Effect] {
    if let batch = cost.largestBatch {
      popup = .confirmation(.smallerBatch(batch, architecture: architecture))
    } else {
      message = Message("\(architecture) \(memoryShortage(cost))", kind: .error)
    }
    return []
  }

  /// The user agrees to the batch that fits.
  nonisolated mutating func startWithBatch(_ batch: Int, _ architecture: String) -> [Effect] {
    newRun.form?.set(.batchSize, to: String(batch))
    return askForCosts() + start(architecture)
  }

  /// A run that was asked for has begun: it is opened, unless the user has gone elsewhere.
  nonisolated mutating func started(_ run: RunID) -> [Effect] {
    ownRuns.insert(run)
    newRun.isStarting = false
    // The next choice is among all again; the settings stay.
    newRun.list.filter = ""
    message = Message("Run \(run) has started")
    guard screen == .newRun, popup == nil else { return [] }
    return open(run)
  }

  nonisolated mutating func notStarted(_ reason: String) {
    newRun.isStarting = false
    message = Message("The run is not started: \(reason)", kind: .error)
  }
}

/// What a plan needs, what there is, and what would fit, as the end of a sentence.
nonisolated func memoryShortage(_ cost: ArchitectureCost) -> String {
  let needed = NumberText.bytes(cost.plannedMemoryBytes)
  let free = NumberText.bytes(cost.availableBytes ?? 0)
  let way =
    cost.largestBatch.map { "the largest batch that fits is \(NumberText.count($0))" }
    ?? "not even a batch of 1 fits"
  return "needs \(needed), and \(free) are free; \(way)"
}
