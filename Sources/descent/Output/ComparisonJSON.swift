import Dashboard
import RunStore
import Telemetry

/// Compared runs as one JSON document.
struct ComparisonJSON: Encodable {
  /// In the order they were named.
  let runs: [Row]
  /// Names of the settings in which the runs differ.
  let differing: [String]
  /// The settings all runs share.
  let shared: [String: SettingJSON]

  /// Reads the runs from their start.
  init(_ ids: [RunID], of store: RunStore) throws {
    let summaries = try ids.map { try store.summary(of: $0) }
    let compared = try summaries.map { summary in
      var model = RunModel()
      for event in try store.source(of: summary.id).drain() { model.apply(event) }
      return ComparedRun(id: summary.id, model: model, summary: summary)
    }
    let settings = RunSetting.allCases.filter { $0.differs(among: compared) }
    differing = settings.map(\.rawValue)
    runs = zip(summaries, compared).map { Row($0, $1, settings: settings) }
    var shared: [String: SettingJSON] = [:]
    if let first = compared.first {
      for setting in RunSetting.allCases where !settings.contains(setting) {
        shared[setting.rawValue] = SettingJSON(value: setting.value(in: first))
      }
    }
    self.shared = shared
  }

  /// A run's row of the table.
  struct Row: Encodable {
    let run: Int64
    let name: String
    let status: String
    let architecture: String
    let epoch: Int
    let epochs: Int
    let bestValLoss: Measured?
    let bestValAccuracy: Measured?
    let testAccuracy: Double?
    let parameters: Int
    let secondsPerEpoch: Double?
    /// Those in which the runs differ.
    let settings: [String: SettingJSON]

    /// A value and the epoch at whose end it was measured.
    struct Measured: Encodable {
      let value: Double
      let epoch: Int
    }

    init(_ summary: RunSummary, _ run: ComparedRun, settings: [RunSetting]) {
      self.run = summary.id.number
      name = summary.description.name
      status = summary.status.rawValue
      architecture = summary.description.recipe.architecture
      epoch = run.epoch
      epochs = summary.description.recipe.epochs
      bestValLoss = run.bestLoss.map { Measured(value: $0.value, epoch: $0.epoch) }
      bestValAccuracy = run.bestAccuracy.map { Measured(value: $0.value, epoch: $0.epoch) }
      testAccuracy = run.testAccuracy
      parameters = summary.description.parameters.total
      secondsPerEpoch = run.secondsPerEpoch
      var values: [String: SettingJSON] = [:]
      for setting in settings {
        values[setting.rawValue] = SettingJSON(value: setting.value(in: run))
      }
      self.settings = values
    }
  }
}

/// A setting's value in JSON: a number, a text, or null where the run has no use for it.
struct SettingJSON: Encodable {
  let value: RunSetting.Value

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch value {
    case .text(let text): try container.encode(text)
    case .count(let count): try container.encode(count)
    case .seed(let seed): try container.encode(seed)
    case .number(let number): try container.encode(number)
    case .unused: try container.encodeNil()
    }
  }
}
