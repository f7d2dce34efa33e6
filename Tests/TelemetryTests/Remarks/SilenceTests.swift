import Telemetry
import Testing

/// All rules together: what must be said of a run is said, and nothing else.
@Suite
struct SilenceTests {
  @Test(arguments: HealthyRuns.all)
  func `a healthy run gets no remark`(_ run: SampleRun) {
    #expect(run.remarks().map { "\($0.epoch): \($0.remark.text)" } == [])
  }

  @Test(arguments: SickRuns.all)
  func `a sick run gets the remarks it deserves and no others`(_ run: SampleRun) {
    let said = run.remarks()
    #expect(
      said.map(\.remark.kind) == Array(run.kinds),
      "\(said.map { "\($0.epoch): \($0.remark.text)" })"
    )
  }

  @Test
  func `every rule has a run that it speaks of`() {
    let measured: Set<Remark.Kind> = [.imbalance, .deadUnits, .unpredictedClasses]
    let spoken = SickRuns.all.reduce(into: measured) { $0.formUnion($1.kinds) }
    #expect(spoken == Set(RemarkRules.all.map(\.kind)))
    #expect(RemarkRules.all.count == spoken.count)
  }

  @Test
  func `losses that are not finite are left to others`() {
    for broken in [Double.nan, .infinity] {
      var run = HealthyRuns.plain(1)
      for index in 10..<14 {
        run.epochs[index].trainLoss = broken
        run.epochs[index].validationLoss = broken
      }
      #expect(run.remarks().isEmpty)
      run.epochs[0].validationAccuracy = broken
      #expect(run.remarks().isEmpty)
    }
  }

  @Test(arguments: HealthyRuns.all + SickRuns.all)
  func `what is said is one line without figures gone wrong`(_ run: SampleRun) {
    for saying in run.remarks() {
      let remark = saying.remark
      #expect(remark.epoch <= saying.epoch)
      #expect(!remark.text.contains("\n") && !remark.text.contains("nan"))
      #expect(remark.text.count <= 240)
      #expect(!remark.numbers.values.contains { !$0.isFinite })
      #expect(!remark.numbers.isEmpty)
    }
  }
}
