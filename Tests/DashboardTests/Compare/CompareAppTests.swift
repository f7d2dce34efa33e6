import Glibc
import Synchronization
import Telemetry
import Terminal
import Testing

@testable import Dashboard

/// The loop with several runs to read.
@MainActor
@Suite
struct CompareAppTests {
  private let size = Size(columns: 80, rows: 20)

  private func catalog(_ count: Int64) -> FakeCatalog {
    let descriptions = (1...count).map { FakeComparison.description($0) }
    let catalog = FakeCatalog(
      descriptions.reversed().map { FakeComparison.summary($0, status: .finished) }
    )
    for description in descriptions {
      let feed = RunFeed()
      for event in FakeComparison.events(description, epochs: 3) { feed.publish(event) }
      catalog.change { $0.feeds[description.run] = feed }
    }
    return catalog
  }

  /// Shows the dashboard until the screen reads as wanted, or for a long time; returns its text.
  private func show(
    _ catalog: any RunCatalog,
    compare: [RunID] = [],
    keys: [Key] = [],
    until isWanted: @escaping @Sendable (String) -> Bool
  ) -> String {
    let screen = WatchedScreen(size: size, keys: keys)
    let shown = screen.shown
    let turns = Mutex(0)
    let options = DashboardOptions(
      compare: compare,
      shouldExit: {
        let turn = turns.withLock {
          $0 += 1
          return $0
        }
        // Pictures and looks at the store come at intervals.
        usleep(5000)
        return isWanted(shown.text) || turn > 2000 ? .other : nil
      }
    )
    _ = DashboardApp(screen: screen, catalog: catalog, options: options).run()
    return shown.text
  }

  @Test
  func `named runs are read and compared at once`() {
    let text = show(catalog(4), compare: [RunID(4), RunID(2)]) { $0.contains("@ 3") }
    #expect(text.contains("2 runs"))
    #expect(text.contains("Same for all:"))
    #expect(text.unicodeScalars.count { (0x2801...0x28FF).contains($0.value) } > 20)
  }

  @Test
  func `a run that is opened from the comparison is told once`() {
    let keys: [Key] = [.enter, .character("3"), .down, .enter]
    let text = show(catalog(3), compare: [RunID(1), RunID(2)], keys: keys) {
      $0.contains("Finished") && $0.contains("cnn-digits-2")
    }
    #expect(text.contains("cnn-digits-2"))
    // Epochs that were told twice would be twice as many.
    #expect(text.contains("epoch 3/10") || text.contains("epoch  3/10"))
  }

  @Test
  func `a run that another process deletes leaves the comparison without an error`() {
    let catalog = ShrinkingCatalog(catalog(3))
    let text = show(catalog, compare: [RunID(1), RunID(2), RunID(3)]) { text in
      if text.contains("@ 3"), text.contains("3 runs") { catalog.delete(RunID(2)) }
      return text.contains("2 runs")
    }
    #expect(text.contains("2 runs"))
    #expect(text.contains("Run 2 was deleted."))
    #expect(!text.contains("cannot be read"))
  }
}

/// A screen whose text can be read from any thread.
nonisolated private final class WatchedScreen: Screen {
  final class Shown: Sendable {
    private let state = Mutex("")

    var text: String {
      get { state.withLock { $0 } }
      set { state.withLock { $0 = newValue } }
    }
  }

  let size: Size
  let colorDepth = ColorDepth.full
  let shown = Shown()
  private var keys: [Key]

  init(size: Size, keys: [Key]) {
    self.size = size
    self.keys = keys
  }

  func present(_ canvas: Canvas) { shown.text = canvas.text() }

  func nextKey(waiting seconds: Double) -> Key? { keys.isEmpty ? nil : keys.removeFirst() }
}

/// A store that loses a run while it is read: as the real one, it fails to tell of it then.
nonisolated private final class ShrinkingCatalog: RunCatalog {
  private struct NoSuchRun: Error {}

  private struct Source: RunSource {
    let run: RunID
    let catalog: ShrinkingCatalog
    let source: any RunSource

    func drain() throws -> [RunEvent] {
      guard catalog.base.deleted.contains(run) == false else { throw NoSuchRun() }
      return try source.drain()
    }
  }

  private let base: FakeCatalog

  init(_ base: FakeCatalog) { self.base = base }

  func delete(_ run: RunID) { try? base.delete(run) }
  func summaries() throws -> [RunSummary] { try base.summaries() }
  func changeToken() throws -> Int { try base.changeToken() }
  func control(of run: RunID) throws -> any RunControl { try base.control(of: run) }

  func source(of run: RunID) throws -> any RunSource {
    Source(run: run, catalog: self, source: try base.source(of: run))
  }
}
