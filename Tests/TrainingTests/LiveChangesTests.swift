import Telemetry
import Testing
import Training

/// Settings that are changed while a run trains.
@Suite
struct LiveChangesTests {
  /// A small network with dropout.
  private var dropoutRecipe: Recipe {
    var recipe = TestRun.recipe
    recipe.architecture = "cnn"
    return recipe
  }

  private static let turning = AugmentationSettings([.rotate: 10, .shift: 1, .cutout: 2])

  @Test(arguments: [
    SettingChange.momentum(0.5), .weightDecay(0.01), .freeze("body.0"), .batchSize(50),
    .augmentation(LiveChangesTests.turning),
  ])
  func `a change is an event with its step, and changes the bits`(_ change: SettingChange) throws {
    let undisturbed = try TestRun()
    let run = try TestRun()
    try undisturbed.train()
    try run.train(commands: [13: [.change(change)]])
    let mark = try required(run.changes.first { $0.kind == .setting })
    #expect(mark.step == 13 && mark.details?.settings != nil)
    #expect(try run.finalState() != undisturbed.finalState())
  }

  @Test
  func `a batch size waits for the end of the epoch`() throws {
    let run = try TestRun()
    try run.train(commands: [4: [.change(.batchSize(50)), .change(.momentum(0.8))]])
    let marks = run.changes.filter { $0.kind == .setting }
    #expect(marks.map(\.step) == [4, 13])
    #expect(marks.map(\.text) == ["momentum 0.9 → 0.8", "batch size 100 → 50"])
    // 1221 images: 13 steps of 100, then 25 of 50.
    #expect(run.epochs.map(\.step) == [13, 38, 63])
  }

