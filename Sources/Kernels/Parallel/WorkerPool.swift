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
/// Workers wait by spinning for some microseconds (the gap between two kernels of a step), then
/// sleep: a paused run uses no processor time.
package final class WorkerPool: @unchecked Sendable {
  package let threads: Int
  /// Bytes of private memory each thread has for packing.
  package static let scratchByteCount = 8 << 20

  private typealias Body = (_ piece: Int, _ thread: Int) -> Void

  private let generation = Atomic<Int>(0)
  private let next = Atomic<Int>(0)
  private let unfinished = Atomic<Int>(0)
  private let sleeping = Atomic<Int>(0)
  private let stopping = Atomic<Bool>(false)
  private let scratch: Slab
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let wake: UnsafeMutablePointer<pthread_cond_t>
  private var workers: [pthread_t] = []
  // Written by the caller before `generation` rises, read by workers after they see it rise.
  private var body: Body?
  private var pieces = 0

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
    stopping.store(true, ordering: .relaxed)
    announce()
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
    withoutActuallyEscaping(body) { escapable in
      self.body = escapable
      self.pieces = pieces
      next.store(0, ordering: .relaxed)
      unfinished.store(threads - 1, ordering: .relaxed)
      announce()
      take(escapable, thread: 0)
      waitForWorkers()
      self.body = nil
    }
  }

  private func take(_ body: Body, thread: Int) {
    while true {
      let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if piece >= pieces { return }
      body(piece, thread)
    }
  }

  private func announce() {
    generation.wrappingAdd(1, ordering: .sequentiallyConsistent)
    if sleeping.load(ordering: .sequentiallyConsistent) > 0 {
      pthread_mutex_lock(mutex)
      pthread_cond_broadcast(wake)
      pthread_mutex_unlock(mutex)
    }
  }

  private func waitForWorkers() {
    var spins = 0
    while unfinished.load(ordering: .acquiring) != 0 {
      spins += 1
      // A worker that lost its processor needs ours, if there is no other.
      if spins % 4096 == 0 { sched_yield() } else { spin_hint() }
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
    var seen = 0
    while true {
      waitForGeneration(after: seen)
      if stopping.load(ordering: .relaxed) { return }
      seen += 1
      if let body { take(body, thread: thread) }
      unfinished.wrappingSubtract(1, ordering: .releasing)
    }
  }

  private func waitForGeneration(after seen: Int) {
    for _ in 0..<1000 {
      if generation.load(ordering: .acquiring) != seen { return }
      spin_hint()
    }
    pthread_mutex_lock(mutex)
    sleeping.wrappingAdd(1, ordering: .sequentiallyConsistent)
    while generation.load(ordering: .sequentiallyConsistent) == seen {
      pthread_cond_wait(wake, mutex)
    }
    sleeping.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    pthread_mutex_unlock(mutex)
  }
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
