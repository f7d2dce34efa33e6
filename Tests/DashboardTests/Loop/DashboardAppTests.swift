import Synchronization
import Telemetry
import Terminal
import Testing

@testable import Dashboard

@MainActor
@Suite
struct DashboardAppTests {
  private let size = Size(columns: 100, rows: 30)

  private func live(_ catalog: FakeCatalog, _ events: [RunEvent]) -> LiveSession {
    let feed = RunFeed()
    for event in events { feed.publish(event) }
    return LiveSession(run: RunID(1), source: feed, control: FakeControl(catalog: catalog))
  }

  private func keys(_ text: String) -> [Key] { text.map { .character($0) } }

  @Test
  func `keys become commands, and the user's choice comes back`() {
    let catalog = FakeCatalog([FakeRuns.summary(1, status: .running)])
    let screen = BufferScreen(size: size, keys: keys("]qd"))
    let app = DashboardApp(
      screen: screen,
      catalog: catalog,
      live: live(catalog, FakeRuns.events(steps: 30))
    )
    #expect(app.run() == DashboardExit(choice: .detach))
    #expect(catalog.sent == [.learningRate(.multiply(2))])
    #expect(screen.text.contains("cnn-digits-1"))
  }

  @Test
  func `a stored run opens and is read to its end`() {
    let catalog = FakeCatalog([FakeRuns.summary(7)])
    let feed = RunFeed()
    for event in FakeRuns.events(7, steps: 200) + [.ended(FakeRuns.finished)] {
      feed.publish(event)
    }
    catalog.change { $0.feeds[RunID(7)] = feed }
    let screen = BufferScreen(size: size, keys: keys("q"))
    let app = DashboardApp(
      screen: screen,
      catalog: catalog,
      options: DashboardOptions(open: RunID(7))
    )
    #expect(app.run() == DashboardExit(choice: .none))
    #expect(screen.text.contains("Finished: test accuracy 97.8 %"))
  }

  @Test
  func `the program can ask the dashboard to leave`() {
    let catalog = FakeCatalog()
    let asked = Mutex(0)
    let options = DashboardOptions(shouldExit: {
      asked.withLock {
        $0 += 1
        return $0 > 3 ? .signal(15) : nil
      }
    })
    let app = DashboardApp(screen: BufferScreen(size: size), catalog: catalog, options: options)
    #expect(app.run() == DashboardExit(choice: .none, request: .signal(15)))
  }

  @Test
  func `a store that cannot be read is said, and the screen goes on`() {
    let catalog = FakeCatalog()
    catalog.change { $0.isBroken = true }
    let screen = BufferScreen(size: size, keys: keys("t") + [.resize] + keys("q"))
    let app = DashboardApp(screen: screen, catalog: catalog)
    #expect(app.run().choice == .none)
    #expect(screen.text.contains("The store cannot be read: the disk is on fire"))
  }

  @Test
  func `a deleted run is gone from store and screen`() {
    let catalog = FakeCatalog([FakeRuns.summary(2), FakeRuns.summary(1)])
    let exits = Mutex(0)
    let options = DashboardOptions(shouldExit: {
      exits.withLock {
        $0 += 1
        return $0 > 3 ? .other : nil
      }
    })
    let screen = BufferScreen(size: size, keys: keys("dy"))
    let app = DashboardApp(screen: screen, catalog: catalog, options: options)
    #expect(app.run().request == .other)
    #expect(catalog.deleted == [RunID(2)])
    #expect(screen.text.contains("Deleted run 2"))
    #expect(!screen.text.contains("cnn-digits-2"))
  }

  @Test
  func `a new size is drawn in full`() {
    let catalog = FakeCatalog([FakeRuns.summary(1)])
    let screen = BufferScreen(size: size)
    screen.resize(to: Size(columns: 60, rows: 20))
    let asked = Mutex(0)
    let options = DashboardOptions(shouldExit: {
      asked.withLock {
        $0 += 1
        return $0 > 2 ? .other : nil
      }
    })
    _ = DashboardApp(screen: screen, catalog: catalog, options: options).run()
    #expect(screen.lastCanvas?.size == Size(columns: 60, rows: 20))
  }
}