  @Test
  func `frozen layers stay, and learn again when they are let go`() throws {
    let run = try TestRun()
    try run.train(commands: [
      0: [.change(.freeze("body.0"))],
      10: [.checkpoint],
      20: [.change(.unfreeze("body.0")), .checkpoint],
    ])
    let begun = try TestRun()
    try begun.train(commands: [0: [.checkpoint, .stop]])
    let first = try begun.state(atStep: 0)
    let (frozen, freed) = (try run.state(atStep: 10), try run.state(atStep: 20))
    let final = try run.finalState()
    let names = first.keys.filter { !$0.hasPrefix("optimizer.") }
    #expect(
      names.contains { $0.hasPrefix("body.0.") } && names.contains { !$0.hasPrefix("body.0.") }
    )
    for name in names {
      #expect((frozen[name] == first[name]) == name.hasPrefix("body.0."), "\(name)")
      #expect((freed[name] == first[name]) == name.hasPrefix("body.0."), "\(name)")
      #expect(final[name] != first[name], "\(name)")
    }
  }

  @Test
  func `more and fewer epochs move no bit of those there are`() throws {
    let undisturbed = try TestRun()
    let run = try TestRun()
    try undisturbed.train()
    try run.train(commands: [20: [.change(.moreEpochs(5))], 30: [.change(.moreEpochs(-5))]])
    #expect(run.epochs.count == 3)
    #expect(try run.finalState() == undisturbed.finalState())
    let longer = try TestRun()
    // Asked for after the last step, before the run has ended.
    try longer.train(commands: [39: [.change(.moreEpochs(2))]])
    #expect(longer.epochs.count == 5)
    let shorter = try TestRun()
    try shorter.train(commands: [15: [.change(.moreEpochs(-9))]])
    #expect(shorter.epochs.count == 2)
  }

  @Test
  func `threads move no bit and are nothing to go back from`() throws {
    let undisturbed = try TestRun()
    let run = try TestRun()
    try undisturbed.train()
    try run.train(commands: [5: [.change(.threads(2))], 9: [.undo]])
    #expect(try run.finalState() == undisturbed.finalState())
    #expect(run.changes.contains { $0.kind == .warning && $0.text == "there is no change to undo" })
  }

  @Test
  func `dropout changes where there is some, and not elsewhere`() throws {
    let undisturbed = try TestRun()
    let run = try TestRun()
    try undisturbed.train(dropoutRecipe)
    try run.train(dropoutRecipe, commands: [5: [.change(.dropout(0.1))]])
    #expect(run.changes.contains { $0.text == "dropout its own → 0.1" })
    #expect(try run.finalState() != undisturbed.finalState())
    let plain = try TestRun()
    try plain.train(commands: [5: [.change(.dropout(0.1))]])
    #expect(plain.changes.contains { $0.kind == .warning && $0.text.contains("no dropout layer") })
  }

  @Test(arguments: [
    SettingChange.momentum(1), .momentum(.nan), .weightDecay(-1), .batchSize(0),
    .batchSize(100_000), .freeze("nothing.like.it"), .freeze("*"), .threads(0), .dropout(2),
  ])
  func `what cannot be is refused and said, and changes nothing`(_ change: SettingChange) throws {
    let undisturbed = try TestRun()
    let run = try TestRun()
    try undisturbed.train()
    let result = try run.train(commands: [5: [.change(change)]])
    #expect(result?.status == .finished)
    #expect(run.changes.filter { $0.kind == .warning }.count == 1)
    #expect(try run.finalState() == undisturbed.finalState())
  }

  @Test(arguments: [
    SettingChange.momentum(0.2), .weightDecay(0.1), .freeze("body.0"), .batchSize(50),
    .augmentation(LiveChangesTests.turning),
  ])
  func `undo takes any change back, to the bit`(_ change: SettingChange) throws {
    let undisturbed = try TestRun()
    let run = try TestRun()
    try undisturbed.train()
    try run.train(commands: [13: [.change(change)], 30: [.undo]])
    #expect(run.events.contains(.rewound(toStep: 13)))
    #expect(try run.finalState() == undisturbed.finalState())
  }

  @Test
  func `a run cut off after its changes makes them again`() throws {
    let commands: [Int: [RunCommand]] = [
      13: [.change(.batchSize(50))],
      16: [.change(.momentum(0.5)), .learningRate(.multiply(0.5))],
      21: [.change(.freeze("body.0"))],
      24: [.change(.augmentation(LiveChangesTests.turning))],
    ]
    let undisturbed = try TestRun()
    try undisturbed.train(commands: commands)
    let killed = try TestRun()
    try killed.train(commands: commands.merging([30: [.stop]]) { $1 })
    let first = try Checkpoint(path: killed.checkpoints.file(step: 13))
    let resumed = try TestRun()
    try resumed.train(
      start: .resumed(first),
      recordedChanges: killed.changes.filter { $0.step >= 13 }
    )
    #expect(try resumed.finalState() == undisturbed.finalState())
    #expect(resumed.epochs.map(\.step) == [38, 63])
  }

  @Test
  func `a batch size recorded where an epoch ends waits for that end after a resume`() throws {
    // The checkpoint is of the epoch's last step, before its validation.
    let commands: [Int: [RunCommand]] = [13: [.checkpoint, .change(.batchSize(50))]]
    let undisturbed = try TestRun()
    try undisturbed.train(commands: commands)
    let killed = try TestRun()
    try killed.train(commands: [13: [.checkpoint, .stop]])
    let resumed = try TestRun()
    try resumed.train(
      start: .resumed(try Checkpoint(path: killed.checkpoints.file(step: 13))),
      recordedChanges: undisturbed.changes
    )
    #expect(resumed.epochs.map(\.step) == [13, 38, 63])
    #expect(try resumed.finalState() == undisturbed.finalState())
  }

  @Test
  func `who changes something after a resume leaves the recorded way`() throws {
    let killed = try TestRun()
    try killed.train(commands: [20: [.learningRate(.multiply(10))], 25: [.stop]])
    let first = try Checkpoint(path: killed.checkpoints.file(step: 13))
    let resumed = try TestRun()
    try resumed.train(
      start: .resumed(first),
      recordedChanges: killed.changes,
      commands: [15: [.learningRate(.multiply(0.5))]]
    )
    #expect(Set(resumed.steps.filter { $0.step > 15 }.map(\.learningRate)) == [0.025])
  }
}
