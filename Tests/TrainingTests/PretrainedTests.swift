import Engine
import Foundation
import Telemetry
import Testing
import Training
import Weights

/// Runs that begin with weights from a file.
@Suite
struct PretrainedTests {
  private func trained() throws -> (run: TestRun, weights: SafetensorsFile) {
    let run = try TestRun()
    try run.train()
    let exported = run.directory + "/exported.safetensors"
    _ = try run.checkpoints.newest().checkpoint.exportWeights(metadata: [:], to: exported)
    return (run, try SafetensorsFile(path: exported))
  }

  @Test
  func `a run begins with the weights it is given, and again where it has no checkpoint`() throws {
    let (first, weights) = try trained()
    let run = try TestRun()
    try run.train(initialWeights: weights)
    #expect(run.steps[0].loss < first.steps[0].loss / 4)
    let again = try TestRun()
    try again.train(start: .resumed(nil), initialWeights: weights)
    #expect(try again.finalState() == run.finalState())
    #expect(try run.finalState() != first.finalState())
  }

  @Test
  func `a resumed run goes on from its checkpoint`() throws {
    let (_, weights) = try trained()
    let undisturbed = try TestRun()
    try undisturbed.train(initialWeights: weights)
    let run = try TestRun()
    try run.train(initialWeights: weights, interruptAt: 14)
    let checkpoint = try run.checkpoints.newest().checkpoint
    try run.train(start: .resumed(checkpoint), initialWeights: weights)
    #expect(try run.finalState() == undisturbed.finalState())
  }

  @Test
  func `weights of another network end the run before its first step`() throws {
    let (_, weights) = try trained()
    var recipe = TestRun.recipe
    recipe.architecture = "cnn"
    let run = try TestRun()
    let result = try run.train(recipe, initialWeights: weights)
    #expect(result?.status == .failed)
    #expect(result?.reason?.contains("does not fit the network") == true)
    #expect(run.steps.isEmpty)
  }

  @Test
  func `an export has the weights alone, and the checkpoint says which epoch was best`() throws {
    let (run, weights) = try trained()
    let state = try run.finalState()
    let names = Set(state.keys.filter { !$0.hasPrefix("optimizer.") })
    #expect(Set(weights.tensors.map(\.name)) == names)
    for tensor in weights.tensors {
      #expect(try weights.floats(tensor.name).map(\.bitPattern) == state[tensor.name])
    }
    let best = run.epochs.min { $0.validationLoss ?? .infinity < $1.validationLoss ?? .infinity }
    #expect(try run.checkpoints.newest().checkpoint.bestStep == best?.step)
  }
}
