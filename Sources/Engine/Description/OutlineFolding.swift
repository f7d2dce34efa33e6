/// Says once what comes several times in a row.
enum OutlineFolding {
  static func folded(_ elements: [Outline]) -> [Outline] {
    runs(elements.map(\.signature)).flatMap { run -> [Outline] in
      let unit = Array(elements[run.start..<(run.start + run.period)])
      guard run.count > 1 else { return unit }
      let lastStart = run.start + run.period * (run.count - 1)
      let last = Array(elements[lastStart..<(lastStart + run.period)])
      return [.repeated(count: run.count, first: folded(unit), last: folded(last))]
    }
  }

  /// `a · b · a · b` as `(a · b) x 2`.
  static func folded(_ captions: [String]) -> [String] {
    runs(captions).flatMap { run -> [String] in
      let unit = captions[run.start..<(run.start + run.period)]
      guard run.count > 1 else { return Array(unit) }
      let text = unit.joined(separator: " · ")
      return [run.period > 1 ? "(\(text)) x \(run.count)" : "\(text) x \(run.count)"]
    }
  }

  struct Run: Hashable {
    let start: Int
    let period: Int
    let count: Int
  }

  /// Cuts a row into stretches that repeat and such that do not: at each place the repetition that
  /// covers most, and the shortest of those.
  static func runs<Item: Hashable>(_ items: [Item]) -> [Run] {
    var runs: [Run] = []
    var start = 0
    while start < items.count {
      var best = Run(start: start, period: 1, count: 1)
      for period in 1...max(1, (items.count - start) / 2) {
        var end = start + period
        while end < items.count, items[end] == items[end - period] { end += 1 }
        let count = (end - start) / period
        if count > 1, count * period > best.count * best.period {
          best = Run(start: start, period: period, count: count)
        }
      }
      runs.append(best)
      start += best.period * best.count
    }
    return runs
  }
}
