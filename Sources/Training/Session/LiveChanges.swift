import Datasets
import Engine
import Telemetry

/// What the user changes of the recipe while it trains.
///
/// A change waits in `steering.pending` for the next step, is recorded with all that holds from
/// there on, and made again at its step by a resumed run and by a replay.
extension SessionLoop {
  /// What will hold from the next step on, or for a batch size the next epoch.
  private var wanted: LiveSettings { steering.pending ?? state.settings }

  // MARK: - Wishes

  func request(_ change: LearningRateChange) {
    var settings = wanted
    settings.multiplier =
      switch change {
      case .multiply(let factor): settings.multiplier * factor
      case .set(let rate): rate / scheduledLearningRate
      case .schedule: 1
      }
    let rate = settings.multiplier * scheduledLearningRate
    guard rate.isFinite, rate > 0 else {
      return refuse("a learning rate of \(rate) was asked for and refused")
    }
    wait(for: settings)
  }

  func request(_ change: SettingChange) {
    do {
      wait(for: try SettingWish(change).made(of: wanted, baseRecipe, plan, state))
    } catch {
      refuse(error.description)
    }
  }

  private func refuse(_ reason: String) {
    publishChange(.warning, text: reason)
  }

  private func wait(for settings: LiveSettings) {
    // Whoever changes something leaves the way that a cut-off session had gone.
    state.due.removeAll()
    steering.pending = settings == state.settings ? nil : settings
    publishProgress(steering.isPaused ? .paused : .training)
  }

  // MARK: - Making changes

  /// Takes over the changes that the cut-off session had made since the checkpoint.
  ///
  /// The rewind that follows takes them off the store, so they go into a checkpoint first.
  func takeUpRecordedChanges() {
    for change in configuration.recordedChanges {
      guard let settings = change.details?.settings else { continue }
      state.due.removeAll { $0.step == change.step }
      state.due.append(SessionState.DueChange(step: change.step, settings: settings))
    }
    state.due.sort { $0.step < $1.step }
    // Those of just this step stand in the store already. Where an epoch's last step is done and
    // its end is not, they wait for it: an epoch has one batch size.
    let isInEpoch = state.stepOfEpoch < sampler.stepsPerEpoch
    while let change = state.due.first, change.step < (isInEpoch ? state.step + 1 : state.step) {
      state.due.removeFirst()
      state.settings = change.settings
    }
    guard !state.due.isEmpty else { return }
    watch.restart()
    writeCheckpoint(announce: false)
  }

  /// Makes the changes that wait for this step, and those a resumed run had made before.
  func applyChanges() {
    while let change = state.due.first, change.step <= state.step {
      state.due.removeFirst()
      apply(change.settings)
    }
    guard var next = steering.pending else { return }
    let rest = next
    // An epoch has one batch size.
    if state.stepOfEpoch > 0 { next.batchSize = state.settings.batchSize }
    steering.pending = next == rest ? nil : rest
    apply(next)
  }

  private func apply(_ next: LiveSettings) {
    let before = (settings: state.settings, recipe: recipe, rate: learningRate)
    guard next != before.settings else { return }
    // What moves no weight is nothing to go back from.
    if next.deciding != before.settings.deciding {
      snapshots.push(Snapshot(of: model, state: state))
    }
    state.settings = next
    do {
      try followSettings()
    } catch {
      state.settings = before.settings
      steering.pending = nil
      return refuse("the change was not made: \(error)")
    }
    publishDifference(from: before.settings, before.recipe, rate: before.rate)
  }

  /// Has plan and model do what the state's settings say.
  func followSettings() throws {
    let threads = recipe.threads
    var next = plan
    if try next.follow(baseRecipe.applying(state.settings)) {
      try model.replan(next.modelPlan)
      order = (0, [])
    }
    plan = next
    model.optimizer = recipe.optimizer.engineOptimizer
    model.dropoutRate = state.settings.dropout.map { Float($0) }
    if recipe.threads != threads { model.setThreads(recipe.threads) }
  }

