import ArgumentParser
import RunStore
import Telemetry

/// Steers a run of another process.
struct SetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Steer a run that another process trains."
  )

  @Argument(help: ArgumentHelp("Number or name of the run.", valueName: "run"))
  var name: String

  @Option(parsing: .unconditional, help: "New learning rate: 3e-4, '*0.3', /10, or schedule.")
  var lr: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "A change of another setting: \(SettingChange.spellings). May be given more than once.",
      valueName: "setting"
    )
  )
  var change: [String] = []

  @Flag(help: "Back to the state just before the last change.")
  var undo = false

  @Flag(help: "Pause at the next step.")
  var pause = false

  @Flag(help: "Go on.")
  var resume = false

  @Flag(help: "Checkpoint and end the run.")
  var stop = false

  @Flag(help: "Write a checkpoint now.")
  var checkpoint = false

  func run() throws {
    let commands = try wantedCommands()
    guard !commands.isEmpty else {
      throw UsageError.nothingToDo(
        command: "descent set",
        wanted: "--lr, --change, --undo, --pause, --resume, --checkpoint or --stop"
      )
    }
    let store = try StoreLocation.open()
    let control = try store.control(of: try store.run(matching: name))
    for command in commands { try control.send(command) }
  }

  private func wantedCommands() throws -> [RunCommand] {
    var commands: [RunCommand] = []
    if let lr {
      guard let change = LearningRateChange(text: lr) else {
        throw UsageError.unreadable(
          option: "--lr",
          value: lr,
          wanted: "a learning rate above zero, '*FACTOR', '/FACTOR' or 'schedule'"
        )
      }
      commands.append(.learningRate(change))
    }
    for text in change {
      guard let change = SettingChange(text: text) else {
        throw UsageError.unreadable(
          option: "--change",
          value: text,
          wanted: "one of: \(SettingChange.spellings)"
        )
      }
      if let reason = change.impossibility {
        throw UsageError.refused(reason: "--change '\(text)': \(reason)")
      }
      commands.append(.change(change))
    }
    if undo { commands.append(.undo) }
    if pause { commands.append(.pause) }
    if resume { commands.append(.resume) }
    if checkpoint { commands.append(.checkpoint) }
    if stop { commands.append(.stop) }
    return commands
  }
}
