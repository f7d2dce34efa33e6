/// The names Keras gives to layers that were given none: the first of a kind is `conv2d`, the next
/// ones `conv2d_1`, `conv2d_2` and so on.
struct KerasNames {
  private var counts: [String: Int] = [:]

  mutating func next(_ kind: String) -> String {
    let number = counts[kind, default: 0]
    counts[kind] = number + 1
    return number == 0 ? kind : "\(kind)_\(number)"
  }
}
