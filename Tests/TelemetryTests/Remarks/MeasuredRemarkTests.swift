import Telemetry
import Testing

/// Remarks on what is counted and measured beside the curves.
@Suite
struct MeasuredRemarkTests {
  private func remark(_ kind: Remark.Kind, of run: SampleRun) -> RemarkLog.Saying? {
    let found = run.remarks().filter { $0.remark.kind == kind }
    #expect(found.count <= 1)
    #expect(run.remarks().count == found.count, "\(run.remarks().map(\.remark.text))")
    return found.first
  }

  // MARK: - Imbalance

  private func counts(_ counts: [Int], names: [String] = []) -> SampleRun {
    var setup = RunSetup(classes: counts.count, plannedEpochs: 50)
    setup.trainCounts = counts
    setup.classNames = names
    return SampleRun(name: "counts", setup: setup, epochs: [])
  }

  @Test
  func `uneven classes are named before the first epoch, and once`() throws {
    var run = counts([900, 40, 60], names: ["cat", "lynx", "ounce"])
    let saying = try #require(remark(.imbalance, of: run))
    #expect(saying.epoch == 0)
    #expect(
      saying.remark.text
        == "training images are uneven: 900 of 'cat', 40 of 'lynx'; "
        + "always answering 'cat' would be right in 90.0 %"
    )
    #expect(saying.remark.numbers["most_images"] == 900)
    run.epochs = Course(epochs: 20, classes: 3, train: decay(from: 0.3, to: 0.05, in: 8)).samples()
    #expect(remark(.imbalance, of: run)?.epoch == 0)
  }

  @Test(arguments: [[100, 100], [300, 80], [12, 11, 10], [], [0, 0]])
  func `classes that are even enough are not named`(_ images: [Int]) {
    #expect(remark(.imbalance, of: counts(images)) == nil)
  }

  @Test
  func `a class without images is named`() throws {
    let text = try #require(remark(.imbalance, of: counts([20, 0]))).remark.text
    #expect(text.contains("20 of class 0, none of class 1"))
  }

  // MARK: - Dead units

  private func layers(
    _ layers: @escaping @Sendable (Int) -> [EpochMeasures.LayerUnits]
  )
    -> SampleRun
  {
    var run = HealthyRuns.plain(1)
    run.measures = { EpochMeasures(deadUnits: layers($0)) }
    return run
  }

  @Test
  func `many dead units are named in the second epoch that has them, since the first`() throws {
    let run = layers { epoch in
      [
        .init(layer: "conv1", units: 32, dead: 1),
        .init(layer: "fc1", units: 256, dead: epoch < 5 ? 10 : 130),
        .init(layer: "fc2", units: 64, dead: epoch < 5 ? 0 : 30),
      ]
    }
    let saying = try #require(remark(.deadUnits, of: run))
    #expect(saying.epoch == 6)
    #expect(saying.remark.epoch == 5)
    #expect(
      saying.remark.text
        == "130 of 256 units of fc1 are dead (50.8 %): zero for every image; "
        + "so are many of 1 other layer"
    )
  }

  @Test
  func `a few dead units, a tiny layer, or one bad epoch are not worth a word`() {
    #expect(remark(.deadUnits, of: layers { _ in [.init(layer: "a", units: 64, dead: 20)] }) == nil)
    #expect(remark(.deadUnits, of: layers { _ in [.init(layer: "a", units: 4, dead: 3)] }) == nil)
    #expect(remark(.deadUnits, of: layers { _ in [.init(layer: "a", units: 0, dead: 0)] }) == nil)
    let once = layers { [.init(layer: "a", units: 64, dead: $0 == 7 ? 60 : 0)] }
    #expect(remark(.deadUnits, of: once) == nil)
  }

  // MARK: - Classes that are never predicted

  private func predictions(
    _ run: SampleRun = HealthyRuns.plain(1),
    _ predicted: @escaping @Sendable (Int) -> [Int]
  ) -> SampleRun {
    var run = run
    run.measures = {
      let counts = predicted($0)
      return EpochMeasures(
        predictions: .init(trueCounts: counts.map { _ in 500 }, predictedCounts: counts)
      )
    }
    return run
  }

  @Test
  func `a class that is never the answer is named`() throws {
    let run = predictions { $0 < 8 ? [550, 450] : [1000, 0] }
    let saying = try #require(remark(.unpredictedClasses, of: run))
    #expect(saying.epoch == 9)
    #expect(saying.remark.epoch == 8)
    #expect(
      saying.remark.text
        == "class 1 is never predicted on validation, where 500 images belong there"
    )
    #expect(saying.remark.numbers["class"] == 1)
  }

  @Test
  func `several classes are counted`() throws {
    let run = predictions { _ in [5000, 0, 0, 0, 0, 0, 0, 0, 0, 0] }
    let text = try #require(remark(.unpredictedClasses, of: run)).remark.text
    #expect(text.contains("9 of 10 classes, class 1 among them, are never predicted"))
    #expect(text.contains("4500 images"))
  }

  @Test
  func `classes that are answered, rare or not there are not named`() {
    #expect(remark(.unpredictedClasses, of: predictions { _ in [990, 10] }) == nil)
    var run = HealthyRuns.plain(1)
    run.measures = { _ in
      EpochMeasures(predictions: .init(trueCounts: [500, 9, 0], predictedCounts: [509, 0, 0]))
    }
    #expect(remark(.unpredictedClasses, of: run) == nil)
    let once = predictions { $0 == 9 ? [1000, 0] : [500, 500] }
    #expect(remark(.unpredictedClasses, of: once) == nil)
  }

  @Test
  func `a network at chance or at its very beginning has other troubles`() {
    let stuck = predictions(SickRuns.tooLow(1)) { _ in [5000, 0, 0, 0, 0, 0, 0, 0, 0, 0] }
    #expect(stuck.remarks().map(\.remark.kind) == [.notLearning])
    let early = predictions(HealthyRuns.shortAndSlow(1)) { _ in [3000, 2000, 0, 0, 0] }
    #expect(early.remarks().isEmpty)
  }
}
