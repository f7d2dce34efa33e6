import Telemetry
import Terminal

/// The keys of popups, and what is typed into them.
extension DashboardModel {
  nonisolated mutating func performInPopup(_ action: Action) -> [Effect] {
    guard let popup else { return [] }
    switch popup {
    case .help(let reader): performInHelp(action, reader)
    case .prompt(let prompt): return performInPrompt(action, prompt)
    case .confirmation(let question): return answer(action, question)
    case .quitDialog: return performInQuitDialog(action)
    case .divergence(let run, _): return performInDivergence(action, run)
    case .rangeTest(let run, let test): return performInRangeTest(action, run, test)
    }
    return []
  }

  /// Takes a key no table knows: text for the popups that are typed into.
  nonisolated mutating func type(_ key: Key) {
    guard case .character(let character) = key else { return }
    switch popup {
    case .prompt(var prompt):
      prompt.text.append(character)
      edit(prompt)
    case .help(var reader):
      reader.search.append(character)
      reader.top = 0
      popup = .help(reader)
    case .confirmation, .quitDialog, .divergence, .rangeTest, nil:
      break
    }
  }

  // MARK: Help

  private nonisolated mutating func performInHelp(_ action: Action, _ reader: HelpReader) {
    var reader = reader
    let layout = helpLayout(search: reader.search)
    switch action {
    case .closePopup where reader.search.isEmpty:
      popup = nil
      return
    case .closePopup, .eraseAll: reader.search = ""
    case .eraseCharacter: reader.search = String(reader.search.dropLast())
    case .scrollUp: reader.top -= 1
    case .scrollDown: reader.top += 1
    case .scrollPageUp: reader.top -= layout.visibleRows
    case .scrollPageDown: reader.top += layout.visibleRows
    default: break
    }
    let bottom = helpLayout(search: reader.search).lastTop
    reader.top = max(0, min(reader.top, bottom))
    popup = .help(reader)
  }

  // MARK: Prompts

  private nonisolated mutating func edit(_ prompt: Prompt) {
    var prompt = prompt
    prompt.error = nil
    // The table shows what the filter does while it is typed.
    if prompt.purpose == .filter { table.setFilter(prompt.text) }
    popup = .prompt(prompt)
  }

  private nonisolated mutating func performInPrompt(
    _ action: Action,
    _ prompt: Prompt
  ) -> [Effect] {
    var prompt = prompt
    switch action {
    case .confirm:
      return accept(prompt)
    case .closePopup:
      if prompt.purpose == .filter { table.setFilter(prompt.original) }
      popup = nil
    case .eraseCharacter:
      prompt.text = String(prompt.text.dropLast())
      edit(prompt)
    case .eraseAll:
      prompt.text = ""
      edit(prompt)
    default:
      break
    }
    return []
  }

  private nonisolated mutating func accept(_ prompt: Prompt) -> [Effect] {
    var prompt = prompt
    switch prompt.purpose {
    case .filter:
      prompt.error = table.filterError?.description
      popup = prompt.error == nil ? nil : .prompt(prompt)
      return []
    case .setting: return acceptSetting(prompt)
    case .fork: return acceptFork(prompt)
    case .learningRate:
      guard !prompt.text.allSatisfy(\.isWhitespace) else {
        popup = nil
        return []
      }
      guard let change = LearningRateChange(text: prompt.text) else {
        prompt.error = "Not a learning rate. Type 3e-4, *0.3, /10 or schedule."
        popup = .prompt(prompt)
        return []
      }
      popup = nil
      // The run may have ended while the user typed.
      guard canSteer else {
        message = Message("The run has ended: its learning rate stays.", kind: .warning)
        return []
      }
      return self.change(change)
    }
  }

  private nonisolated mutating func acceptSetting(_ prompt: Prompt) -> [Effect] {
    var prompt = prompt
    popup = nil
    guard !prompt.text.allSatisfy(\.isWhitespace) else { return [] }
    guard let change = SettingChange(text: prompt.text) else {
      prompt.error = "Not a change. Type \(SettingChange.spellings)."
      popup = .prompt(prompt)
      return []
    }
    if let reason = change.impossibility {
      prompt.error = "Not done: \(reason)."
      popup = .prompt(prompt)
      return []
    }
    guard canSteer else {
      message = Message("The run has ended: its settings stay.", kind: .warning)
      return []
    }
    return steer(.change(change), "\(prompt.text): asked for")
  }

  private nonisolated mutating func acceptFork(_ prompt: Prompt) -> [Effect] {
    var prompt = prompt
    popup = nil
    guard let openRun else { return [] }
    guard let request = ForkRequest(text: prompt.text, run: openRun) else {
      prompt.error = "Not a change. Type 3e-4, *0.3, momentum 0.5; commas between several."
      popup = .prompt(prompt)
      return []
    }
    forksWanted += 1
    message = Message("Fork of run \(openRun): being started")
    return [.fork(request)]
  }

  // MARK: A run that waits

  private nonisolated mutating func performInDivergence(
    _ action: Action,
    _ run: RunID
  ) -> [Effect] {
    popup = nil
    switch action {
    case .goBack:
      message = Message("Going back to the last checkpoint")
      return [.send(.goBack, to: run)]
    case .undo:
      message = Message("Undo: asked for")
      return [.send(.undo, to: run), .send(.resume, to: run)]
    case .goOn: return [.send(.resume, to: run)]
    case .stopRun: return [.send(.stop, to: run)]
    default:
      message = Message("The run stays paused: b goes back, u undoes, Space goes on, s stops.")
      return []
    }
  }

  private nonisolated mutating func performInRangeTest(
    _ action: Action,
    _ run: RunID,
    _ test: RangeTest
  ) -> [Effect] {
    popup = nil
    guard action == .confirm, run == openRun, let rate = test.valley ?? test.steepest else {
      return []
    }
    guard canSteer else {
      message = Message("The run has ended: its learning rate stays.", kind: .warning)
      return []
    }
    return change(.set(rate))
  }

  // MARK: Questions

  private nonisolated mutating func answer(
    _ action: Action,
    _ question: Confirmation
  ) -> [Effect] {
    popup = nil
    guard action == .confirm else { return [] }
    switch question {
    case .stop(let run):
      message = Message("Stopping after this step")
      return [.send(.stop, to: run)]
    case .delete(let runs):
      if let openRun, runs.contains(openRun) {
        self.openRun = nil
        forgetClosedRuns()
      }
      message = Message(runs.count == 1 ? "Deleted run \(runs[0])" : "Deleted \(runs.count) runs")
      return [.delete(runs)]
    case .smallerBatch(let batch, let architecture):
      return startWithBatch(batch, architecture)
    }
  }

  private nonisolated mutating func performInQuitDialog(_ action: Action) -> [Effect] {
    popup = nil
    switch action {
    case .detach: return [.leave(.detach)]
    case .stopAndQuit: return [.leave(.stop)]
    default: return []
    }
  }
}
