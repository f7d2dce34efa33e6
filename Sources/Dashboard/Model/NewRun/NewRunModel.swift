package import Telemetry

/// The New-run screen: what is chosen so far, and what it will cost.
///
/// It stays as it is while another screen is shown, and after a start.
nonisolated package struct NewRunModel: Sendable {
  package var list = ArchitectureList()
  package var form: NewRunForm?
  package var costs = CostBook()
  package var times = TimeBook()
  package var focus = NewRunField.architecture
  /// The screen to go back to.
  package var origin = DashboardModel.ScreenName.runs
  /// Whether a run was asked for and has not begun.
  package var isStarting = false

  package init() {}

  /// Whether the loop has to look for answers that come at once.
  package var isWaiting: Bool { isStarting || costs.isWaiting }

  package mutating func load(architectures: [ArchitectureEntry], defaults: NewRunDefaults) {
    list.load(architectures)
    form = NewRunForm(defaults: defaults)
  }

  package mutating func take(_ answer: CatalogAnswer) {
    if case .times(let answer, let question) = answer {
      times.take(answer, to: question)
    } else {
      costs.take(answer)
    }
  }

  /// What stands against the field's value.
  package func problem(of field: NewRunField) -> String? {
    if field == .data, let problem = costs.problem, costs.question?.data == form?.data {
      return problem
    }
    return form?.problem(of: field, description: costs.description)
  }

  /// The first field, from the top, whose value will not do.
  package var firstProblem: NewRunField? {
    NewRunField.form.first { problem(of: $0) != nil }
  }

  /// What there is to be known of the time the run in the form takes; nil while that is no run, its
  /// cost is not known, or the machine has no memory for it.
  package var timeQuestion: TimeQuestion? {
    guard let architecture = list.selected, let setting = form?.question, firstProblem == nil,
      let augmentation = form?.augmentation,
      case .cost(let cost, isMemoryKnown: true) = costs.standing(of: architecture), cost.fits
    else { return nil }
    return TimeQuestion(
      architecture: architecture,
      setting: setting,
      augmentation: augmentation
    )
  }

  /// What is known of the selected architecture.
  package var standing: CostBook.Standing {
    list.selected.map(costs.standing) ?? .unknown
  }
}
