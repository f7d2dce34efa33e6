/// A batch, or one of the parts in which it goes through the network.
package struct BatchPart: Hashable, Sendable {
  /// Images of this part.
  package let count: Int
  /// Which of the batch's parts, from 0.
  package let number: Int
  /// Images of the whole batch.
  package let total: Int
  /// The part's first image in the batch.
  package let first: Int

  init(whole count: Int) {
    self.init(count: count, number: 0, total: count, first: 0)
  }

  private init(count: Int, number: Int, total: Int, first: Int) {
    self.count = count
    self.number = number
    self.total = total
    self.first = first
  }

  /// A batch in parts of `size` images, the last one of what is left.
  package static func parts(of total: Int, size: Int) -> [BatchPart] {
    stride(from: 0, to: total, by: size).enumerated().map { number, first in
      BatchPart(count: min(size, total - first), number: number, total: total, first: first)
    }
  }

  var isFirst: Bool { first == 0 }
  var isLast: Bool { first + count == total }
  var isWhole: Bool { count == total }
  /// The part's weight in the batch's mean loss.
  var share: Double { Double(count) / Double(total) }
}
