import Telemetry
import Testing
import Training

/// What must outlive not one cut but several.
@Suite
struct SecondResumeTests {
  @Test
  func `changes to be made again outlive a second cut before their steps`() throws {
    let commands: [Int: [RunCommand]] = [20: [.learningRate(.multiply(0.5))]]
    let undisturbed = try TestRun()
    try undisturbed.train(commands: commands)
    let run = try TestRun()
    try run.train(interruptAt: 13)
    let recorded = undisturbed.changes.filter { $0.kind == .learningRate }
    let first = try run.checkpoints.newest().checkpoint
    try run.train(start: .resumed(first), recordedChanges: recorded, interruptAt: 15)
    // The rewind has taken them off the store: this time nothing is recorded.
    let second = try run.checkpoints.newest().checkpoint
    try run.train(start: .resumed(second))
    #expect(try run.finalState() == undisturbed.finalState())
    #expect(run.steps.last { $0.step == 20 }?.learningRate == 0.05)
    #expect(run.steps.last { $0.step == 21 }?.learningRate == 0.025)
  }

  @Test
  func `a checkpoint that was asked for is kept after a resume too`() throws {
    let run = try TestRun()
    try run.train(commands: [4: [.checkpoint]], interruptAt: 8)
    try run.train(start: .resumed(try run.checkpoints.newest().checkpoint))
    #expect(run.checkpoints.steps().contains(4))
  }
}
