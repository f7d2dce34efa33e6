import Kernels

/// The threads that a model computes on.
extension Model {
  /// Computes on so many threads from the next step on; no bit depends on them.
  package func setThreads(_ threads: Int) {
    pool = WorkerPool(threads: threads, niceness: niceness)
  }

  /// Does pieces of work that is not the network's on the compute threads, in any order.
  package func spread(_ pieces: Int, _ work: (Int) -> Void) {
    pool.perform(pieces) { piece, _ in work(piece) }
  }

  /// Lets other threads of the process go before the calling one: for the thread that trains,
  /// beside a screen.
  package static func lowerPriority(by niceness: Int32) {
    WorkerPool.lowerPriority(by: niceness)
  }
}
