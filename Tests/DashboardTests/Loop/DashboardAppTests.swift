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

  /// Leaves when so many turns of the loop are done.
  private func leaving(after turns: Int) -> DashboardOptions {
    let asked = Mutex(0)
    return DashboardOptions(shouldExit: {
      asked.withLock {
        $0 += 1
        return $0 > turns ? .other : nil
      }
    })
  }

  @Test
  func `costs that were asked for come onto the screen`() {
    let workbench = FakeWorkbench()
    let screen = BufferScreen(size: size, keys: keys("nresnet50"))
    let app = DashboardApp(
      screen: screen,
      catalog: FakeCatalog(),
      workbench: workbench,
      options: leaving(after: 5)
    )
    _ = app.run()
    #expect(workbench.state.withLock { $0.questions.count } == 1)
    #expect(screen.text.contains("7,407,850"))
    #expect(screen.text.contains("3 of 60"))
  }

  @Test
  func `a run that was started is shown as it trains, and steered`() {
    let catalog = FakeCatalog()
    let feed = RunFeed()
    let workbench = FakeWorkbench { request in
      for event in FakeRuns.events(5, name: "from-the-screen", steps: 30) { feed.publish(event) }
      return .started(
        LiveSession(run: RunID(5), source: feed, control: FakeControl(catalog: catalog))
      )
    }
    let screen = BufferScreen(size: size, keys: keys("n") + [.control("r")])
    let app = DashboardApp(
      screen: LateKeys(screen, after: "from-the-screen", keys("]qs")),
      catalog: catalog,
      workbench: workbench
    )
    #expect(app.run() == DashboardExit(choice: .stop))
    #expect(catalog.sent == [.learningRate(.multiply(2))])
    #expect(workbench.state.withLock { $0.requests.map(\.architecture) } == ["dnn"])
  }

  @Test
  func `a run that cannot begin says so on the screen`() {
    let workbench = FakeWorkbench { _ in .refused("the disk is full") }
    let screen = BufferScreen(size: size, keys: keys("n") + [.control("r")])
    let app = DashboardApp(
      screen: screen,
      catalog: FakeCatalog(),
      workbench: workbench,
      options: leaving(after: 6)
    )
    _ = app.run()
    #expect(screen.text.contains("The run is not started: the disk is full"))
  }
}

/// A screen whose last keys come when a text stands on it.
private final class LateKeys: Screen {
  private let screen: BufferScreen
  private let text: String
  private var keys: [Key]

  init(_ screen: BufferScreen, after text: String, _ keys: [Key]) {
    self.screen = screen
    self.text = text
    self.keys = keys
  }

  var size: Size { screen.size }
  var colorDepth: ColorDepth { screen.colorDepth }
  func present(_ canvas: Canvas) { screen.present(canvas) }

  func nextKey(waiting seconds: Double) -> Key? {
    if screen.text.contains(text) {
      screen.queue(keys)
      keys = []
    }
    return screen.nextKey(waiting: seconds)
  }
}
