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
    let order = storages.indices.sorted {
      (storages[$1].byteCount, $0) < (storages[$0].byteCount, $1)
    }
    // Placed so far, by offset.
    var placed: [Int] = []
    var end = 0
    for index in order where storages[index].byteCount > 0 {
      var offset = 0
      for other in placed where storages[other].overlaps(storages[index]) {
        let start = storages[other].offset
        if offset + storages[index].byteCount <= start { break }
        offset = max(offset, start + storages[other].byteCount)
      }
      storages[index].offset = offset
      end = max(end, offset + storages[index].byteCount)
      let position = placed.firstIndex { storages[$0].offset > offset } ?? placed.endIndex
      placed.insert(index, at: position)
    }
    return end
  }
}
