/// How long a run takes, from doing a little of it.
package struct RunTimes: Hashable, Sendable {
  /// Seconds, with half of what was measured between `low` and `high`.
  package struct Span: Hashable, Sendable {
    package var low: Double
    package var median: Double
    package var high: Double

    package init(low: Double, median: Double, high: Double) {
      self.low = low
      self.median = median
      self.high = high
    }

    /// Of measured times, at least one.
    package init(_ times: [Double]) {
      let sorted = times.sorted()
      low = sorted[sorted.count / 4]
      median = sorted[sorted.count / 2]
      high = sorted[sorted.count * 3 / 4]
    }
  }

  /// An epoch: its steps, validation, remarks, and keeping it all on disk.
  package var epoch: Span
  /// Seconds of the measure of the test split, once all epochs are done.
  package var test: Double

  package init(epoch: Span, test: Double) {
    self.epoch = epoch
    self.test = test
  }

  /// So many epochs, and the measure of the test split.
  package func total(epochs: Int) -> Span {
    let count = Double(epochs)
    return Span(
      low: count * epoch.low + test,
      median: count * epoch.median + test,
      high: count * epoch.high + test
    )
  }
}

/// What the times of a run depend on; its learning rate and its number of epochs do not count.
package struct TimeQuestion: Hashable, Sendable {
  package var architecture: String
  package var setting: CostQuestion
  package var augmentation: AugmentationSettings

  package init(
    architecture: String,
    setting: CostQuestion,
    augmentation: AugmentationSettings = AugmentationSettings()
  ) {
    self.architecture = architecture
    self.setting = setting
    self.augmentation = augmentation
  }
}

/// What has become of a question for times.
package enum TimeAnswer: Hashable, Sendable {
  case times(RunTimes)
  /// They cannot be measured: why, in one sentence.
  case failed(String)
}
