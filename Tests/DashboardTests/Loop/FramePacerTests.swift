import Testing

@testable import Dashboard

@Suite
struct FramePacerTests {
  /// A pacer that has just drawn, polled and looked at its feed.
  private func settled(at now: Double, frameCost: Double = 0, pollCost: Double = 0) -> FramePacer {
    var pacer = FramePacer()
    pacer.drew(at: now, cost: frameCost)
    pacer.polled(at: now, cost: pollCost)
    pacer.tookFeed(at: now)
    return pacer
  }

  @Test
  func `the first frame is due at once`() {
    #expect(FramePacer().isFrameDue(at: 0))
    #expect(FramePacer().wait(at: 0, hasFeed: true) == 0)
  }

  @Test
  func `a key is answered at once`() {
    var pacer = settled(at: 10, frameCost: 0.1)
    pacer.userActed(at: 10.001)
    #expect(pacer.isFrameDue(at: 10.001))
    #expect(pacer.wait(at: 10.001, hasFeed: false) == 0)
  }

  @Test
  func `data is drawn at most fifteen times a second`() {
    var pacer = settled(at: 10)
    pacer.dataArrived(at: 10.01)
    #expect(!pacer.isFrameDue(at: 10.05))
    #expect(pacer.isFrameDue(at: 10.07))
  }

  @Test
  func `costly frames come less often`() {
    var pacer = settled(at: 10, frameCost: 0.002)
    pacer.dataArrived(at: 10.01)
    #expect(!pacer.isFrameDue(at: 10.39))
    #expect(pacer.isFrameDue(at: 10.41))
    pacer = settled(at: 10, frameCost: 5)
    pacer.dataArrived(at: 10.01)
    #expect(pacer.isFrameDue(at: 10 + FramePacer.longestInterval))
  }

  @Test
  func `an idle screen is drawn once a second`() {
    let pacer = settled(at: 10)
    #expect(!pacer.isFrameDue(at: 10.9))
    #expect(pacer.isFrameDue(at: 11))
    #expect(abs(pacer.wait(at: 10, hasFeed: false) - FramePacer.pollInterval) < 1e-9)
  }

  @Test
  func `a feed that says nothing is looked at less often`() {
    var pacer = settled(at: 10)
    pacer.dataArrived(at: 10)
    #expect(pacer.isFeedDue(at: 10.07))
    pacer.tookFeed(at: 13)
    #expect(!pacer.isFeedDue(at: 13.2))
    #expect(pacer.isFeedDue(at: 13.25))
  }

  @Test
  func `a slow store is asked less often`() {
    let pacer = settled(at: 10, pollCost: 0.005)
    #expect(!pacer.isPollDue(at: 10.9))
    #expect(pacer.isPollDue(at: 11))
  }

  @Test
  func `the meter tells a share of one processor`() {
    var meter = ShareMeter()
    meter.sample(wall: 100, processor: 1)
    #expect(meter.share == nil)
    meter.sample(wall: 102, processor: 1.02)
    #expect(abs((meter.share ?? 0) - 0.01) < 1e-9)
    meter.sample(wall: 103, processor: 9)
    #expect(abs((meter.share ?? 0) - 0.01) < 1e-9)
  }
}
