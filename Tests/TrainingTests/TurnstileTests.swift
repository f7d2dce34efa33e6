import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Training

/// One at a time, in the order they came.
@Suite
struct TurnstileTests {
  /// Runs these on threads of their own and waits for all of them.
  private func together(_ bodies: [@Sendable () -> Void]) {
    let done = DispatchGroup()
    for body in bodies {
      done.enter()
      Thread.detachNewThread {
        body()
        done.leave()
      }
    }
    done.wait()
  }

  @Test
  func `no two are inside at once`() {
    let turnstile = Turnstile()
    let inside = Atomic<Int>(0)
    let most = Atomic<Int>(0)
    let total = Atomic<Int>(0)
    let worker: @Sendable () -> Void = {
      for _ in 0..<500 {
        turnstile.turn {
          let count = inside.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
          most.max(count, ordering: .sequentiallyConsistent)
          total.wrappingAdd(1, ordering: .sequentiallyConsistent)
          inside.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        }
      }
    }
    together([worker, worker, worker, worker])
    #expect(most.load(ordering: .sequentiallyConsistent) == 1)
    #expect(total.load(ordering: .sequentiallyConsistent) == 2000)
  }

  @Test
  func `who waits is served in the order of coming`() {
    let turnstile = Turnstile()
    let served = Mutex<[Int]>([])
    let done = DispatchGroup()
    turnstile.turn {
      for number in 0..<5 {
        done.enter()
        Thread.detachNewThread {
          turnstile.turn { served.withLock { $0.append(number) } }
          done.leave()
        }
        // The next comes when this one stands in line.
        while turnstile.waitingCount <= number { Thread.sleep(forTimeInterval: 0.001) }
      }
    }
    done.wait()
    #expect(served.withLock { $0 } == [0, 1, 2, 3, 4])
  }

  /// Whoever has had a turn stands behind those who wait: none gets two while another waits.
  @Test
  func `nobody gets two turns while another waits`() {
    let turnstile = Turnstile()
    let log = Mutex<[(who: Int, others: Int)]>([])
    let worker: @Sendable (Int) -> Void = { who in
      for _ in 0..<200 {
        turnstile.turn { log.withLock { $0.append((who, turnstile.waitingCount)) } }
      }
    }
    together((0..<3).map { who in { worker(who) } })
    let turns = log.withLock { $0 }
    #expect(turns.count == 600)
    for (turn, next) in zip(turns, turns.dropFirst()) where turn.others > 0 {
      #expect(turn.who != next.who)
    }
  }

  @Test
  func `a failure lets the next one in`() throws {
    struct Failure: Error {}
    let turnstile = Turnstile()
    #expect(throws: Failure.self) { try turnstile.turn { throw Failure() } }
    #expect(turnstile.turn { true })
  }

  @Test
  func `a time that is left out of a lap does not count`() {
    var watch = Stopwatch()
    watch.leaveOut(.seconds(3600))
    #expect(watch.lap() < -3000)
    #expect(watch.lap() >= 0)
  }
}
