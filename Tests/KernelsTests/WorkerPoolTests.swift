import Synchronization
import Testing

@testable import Kernels

@Suite
struct WorkerPoolTests {
  @Test(arguments: [1, 2, 3, 8])
  func `every piece of thousands of regions runs once, by a thread of the pool`(threads: Int) {
    let pool = WorkerPool(threads: threads)
    let most = 300
    let runs = (0..<most).map { _ in Counter() }
    var wanted = Array(repeating: 0, count: most)
    let strangers = Counter()
    for region in 0..<5000 {
      let pieces = region * 7 % most
      for piece in 0..<pieces { wanted[piece] += 1 }
      pool.perform(pieces) { piece, thread in
        runs[piece].value.wrappingAdd(1, ordering: .relaxed)
        if thread < 0 || thread >= threads { strangers.value.store(1, ordering: .relaxed) }
      }
      // A region is over when its pieces are.
      if region % 100 == 0 { #expect(runs.map(\.count) == wanted) }
    }
    #expect(runs.map(\.count) == wanted)
    #expect(strangers.count == 0)
  }

  @Test
  func `workers that sleep wake up for the next region`() async throws {
    let pool = WorkerPool(threads: 3)
    let threads = (0..<3).map { _ in Counter() }
    // As often as it takes until somebody else than the caller has run a piece.
    for _ in 0..<1000 where threads[1].count + threads[2].count == 0 {
      try await Task.sleep(for: .milliseconds(2))
      pool.perform(64) { _, thread in
        threads[thread].value.wrappingAdd(1, ordering: .relaxed)
        for _ in 0..<20_000 { threads[thread].spins.wrappingAdd(1, ordering: .relaxed) }
      }
    }
    #expect(threads[1].count + threads[2].count > 0)
  }

  private final class Counter: Sendable {
    let value = Atomic<Int>(0)
    let spins = Atomic<Int>(0)

    var count: Int { value.load(ordering: .relaxed) }
  }
}
