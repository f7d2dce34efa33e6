extension UnsafeMutablePointer where Pointee: Element {
  /// Writes `count` zeros.
  func clear(count: Int) {
    sweep(0..<count) { offset, lanes in setLanes(offset, .zero, count: lanes) }
  }
}
