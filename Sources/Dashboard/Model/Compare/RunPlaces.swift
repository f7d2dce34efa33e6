package import Telemetry

/// Which place in the order of colours and letters each compared run has.
///
/// A run keeps its place while others come and go, and gets it back when it returns itself.
nonisolated package struct RunPlaces: Sendable {
  /// Places with colours of their own in every theme; further ones repeat the colours.
  package static let perRound = ThemeFile.paletteMinimum
  private static let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

  private var places: [RunID: Int] = [:]

  package init() {}

  /// The run's place, 0 for the first; that of its number for a run that was never shown.
  package func place(of run: RunID) -> Int {
    places[run] ?? Self.preferred(run)
  }

  /// The sign of a run where colours do not tell: on curves and in the table.
  package func letter(of run: RunID) -> Character {
    Self.letters[place(of: run) % Self.letters.count]
  }

  /// Gives places to runs that are shown together: no two the same.
  ///
  /// A run's number asks for a place, so that it looks the same tomorrow. Where that is taken it
  /// gets the next one nobody had, then one of a run that is not shown now.
  package mutating func show(_ runs: [RunID]) {
    var taken = Set(runs.compactMap { places[$0] })
    for run in runs where places[run] == nil {
      let place = freePlace(for: run, taken: taken)
      places = places.filter { $0.value != place }
      places[run] = place
      taken.insert(place)
    }
  }

  private func freePlace(for run: RunID, taken: Set<Int>) -> Int {
    let preferred = Self.preferred(run)
    let firstRound = (0..<Self.perRound).map { (preferred + $0) % Self.perRound }
    let known = Set(places.values)
    if let place = firstRound.first(where: { !known.contains($0) }) { return place }
    if let place = firstRound.first(where: { !taken.contains($0) }) { return place }
    var round = Self.perRound
    while true {
      let place = firstRound.lazy.map { round + $0 }.first { !taken.contains($0) }
      if let place { return place }
      round += Self.perRound
    }
  }

  private static func preferred(_ run: RunID) -> Int {
    let round = Int64(perRound)
    return Int(((run.number - 1) % round + round) % round)
  }
}
