import Telemetry
import Testing

@testable import Dashboard

@Suite
struct RunTableTests {
  private let runs = [
    FakeRuns.summary(5, architecture: "dnn", bestAccuracy: 0.91, bestLoss: 0.3),
    FakeRuns.summary(4, architecture: "resnet18", bestAccuracy: 0.99, bestLoss: 0.02),
    FakeRuns.summary(3, status: .running, epoch: 2, bestAccuracy: 0.5, bestLoss: 1.1),
    FakeRuns.summary(2, status: .failed, epoch: 0, bestAccuracy: nil, bestLoss: nil),
    FakeRuns.summary(1, bestAccuracy: 0.97, bestLoss: 0.08, learningRate: 1e-3),
  ]

  private func table() -> RunTable {
    var table = RunTable()
    table.pageRows = 3
    table.load(runs)
    return table
  }

  private func numbers(_ table: RunTable) -> [Int64] { table.visible.map(\.id.number) }

  @Test
  func `live runs come first, then the newest`() {
    #expect(numbers(table()) == [3, 5, 4, 2, 1])
  }

  @Test
  func `runs without a value come last in both directions`() {
    var table = table()
    table.sort(by: .bestAccuracy)
    #expect(numbers(table) == [3, 4, 1, 5, 2])
    table.reverseSort()
    #expect(numbers(table) == [3, 5, 1, 4, 2])
  }

  @Test
  func `a loss that is no number does not upset the order`() {
    var table = RunTable()
    table.load([
      FakeRuns.summary(1, bestLoss: .nan), FakeRuns.summary(2, bestLoss: 0.5),
      FakeRuns.summary(3, bestLoss: 0.1),
    ])
    table.sort(by: .bestLoss)
    #expect(numbers(table) == [3, 2, 1])
  }

  @Test
  func `the selection stays on its run when the order changes`() {
    var table = table()
    table.select(RunID(4))
    table.sort(by: .bestLoss)
    table.load(runs + [FakeRuns.summary(6)])
    #expect(table.selected == RunID(4))
  }

  @Test
  func `the selection moves to a neighbour when its run is gone`() {
    var table = table()
    table.move(toRow: 4)
    table.load(Array(runs.dropLast()))
    #expect(table.selected == RunID(2))
    table.load([])
    #expect(table.selected == nil)
    table.load(runs)
    #expect(table.selected == RunID(3))
  }

  @Test
  func `the selection is always among the rows shown`() {
    var table = table()
    for step in [1, 1, 1, 1, 5, -2, -9, 3] {
      table.move(by: step)
      let row = table.selectedRow ?? -1
      #expect(table.top <= row && row < table.top + table.pageRows)
    }
  }

  @Test
  func `marks are of runs and vanish with them`() {
    var table = table()
    table.toggleMark()
    table.toggleMark()
    #expect(table.marked == [RunID(3), RunID(5)])
    #expect(table.chosen.map(\.id.number) == [3, 5])
    table.load(Array(runs.dropFirst()))
    #expect(table.marked == [RunID(3)])
  }

  @Test(arguments: [
    ("resnet", [4]), ("arch:dnn", [5]), ("best.acc>0.9", [5, 4, 1]), ("lr<=1e-3", [1]),
    ("state:failed", [2]), ("!digits", []), ("cnn best.loss<1", [1]), ("run:5", [5]), ("5", [5]),
    ("epoch=2", [3]), ("!arch:cnn", [5, 4]), ("", [3, 5, 4, 2, 1]),
  ])
  func `a filter lets through what it says`(_ filter: (text: String, runs: [Int64])) {
    var table = table()
    table.setFilter(filter.text)
    #expect(table.filterError == nil)
    #expect(numbers(table) == filter.runs)
  }

  @Test
  func `a filter that makes no sense is named and changes nothing`() {
    var table = table()
    table.setFilter("resnet")
    table.setFilter("lrr>1")
    #expect(table.filterError == .unknownField("lrr"))
    #expect(numbers(table) == [4])
    table.setFilter("lr>much")
    #expect(table.filterError == .notANumber(term: "lr>much"))
    table.setFilter("arch>1")
    #expect(table.filterError == .textComparison(field: "arch"))
  }
}
