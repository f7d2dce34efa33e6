import Dashboard
import Foundation
import RunStore
import Telemetry
import Training

/// Forks that are asked for on the screen.
extension Workbench {
  /// Seconds that a live run has for its checkpoint: a step of a large network takes many.
  private static let patience = 120.0

  /// On the queue where runs are put together.
  func answer(_ request: ForkRequest) -> StartAnswer {
    do {
      let parent = try store.summary(of: request.run)
      let forking = try forking(from: parent)
      let (recipe, settings) = try forking.recipe(with: request)
      let feed = RunFeed()
      let run = try forking.create(
        recipe: recipe,
        settings: settings,
        name: nil,
        listener: .screen(feed),
        turnstile: turnstile
      )
      return .forked(begin(run, feed: feed), from: request.run)
    } catch {
      return .notForked(ErrorSentence(describing: error)?.text ?? String(describing: error))
    }
  }

  /// A live run writes a checkpoint first, so that the fork begins with its state as it is.
  private func forking(from parent: RunSummary) throws -> RunForking {
    guard parent.status.isLive else { return try RunForking(parent, atEpoch: nil, in: store) }
    let asked = Date().timeIntervalSince1970
    try store.control(of: parent.id).send(.checkpoint)
    while Date().timeIntervalSince1970 - asked < Workbench.patience {
      let kept = try store.checkpoints(of: parent.id)
      if let own = kept.first(where: { $0.kind == .user && $0.time >= asked }) {
        return try RunForking(parent, atStep: own.step, in: store)
      }
      Thread.sleep(forTimeInterval: 0.02)
    }
    throw UsageError.noAnswer(run: parent.description.name)
  }
}
