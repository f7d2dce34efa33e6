/// The names of the layers in a PyTorch `Sequential`, which are their places: `features.0`,
/// `features.1` and so on.
struct SequentialNames {
  let prefix: String
  private var count = 0

  init(_ prefix: String) {
    self.prefix = prefix
  }

  mutating func next() -> String {
    defer { count += 1 }
    return "\(prefix).\(count)"
  }
}
