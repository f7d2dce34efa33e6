import Dashboard
import Datasets
import Engine
import RunStore
import Telemetry
import Terminal
import Training
import Weights

/// The one place where facts about a failure become what the user reads, and an exit status.
struct ErrorSentence {
  let text: String
  let status: ExitStatus

  /// Nil for errors that are the argument parser's own.
  init?(describing error: any Error) {
    switch error {
    case let error as UsageError: self.init(error.description, .usage)
    case let error as RecipeFileError: self.init(error.description, .usage)
    case let error as GraphError: self.init("the images do not fit the network: \(error)", .usage)
    case let error as DatasetError: self.init(error.description, .usage)
    case let error as RunPlanError: self.init(error.description, .usage)
    case let error as MemoryLimitError: self.init(error.description, .usage)
    case let error as RunStoreError: self.init(error.description, .usage)
    case let error as ThemeError: self.init(error.description, .usage)
    case let error as TerminalError: self.init(error.description, .usage)
    case let error as WrongProcessor: self.init(error.description, .failed)
    case let error as ReplayError: self.init(error.description, .failed)
    case let error as CheckpointError: self.init(error.description, .failed)
    case let error as SafetensorsError: self.init(error.description, .failed)
    case let error as ModelFileError: self.init(error.description, .failed)
    case let error as OutOfMemory: self.init(error.description, .failed)
    default: return nil
    }
  }

  private init(_ text: String, _ status: ExitStatus) {
    self.text = text
    self.status = status
  }
}

/// A program that was built for another processor.
struct WrongProcessor: Error, Hashable, CustomStringConvertible {
  let feature: String

  var description: String {
    "this program was built for a processor with \(feature), which this one lacks; build it here, "
      + "or with DESCENT_MARCH set to what this processor is"
  }
}

/// What is wrong with a command line that the argument parser cannot see.
enum UsageError: Error, Hashable, CustomStringConvertible {
  case unknownCommand(name: String, nearest: String?)
  case unknownArchitecture(name: String, nearest: String?)
  case unknownFamily(name: String, nearest: String?, known: [String])
  case imagesDoNotFit(architecture: String, problem: GraphError, smallestSide: Int?)
  case notPositive(option: String, value: String)
  case outOfRange(option: String, value: String, range: String)
  case apart(option: String, other: String)
  case noCheckpoint(run: String, epoch: Int, kept: [Int])
  case forkInEpoch(step: Int)
  case noAnswer(run: String)
  case refused(reason: String)
  case unreadable(option: String, value: String, wanted: String)
  case noTerminal(command: String, instead: String = "'descent runs' lists runs")
  case unknownRun(name: String, nearest: String)
  case nothingToDo(command: String, wanted: String)
  case doesNotFit(needed: Int, available: Int, batch: Int, fittingBatch: Int?)
  case alreadyFinished(run: String)
  case unknownCase(name: String)
  case unknownTheme(name: String, known: [String])
  case unusableWeights(problem: String)
  case changedWeights(path: String)
  case noBest(run: String)

  var description: String {
    switch self {
    case .unknownCommand(let name, let nearest):
      "there is no command '\(name)'"
        + (nearest.map { "; did you mean '\($0)'?" } ?? "; 'descent --help' lists them")
    case .unknownArchitecture(let name, let nearest):
      "there is no architecture '\(name)'"
        + (nearest.map { "; did you mean '\($0)'?" } ?? "") + " ('descent models' lists them)"
    case .unknownFamily(let name, let nearest, let known):
      "there is no family '\(name)'"
        + (nearest.map { "; did you mean '\($0)'?" } ?? "")
        + " (known: \(known.joined(separator: ", ")))"
    case .imagesDoNotFit(let architecture, let problem, let smallestSide):
      "the images do not fit the network: \(problem)"
        + (smallestSide.map { "; \(architecture) takes images from \($0)x\($0) on" } ?? "")
    case .notPositive(let option, let value):
      "\(option) must be a number above zero, not \(value)"
    case .outOfRange(let option, let value, let range):
      "\(option) must be \(range), not \(value)"
    case .noCheckpoint(let run, let epoch, let kept):
      "\(run) has no checkpoint of epoch \(epoch); it has those of "
        + (kept.isEmpty ? "none" : kept.map(String.init).joined(separator: ", "))
    case .forkInEpoch(let step):
      "the checkpoint of step \(step) is in the middle of an epoch, whose batch size cannot change"
    case .noAnswer(let run): "\(run) has not written a checkpoint: its process does not answer"
    case .refused(let reason): reason
    case .apart(let option, let other):
      "\(option) does not go with \(other)"
    case .unreadable(let option, let value, let wanted):
      "\(option) '\(value)' is not \(wanted)"
    case .noTerminal(let command, let instead):
      "'\(command)' draws on a terminal, and there is none here; \(instead)"
    case .unknownRun(let name, let nearest):
      "there is no run '\(name)'; did you mean '\(nearest)'?"
    case .nothingToDo(let command, let wanted):
      "'\(command)' wants \(wanted)"
    case .doesNotFit(let needed, let available, let batch, let fitting):
      "the plan needs \(needed >> 20) MiB at a batch of \(batch), and \(available >> 20) MiB are "
        + "free" + (fitting.map { "; --batch-size \($0) fits" } ?? "; not even a batch of 1 fits")
    case .alreadyFinished(let run):
      "run \(run) has done all its epochs: there is nothing to go on with"
    case .unknownCase(let name):
      "'\(name)' is not a case like cnn@32: an architecture, '@', and the images' side in pixels"
    case .unusableWeights(let problem):
      "--pretrained \(problem)"
    case .changedWeights(let path):
      "the run has no checkpoint and began with the weights in \(path), which have changed since; "
        + "put the old file back, or start a new run"
    case .noBest(let run):
      "run \(run) has no best epoch, because it has no validation loss yet; --at last takes its "
        + "newest weights"
    case .unknownTheme(let name, let known):
      "there is no theme '\(name)' (known: \(known.joined(separator: ", ")))"
    }
  }
}
