package import Terminal

/// All keys of the dashboard: the one place that knows them.
nonisolated package struct KeyTable: Sendable {
  package let bindings: [KeyBinding]
  private let actions: [KeyContext: [Key: KeyBinding]]

  package init(_ bindings: [KeyBinding]) {
    self.bindings = bindings
    actions = Dictionary(grouping: bindings, by: \.context).mapValues { rows in
      var byKey: [Key: KeyBinding] = [:]
      for row in rows {
        for stroke in row.strokes { byKey[stroke.key] = row }
      }
      return byKey
    }
  }

  /// The row and the action behind a key; the first context that knows the key decides.
  package func lookup(
    _ key: Key,
    in contexts: [KeyContext]
  ) -> (binding: KeyBinding, action: Action)? {
    for context in contexts {
      guard let binding = actions[context]?[key],
        let stroke = binding.strokes.first(where: { $0.key == key })
      else { continue }
      return (binding, stroke.action)
    }
    return nil
  }

  /// The rows the footer shows in these contexts, most useful first.
  package func hints(in contexts: [KeyContext], liveRun: Bool) -> [KeyBinding] {
    bindings
      .filter { contexts.contains($0.context) && $0.hintRank != nil }
      .filter { liveRun || !$0.needsLiveRun }
      .sorted { ($0.hintRank ?? 0) < ($1.hintRank ?? 0) }
  }

  package static let standard = KeyTable(
    everywhereKeys + runsKeys + steeringKeys + runChartKeys + compareKeys + newRunKeys + popupKeys
  )
}
