import Engine

/// The state of a run in memory, to go back to.
struct Snapshot {
  let state: SessionState
  private let values: [Float]

  init(of model: Model, state: SessionState) {
    self.state = state
    values = Array(model.state)
  }

  var byteCount: Int { values.count * MemoryLayout<Float>.stride }

  func restore(into model: Model) {
    _ = model.state.update(from: values)
    model.updates = state.updates
  }
}

/// The newest snapshots, as many as a limit of memory allows.
struct SnapshotRing {
  /// Bytes all snapshots together may take; the newest is kept in any case.
  static let byteLimit = 1 << 30
  static let countLimit = 16

  private(set) var snapshots: [Snapshot] = []

  mutating func push(_ snapshot: Snapshot) {
    snapshots.append(snapshot)
    while snapshots.count > 1,
      snapshots.count > SnapshotRing.countLimit
        || snapshots.reduce(0, { $0 + $1.byteCount }) > SnapshotRing.byteLimit
    {
      snapshots.removeFirst()
    }
  }

  mutating func pop() -> Snapshot? {
    snapshots.popLast()
  }

  /// Removes those of later steps, which the run has gone back behind.
  mutating func forget(after step: Int) {
    snapshots.removeAll { $0.state.step > step }
  }
}
