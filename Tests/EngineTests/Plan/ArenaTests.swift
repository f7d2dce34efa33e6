import TestSupport
import Testing

@testable import Engine

/// Placement in the arena, on networks of every shape and in both precisions.
@Suite
struct ArenaTests {
  static let seeds: [UInt64] = [1, 2, 3, 4, 5, 6]

  @Test(arguments: seeds, Precision.allCases)
  func `no two arrays of a random network that live at one time share a byte`(
    _ seed: UInt64,
    _ precision: Precision
  ) throws {
    let graph = try RandomGraph.make(layers: 40 + 60 * Int(seed), seed: seed)
    for mode in [Mode.training, .evaluation] {
      let plan = Plan(
        graph: graph.fusingActivations().keepingOutputs(of: mode).inPrecision(precision),
        mode: mode,
        batchSizes: [5, 2]
      )
      #expect(sharingPairs(plan.storages) == 0)
      #expect(plan.storages.allSatisfy { $0.offset + $0.byteCount <= plan.arenaByteCount })
      #expect(plan.storages.allSatisfy { $0.offset % 64 == 0 })
    }
  }

  @Test(arguments: seeds)
  func `the quick search finds the places that looking at every pair finds`(_ seed: UInt64) throws {
    let graph = try RandomGraph.make(layers: 200, seed: seed).fusingActivations()
    for precision in Precision.allCases {
      let plan = Plan(graph: graph.inPrecision(precision), mode: .training, batchSizes: [3])
      #expect(plan.storages.map(\.offset) == plainOffsets(plan.storages))
    }
  }

  @Test
  func `arrays without bytes take no room`() {
    var storages = [
      Storage(byteCount: 0, first: 0, last: 9), Storage(byteCount: 64, first: 0, last: 9),
    ]
    #expect(Arena.place(&storages) == 64)
    #expect(storages.map(\.offset) == [0, 0])
  }

  /// Pairs of storages that are in use at one time and overlap in memory.
  private func sharingPairs(_ storages: [Storage]) -> Int {
    var pairs = 0
    for (index, first) in storages.enumerated() where first.byteCount > 0 {
      for second in storages.dropFirst(index + 1) where second.byteCount > 0 {
        let apart =
          first.offset + first.byteCount <= second.offset
          || second.offset + second.byteCount <= first.offset
        if !apart, first.overlaps(second) { pairs += 1 }
      }
    }
    return pairs
  }

  /// The same greedy rule in its plainest form: every possible place, lowest first.
  private func plainOffsets(_ storages: [Storage]) -> [Int] {
    var placed: [Storage] = []
    var offsets = Array(repeating: 0, count: storages.count)
    let order = storages.indices.sorted {
      (storages[$1].byteCount, $0) < (storages[$0].byteCount, $1)
    }
    for index in order where storages[index].byteCount > 0 {
      let mates = placed.filter { $0.overlaps(storages[index]) }
      let ends = mates.map { $0.offset + $0.byteCount }
      let size = storages[index].byteCount
      let place = ([0] + ends).filter { offset in
        mates.allSatisfy { offset + size <= $0.offset || $0.offset + $0.byteCount <= offset }
      }.min()
      offsets[index] = place ?? -1
      var storage = storages[index]
      storage.offset = offsets[index]
      placed.append(storage)
    }
    return offsets
  }
}
