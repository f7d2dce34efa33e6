/// Draws a share of the images such that every class gives its share.
struct StratifiedSplitter {
  /// One label an image, 0 ..< `classCount`.
  let labels: [Int32]
  let classCount: Int
  let seed: UInt64

  /// Divides the indices; both parts come back ascending.
  ///
  /// The part held out has `share` of all indices, rounded to the nearest count. Each class gives
  /// the whole part of its share; what rounding leaves goes to the classes with the largest
  /// remainders, the lower label first among equals. Which images of a class, depends only on the
  /// seed and the purpose.
  ///
  /// - Throws: `DatasetError.badValidationShare` where nothing would be left to train on.
  func split(
    _ indices: [Int],
    share: Double,
    purpose: CounterRandom.Purpose
  ) throws -> (heldOut: [Int], rest: [Int]) {
    guard share >= 0, share < 1 else { throw DatasetError.badValidationShare(share: share) }
    var members = [[Int]](repeating: [], count: classCount)
    for index in indices { members[Int(labels[index])].append(index) }

    let counts = heldOutCounts(of: members.map(\.count), share: share)
    guard counts.reduce(0, +) < indices.count else {
      throw DatasetError.badValidationShare(share: share)
    }
    var heldOut: [Int] = []
    var rest: [Int] = []
    for (label, count) in counts.enumerated() {
      var order = members[label]
      var random = CounterRandom(seed: seed, purpose: purpose, index: UInt32(label))
      random.shuffle(&order)
      heldOut += order[..<count]
      rest += order[count...]
    }
    return (heldOut.sorted(), rest.sorted())
  }

  private func heldOutCounts(of sizes: [Int], share: Double) -> [Int] {
    let exact = sizes.map { Double($0) * share }
    var counts = exact.map { Int($0) }
    let due = Int((Double(sizes.reduce(0, +)) * share).rounded())
    let byRemainder = sizes.indices.sorted { left, right in
      let (first, second) = (
        exact[left] - Double(counts[left]), exact[right] - Double(counts[right])
      )
      return first != second ? first > second : left < right
    }
    for label in byRemainder.prefix(max(0, due - counts.reduce(0, +))) { counts[label] += 1 }
    return counts
  }
}
