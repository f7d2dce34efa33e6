import Telemetry
import Testing

@testable import Dashboard

@Suite
struct RunPlacesTests {
  private func runs(_ numbers: Int64...) -> [RunID] { numbers.map { RunID($0) } }

  private func places(_ runs: [RunID], in places: RunPlaces) -> [Int] {
    runs.map { places.place(of: $0) }
  }

  @Test
  func `no two runs that are shown together share a place`() {
    var random = SystemRandomNumberGenerator()
    var places = RunPlaces()
    for _ in 0..<200 {
      let count = Int.random(in: 1...Comparison.mostRuns, using: &random)
      let shown = Set((0..<count).map { _ in RunID(Int64.random(in: 1...60, using: &random)) })
      places.show(shown.sorted())
      #expect(Set(shown.map { places.place(of: $0) }).count == shown.count)
      #expect(Set(shown.map { places.letter(of: $0) }).count == shown.count)
    }
  }

  @Test
  func `a run keeps its place while others come and go`() {
    var all = RunPlaces()
    all.show(runs(3, 13, 4))
    let before = places(runs(3, 13, 4), in: all)
    all.show(runs(13, 7))
    #expect(all.place(of: RunID(13)) == before[1])
    all.show(runs(4, 13, 3, 23, 7))
    #expect(places(runs(3, 13, 4), in: all) == before)
  }

  @Test
  func `a run that was away comes back to its place`() {
    var all = RunPlaces()
    all.show(runs(1, 11))
    let before = places(runs(1, 11), in: all)
    all.show(runs(1, 2, 21))
    all.show(runs(1, 11, 2, 21))
    #expect(places(runs(1, 11), in: all) == before)
  }

  @Test
  func `a run has the place of its number wherever that is free`() {
    var first = RunPlaces()
    first.show(runs(4, 5, 6))
    var second = RunPlaces()
    second.show(runs(6, 9, 4))
    #expect(first.place(of: RunID(4)) == second.place(of: RunID(4)))
    #expect(first.place(of: RunID(6)) == second.place(of: RunID(6)))
  }

  @Test
  func `colours repeat only when all are shown`() {
    var all = RunPlaces()
    let ten = (1...Int64(RunPlaces.perRound)).map { RunID($0 * 10) }
    all.show(ten)
    #expect(Set(places(ten, in: all)) == Set(0..<RunPlaces.perRound))
    all.show(ten + runs(7))
    #expect(all.place(of: RunID(7)) >= RunPlaces.perRound)
    // Without the others there is a colour of its own again for a newcomer.
    all.show(runs(10, 8))
    #expect(all.place(of: RunID(8)) < RunPlaces.perRound)
  }
}
