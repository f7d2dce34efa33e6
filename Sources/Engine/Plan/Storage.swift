import Kernels

/// A piece of the arena and the time it is in use.
///
/// Time counts operations: node i runs forward at time i, the loss at time n (the number of
/// nodes), node i backward at time 2n - i.
struct Storage: Sendable {
  var byteCount: Int
  /// First and last time of use, both included.
  var first: Int
  var last: Int
  /// Bytes from the arena's start, once placed.
  var offset = 0

  func overlaps(_ other: Storage) -> Bool {
    first <= other.last && other.first <= last
  }
}

enum Arena {
  /// Gives every storage an offset so that no two in use at one time share a byte, and returns
  /// the bytes that takes.
  ///
  /// Greedy by size (Pisarchyk and Lee 2020, "Efficient memory management for deep neural net
  /// inference"): largest first, each at the lowest place free during its whole life.
  static func place(_ storages: inout [Storage]) -> Int {
    let order = storages.indices.filter { storages[$0].byteCount > 0 }.sorted {
      (storages[$1].byteCount, $0) < (storages[$0].byteCount, $1)
    }
    // Placed so far, by offset.
    var placed: [Block] = []
    placed.reserveCapacity(order.count)
    var end = 0
    for index in order {
      let size = storages[index].byteCount
      let first = Int32(storages[index].first)
      let last = Int32(storages[index].last)
      var offset = 0
      for block in placed where block.first <= last && first <= block.last {
        if offset + size <= block.start { break }
        offset = max(offset, block.end)
      }
      storages[index].offset = offset
      end = max(end, offset + size)
      let block = Block(start: offset, end: offset + size, first: first, last: last)
      placed.insert(block, at: position(behind: offset, in: placed))
    }
    return end
  }

  /// What placing must know of a storage that has its place.
  ///
  /// A large network has thousands of them, and each new storage looks through most: they lie in
  /// one row and are small.
  private struct Block {
    let start: Int
    let end: Int
    let first: Int32
    let last: Int32
  }

  /// Where the first block that begins behind `offset` stands; halving finds it.
  private static func position(behind offset: Int, in placed: [Block]) -> Int {
    var low = 0
    var high = placed.count
    while low < high {
      let middle = (low + high) / 2
      if placed[middle].start > offset { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
