/// When to look at what, and when to draw: all times in seconds of a clock that never jumps.
///
/// A key is answered at once. While data arrives there are at most 15 frames a second, fewer where
/// a frame costs so much that the screen would take more than its share of a processor from the
/// training. A screen on which nothing happens is drawn once a second, for its clocks.
nonisolated package struct FramePacer: Sendable {
  package static let dataInterval = 1.0 / 15
  package static let idleInterval = 1.0
  /// How often the store is asked whether anything has changed.
  package static let pollInterval = 0.5
  /// How often the feed of a run that says nothing is looked at.
  package static let quietFeedInterval = 0.25
  /// Processor share that drawing and reading the store may each take.
  package static let shareLimit = 0.005
  /// No frame and no look waits longer than this, however costly.
  package static let longestInterval = 2.0

  private var lastFrame = -Double.infinity
  private var lastPoll = -Double.infinity
  private var lastFeed = -Double.infinity
  private var lastNews = -Double.infinity
  private var frameCost = 0.0
  private var pollCost = 0.0
  private var isChanged = true
  private var isUrgent = true

  package init() {}

  // MARK: What happened

  /// A key or a new size: to be drawn at once.
  package mutating func userActed(at now: Double) {
    isUrgent = true
    isChanged = true
    lastNews = now
  }

  package mutating func dataArrived(at now: Double) {
    isChanged = true
    lastNews = now
  }

  /// A frame was drawn, at the cost of so many processor seconds.
  package mutating func drew(at now: Double, cost: Double) {
    frameCost = frameCost == 0 ? cost : 0.8 * frameCost + 0.2 * cost
    lastFrame = now
    isChanged = false
    isUrgent = false
  }

  package mutating func tookFeed(at now: Double) {
    lastFeed = now
  }

  package mutating func polled(at now: Double, cost: Double) {
    pollCost = cost
    lastPoll = now
  }

  // MARK: What is due

  package func isFrameDue(at now: Double) -> Bool { now >= nextFrame }

  package func isFeedDue(at now: Double) -> Bool { now >= lastFeed + feedInterval(at: now) }

  package func isPollDue(at now: Double) -> Bool { now >= nextPoll }

  /// How long to wait for a key before something else is due.
  package func wait(at now: Double, hasFeed: Bool) -> Double {
    var next = min(nextFrame, nextPoll)
    if hasFeed { next = min(next, lastFeed + feedInterval(at: now)) }
    return max(0, next - now)
  }

  private var nextFrame: Double {
    if isUrgent { return -.infinity }
    return lastFrame + (isChanged ? interval(Self.dataInterval, frameCost) : Self.idleInterval)
  }

  private var nextPoll: Double { lastPoll + interval(Self.pollInterval, pollCost) }

  private func feedInterval(at now: Double) -> Double {
    now - lastNews < 2 ? interval(Self.dataInterval, frameCost) : Self.quietFeedInterval
  }

  private func interval(_ shortest: Double, _ cost: Double) -> Double {
    min(Self.longestInterval, max(shortest, cost / Self.shareLimit))
  }
}
