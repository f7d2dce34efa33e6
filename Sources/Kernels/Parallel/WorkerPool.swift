import CIntrinsics
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The compute threads of a run: the caller and `threads - 1` workers, which share the pieces of
/// one parallel region at a time.
///
/// A region is cut into pieces whose number and bounds depend on the work's shape alone, never on
/// the number of threads, and every piece writes its own memory: so results have the same bits at
/// any thread count, whichever thread takes which piece.
///
/// A region ends when its pieces are done: a worker that is late, because it slept or lost its
/// processor, finds none left, and nobody waits for it. Workers wait by spinning for some
/// microseconds (the gap between two kernels of a step), then sleep: a paused run uses no
/// processor time.
package final class WorkerPool: @unchecked Sendable {
  package let threads: Int
  /// Bytes of private memory each thread has for packing.
  package static let scratchByteCount = 8 << 20

  /// Which piece comes next; one word, so that a piece is always taken from the region it
  /// belongs to.
  private let ticket = Atomic<UInt64>(0)
  /// Pieces of the region that workers have done.
  private let done = Atomic<Int>(0)
  private let sleeping = Atomic<Int>(0)
  private let stopping = Atomic<Bool>(false)
  private let scratch: Slab
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let wake: UnsafeMutablePointer<pthread_cond_t>
  private var workers: [pthread_t] = []
  // Written by the caller while no piece is to be had, read by who has taken one.
  private var region: Region?

  /// What one region does.
  ///
  /// A struct, since a function by itself would be wrapped to be optional.
  private struct Region {
    let body: (_ piece: Int, _ thread: Int) -> Void
  }

  /// Starts the workers.
  ///
  /// - Parameters:
  ///   - threads: compute threads, the caller's included; at least 1.
  ///   - niceness: added to the workers' priority number, so that a screen's thread goes first.
  package init(threads: Int, niceness: Int32 = 0) {
    require(threads >= 1, "a pool of \(threads) threads")
    self.threads = threads
    guard let scratch = Slab(byteCount: threads * WorkerPool.scratchByteCount) else {
      fatalError("no memory for the scratch of \(threads) threads")
    }
    self.scratch = scratch
    mutex = .allocate(capacity: 1)
    wake = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(wake, nil)
    for thread in 1..<max(threads, 1) { start(thread: thread, niceness: niceness) }
  }

  deinit {
    stopping.store(true, ordering: .sequentiallyConsistent)
    wakeSleepers()
    for worker in workers { pthread_join(worker, nil) }
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(wake)
    mutex.deallocate()
    wake.deallocate()
  }

  /// Lowers the calling thread's priority by `niceness`; for the thread that drives a pool.
  package static func lowerPriority(by niceness: Int32) {
    // On Linux the process identity 0 with PRIO_PROCESS means the calling thread alone.
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
  }

  /// The private memory of a thread, valid during the piece it is asked in.
  package func scratch(thread: Int) -> Floats {
    scratch.floats(
      at: thread * WorkerPool.scratchByteCount,
      count: WorkerPool.scratchByteCount / MemoryLayout<Float>.stride
    )
  }

  /// Runs `body(piece, thread)` once for every piece in 0 ..< `pieces`, and returns when all are
  /// done.
  ///
  /// Call it from one thread at a time.
  package func perform(_ pieces: Int, _ body: (_ piece: Int, _ thread: Int) -> Void) {
    if threads == 1 || pieces <= 1 {
      for piece in 0..<max(pieces, 0) { body(piece, 0) }
      return
    }
    require(pieces <= Ticket.mostPieces, "a region of \(pieces) pieces")
    withoutActuallyEscaping(body) { escapable in
      region = Region(body: escapable)
      done.store(0, ordering: .relaxed)
      ticket.store(Ticket(pieces: pieces).bits, ordering: .sequentiallyConsistent)
      wakeSleepers()
      let own = takePieces(thread: 0)
      waitForWorkers(pieces - own)
      region = nil
    }
  }

  /// Takes pieces until none is left, and returns how many it did.
  private func takePieces(thread: Int) -> Int {
    var count = 0
    while true {
      let taken = Ticket(bits: ticket.wrappingAdd(1, ordering: .acquiring).oldValue)
      guard taken.isPiece, let region else { return count }
      region.body(taken.next, thread)
      count += 1
    }
  }

  private func wakeSleepers() {
    if sleeping.load(ordering: .sequentiallyConsistent) > 0 {
      pthread_mutex_lock(mutex)
      pthread_cond_broadcast(wake)
      pthread_mutex_unlock(mutex)
    }
  }

  private func waitForWorkers(_ pieces: Int) {
    var spins = 0
    while done.load(ordering: .acquiring) != pieces {
      spins += 1
      // A worker that lost its processor needs ours, if there is no other.
      if spins % 512 == 0 { sched_yield() } else { spin_hint() }
    }
  }

  // MARK: - Workers

  private func start(thread: Int, niceness: Int32) {
    let box = Unmanaged.passRetained(
      WorkerStart(pool: Unmanaged.passUnretained(self), thread: thread, niceness: niceness)
    )
    var handle = pthread_t()
    let status = pthread_create(&handle, nil, workerMain, box.toOpaque())
    require(status == 0, "starting compute thread \(thread) failed with error \(status)")
    workers.append(handle)
  }

  fileprivate func work(thread: Int) {
    while true {
      waitForPieces()
      if stopping.load(ordering: .relaxed) { return }
      let count = takePieces(thread: thread)
      if count > 0 { done.wrappingAdd(count, ordering: .releasing) }
    }
  }

  private var hasWork: Bool {
    Ticket(bits: ticket.load(ordering: .sequentiallyConsistent)).isPiece
      || stopping.load(ordering: .sequentiallyConsistent)
  }

  private func waitForPieces() {
    for _ in 0..<1000 {
      if hasWork { return }
      spin_hint()
    }
    pthread_mutex_lock(mutex)
    sleeping.wrappingAdd(1, ordering: .sequentiallyConsistent)
    while !hasWork { pthread_cond_wait(wake, mutex) }
    sleeping.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    pthread_mutex_unlock(mutex)
  }
}

/// A region's number of pieces and the next one of them: a word that is counted up.
private struct Ticket {
  static let mostPieces = 1 << 30
  let bits: UInt64

  init(bits: UInt64) { self.bits = bits }
  init(pieces: Int) { bits = UInt64(pieces) << 32 }

  var next: Int { Int(bits & 0xFFFF_FFFF) }
  /// Whether the next piece is one of the region's; those who come too late count on behind it.
  var isPiece: Bool { next < Int(bits >> 32) }
}

/// What a new worker needs to know.
///
/// The pool joins its workers before it goes, so the unowned reference stays good.
private final class WorkerStart {
  let pool: Unmanaged<WorkerPool>
  let thread: Int
  let niceness: Int32

  init(pool: Unmanaged<WorkerPool>, thread: Int, niceness: Int32) {
    self.pool = pool
    self.thread = thread
    self.niceness = niceness
  }
}

private func workerMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument else { return nil }
  let start = Unmanaged<WorkerStart>.fromOpaque(argument).takeRetainedValue()
  if start.niceness != 0 { WorkerPool.lowerPriority(by: start.niceness) }
  start.pool._withUnsafeGuaranteedRef { $0.work(thread: start.thread) }
  return nil
}
