import ArgumentParser
import Foundation
import Kernels

/// The program: reads the command line, runs one command, and turns what went wrong into a
/// sentence and an exit status.
@main
struct Descent: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "descent",
    abstract: "A terminal laboratory for image classifiers.",
    discussion: """
      Without a command it opens the dashboard. Runs are kept in $DESCENT_HOME, else in \
      $XDG_DATA_HOME/descent, else in ~/.local/share/descent.
      """,
    subcommands: [
      Home.self, Train.self, Watch.self, Compare.self, SetCommand.self, Resume.self, Fork.self,
      ReplayCommand.self, FindRate.self, Runs.self, Models.self, Export.self, Bench.self,
    ],
    defaultSubcommand: Home.self
  )

  static func main() {
    quietCrashes()
    ignoreBrokenPipes()
    do {
      if let feature = Processor.missingFeature { throw WrongProcessor(feature: feature) }
      try checkCommand(CommandLine.arguments.dropFirst().first)
      var command = try parseAsRoot()
      try command.run()
    } catch {
      Foundation.exit(report(error))
    }
  }

  /// Refuses a word that is no command, which the parser would take for an argument of the default.
  private static func checkCommand(_ word: String?) throws {
    guard let word, !word.hasPrefix("-") else { return }
    let known = configuration.subcommands.map { $0._commandName } + ["help"]
    guard !known.contains(word) else { return }
    throw UsageError.unknownCommand(
      name: word,
      nearest: Spelling.nearest(to: word, among: known)
    )
  }

  /// Says what went wrong on standard error and returns the exit status product pages promise.
  private static func report(_ error: any Error) -> Int32 {
    if let status = error as? ExitStatus { return status.rawValue }
    if let sentence = ErrorSentence(describing: error) {
      StandardError.write("descent: \(sentence.text)")
      return sentence.status.rawValue
    }
    let code = Descent.exitCode(for: error)
    guard code != .success else {
      StandardOutput.write(Descent.fullMessage(for: error))
      return ExitStatus.done.rawValue
    }
    let isUsage = code == .validationFailure
    StandardError.write("descent: \(Descent.message(for: error))")
    if isUsage { StandardError.write("         (descent --help lists commands and options)") }
    return isUsage ? ExitStatus.usage.rawValue : ExitStatus.failed.rawValue
  }

  /// Swift's crash handler asks a question on the terminal and waits half a minute for the answer;
  /// the setting must be there when the process starts.
  private static func quietCrashes() {
    guard getenv("SWIFT_BACKTRACE") == nil else { return }
    setenv("SWIFT_BACKTRACE", "enable=yes,interactive=no,color=no", 1)
    // By its own path, so that the process keeps its name in listings.
    let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    execv(link ?? "/proc/self/exe", CommandLine.unsafeArgv)
  }

  /// A reader that goes away (`descent runs | head`) is no fault.
  private static func ignoreBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
  }
}

/// Exit statuses, as the product's page gives them.
enum ExitStatus: Int32, Error {
  case done = 0
  case failed = 1
  case usage = 2
  case interrupted = 130
}
