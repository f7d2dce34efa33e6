import Dispatch
import Synchronization
import Telemetry
import Training

/// Does a little of the run that the user looks at, on a queue of its own, and says how long the
/// whole takes.
///
/// It begins once a question has been the last one for half a second. What is under way is given up
/// between two steps when another question comes, or none; then its memory is free again and its
/// files are gone.
final class TimeDesk: Sendable {
  private struct State {
    var question: TimeQuestion?
    /// Counts the questions: only the last one is answered.
    var number = 0
    var answers: [CatalogAnswer] = []
  }

  /// Seconds that a question must have been the last one.
  private static let rest = 0.5
  /// Seconds of measuring, where steps are short.
  private static let seconds = 3.0
  /// Seconds that leaving may wait for the end of a step.
  private static let patience = 0.5

  private let queue = DispatchQueue(label: "descent.times", qos: .utility)
  private let scratch: ScratchDirectory
  private let state = Mutex(State())

  /// Writes into the directory of a store while it measures.
  init(store: String) {
    scratch = ScratchDirectory(in: store)
  }

  /// Gives up what is under way, and wants these times; nil wants none.
  func ask(_ question: TimeQuestion?) {
    let number = state.withLock { state in
      state.question = question
      state.number += 1
      state.answers = []
      return state.number
    }
    guard question != nil else { return }
    queue.asyncAfter(deadline: .now() + TimeDesk.rest) { self.answer(number) }
  }

  func drain() -> [CatalogAnswer] {
    state.withLock { state in
      defer { state.answers = [] }
      return state.answers
    }
  }

  /// Gives up what is under way and waits until its memory is free.
  func stop() {
    ask(nil)
    queue.sync {}
  }

  /// Gives up what is under way because the process ends, and removes its files.
  func close() {
    ask(nil)
    let isDone = DispatchSemaphore(value: 0)
    queue.async { isDone.signal() }
    // A long step is not waited for: it ends with the process.
    if isDone.wait(timeout: .now() + TimeDesk.patience) == .timedOut { scratch.remove() }
  }

  // MARK: - On the queue

  private func answer(_ number: Int) {
    guard let question = state.withLock({ $0.number == number ? $0.question : nil }) else { return }
    guard let answer = measure(question, number) else { return }
    state.withLock { state in
      if state.number == number { state.answers.append(.times(answer, of: question)) }
    }
  }

  /// Nil where it was given up.
  private func measure(_ question: TimeQuestion, _ number: Int) -> TimeAnswer? {
    do {
      let launcher = try RunLauncher(RecipeDraft(question))
      let estimate = try launcher.estimate(
        in: scratch,
        seconds: TimeDesk.seconds,
        // As a run beside a screen: keys go first.
        listener: .screen(RunFeed()),
        isCalledOff: { self.state.withLock { $0.number != number } }
      )
      return estimate.map { .times($0.times) }
    } catch {
      return .failed(ErrorSentence(describing: error)?.text ?? String(describing: error))
    }
  }
}

extension RecipeDraft {
  /// The run whose times are wanted; what does not count has the command line's defaults.
  fileprivate init(_ question: TimeQuestion) {
    self.init()
    let setting = question.setting
    set(.architecture, question.architecture)
    set(.data, setting.data)
    set(.imageSize, setting.imageSize)
    set(.batchSize, setting.batchSize)
    set(.optimizer, setting.optimizer.rawValue)
    set(.precision, setting.precision.rawValue)
    set(.augment, question.augmentation)
  }
}