  /// Says each thing that has changed.
  private func publishDifference(from old: LiveSettings, _ recipe: Recipe, rate: Double) {
    let new = state.settings
    if new.multiplier != old.multiplier {
      let texts = [rate, learningRate].map(LearningRateText.string)
      publishSettings(.learningRate, text: "LR \(texts[0]) → \(texts[1])", isRate: true)
    }
    for text in SettingWish.differences(from: recipe, to: self.recipe, old, new) {
      publishSettings(.setting, text: text)
    }
  }

  func publishSettings(_ kind: RunChange.Kind, text: String, isRate: Bool = false) {
    publish(
      .change(
        RunChange(
          kind: kind,
          step: state.step,
          epoch: state.epoch + 1,
          text: text,
          value: isRate ? learningRate : nil,
          detail: isRate ? state.settings.multiplier : nil,
          details: RunChange.Details(settings: state.settings),
          time: WallClock.now
        )
      )
    )
  }

  // MARK: - Going back

  /// Goes back to the state just before the last change.
  func undo() {
    if steering.pending != nil {
      steering.pending = nil
      publishProgress(steering.isPaused ? .paused : .training)
      return
    }
    guard let snapshot = snapshots.pop() else {
      return refuse("there is no change to undo")
    }
    let from = state.step
    do { try restore(snapshot) } catch { return refuse("going back failed: \(error)") }
    // First the checkpoint, which removes those of later steps: a session that is cut off here goes
    // on from it, not from what is undone.
    writeCheckpoint(announce: false)
    publish(.rewound(toStep: state.step))
    publishSettings(
      .undo,
      text: "undone: back from step \(from), LR \(LearningRateText.string(learningRate))",
      isRate: true
    )
    publishProgress(steering.isPaused ? .paused : .training)
  }

  /// The state of a snapshot, with what belongs to the run as a whole kept.
  private func restore(_ snapshot: Snapshot) throws {
    let now = state
    state = snapshot.state
    state.keepWhole(of: now)
    // First the plan: the snapshot's arrays lie as that one has them.
    try followSettings()
    snapshot.restore(into: model)
    ledger = TimeLedger()
    order = (0, [])
    forgetEpochs()
  }

  /// Epochs that were undone are remarked on no more, and nothing goes back to them.
  func forgetEpochs() {
    snapshots.forget(after: state.step)
    epochs.removeAll { $0.step > state.step }
    measures = EpochGauges()
  }
}

/// The learning rate: the schedule times what the user has made of it.
extension SessionLoop {
  /// The rate of the next step, pending changes not counted.
  var learningRate: Double { scheduledLearningRate * state.settings.multiplier }

  var scheduledLearningRate: Double {
    baseRecipe.scheduledLearningRate(at: schedulePosition, plateau: state.plateau)
  }

  /// Where the schedule stands at the next step.
  ///
  /// Epochs that were added or taken away on the way do not move it: beyond the recipe's it stays
  /// where it ended.
  var schedulePosition: SchedulePosition {
    SchedulePosition(
      epoch: state.epoch,
      stepOfEpoch: state.stepOfEpoch,
      stepsPerEpoch: sampler.stepsPerEpoch,
      epochs: baseRecipe.epochs
    )
  }

  /// The rate that waits for the next step.
  var pendingLearningRate: Double? {
    steering.pending.flatMap { pending in
      pending.multiplier == state.settings.multiplier
        ? nil : scheduledLearningRate * pending.multiplier
    }
  }
}

extension SessionState {
  /// Takes what belongs to the run as a whole from the state it is left for.
  ///
  /// Checkpoints of later steps, also those asked for, are of a way the run did not go.
  mutating func keepWhole(of now: SessionState) {
    totalSeconds = now.totalSeconds
    askedFor = now.askedFor.filter { $0 <= step }
    returns = now.returns
    settings.takeUndeciding(from: now.settings)
  }
}

extension LiveSettings {
  /// The settings that decide bits.
  fileprivate var deciding: LiveSettings {
    var settings = self
    settings.takeUndeciding(from: LiveSettings())
    return settings
  }

  /// Takes what decides no bits: when the run ends, and on how many threads it computes.
  fileprivate mutating func takeUndeciding(from other: LiveSettings) {
    epochs = other.epochs
    threads = other.threads
  }
}
