import Telemetry

/// Where the runs are read from that train elsewhere or not at all: one source a run, so that no
/// event is taken twice.
struct StoredSources {
  private var sources: [RunID: any RunSource] = [:]
  /// Runs of which nothing has been read yet, in the order they were asked for.
  private var unread: [RunID] = []

  var hasUnread: Bool { !unread.isEmpty }

  subscript(run: RunID) -> (any RunSource)? { sources[run] }

  func isUnread(_ run: RunID) -> Bool { unread.contains(run) }

  mutating func add(_ source: any RunSource, of run: RunID) {
    sources[run] = source
    unread.append(run)
  }

  /// Gives up the sources of all other runs.
  mutating func keep(where isWanted: (RunID) -> Bool) {
    sources = sources.filter { isWanted($0.key) }
    unread.removeAll { sources[$0] == nil }
  }

  /// The next run to be read from its start.
  mutating func takeUnread() -> RunID? {
    unread.isEmpty ? nil : unread.removeFirst()
  }

  /// Whether the run still is to be read from its start; its turn is now.
  mutating func takeUnread(_ run: RunID) -> Bool {
    guard let place = unread.firstIndex(of: run) else { return false }
    unread.remove(at: place)
    return true
  }
}
