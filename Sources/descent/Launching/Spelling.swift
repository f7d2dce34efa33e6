import Datasets

/// Finds what a misspelt name may have meant.
enum Spelling {
  /// The known name with the fewest letters to change, if not more than half of them.
  static func nearest(to name: String, among known: [String]) -> String? {
    let distances = known.map { ($0, editDistance(name, $0)) }
    guard let best = distances.min(by: { $0.1 < $1.1 }) else { return nil }
    return best.1 <= max(2, best.0.count / 2) ? best.0 : nil
  }
}
