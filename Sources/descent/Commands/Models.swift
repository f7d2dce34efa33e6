import ArgumentParser
import Engine
import Foundation
import Telemetry
import Training
import Zoo

/// Lists the architectures, or describes one.
struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the architectures with their cost, or describe one.",
    discussion: """
      With a name it prints the layers, the totals and a diagram. Memory is what training takes: \
      weights, gradients, the optimizer's arrays, activations and workspaces; nothing is allocated \
      to find it out.
      """
  )

  @Argument(help: "An architecture, to describe it.")
  var architecture: String?

  @Option(help: "List the architectures of one family.")
  var family: String?

  @Option(help: "Height, width and channels of the images. (default: each one's own)")
  var input: String?

  @Option(
    parsing: .unconditional,
    help: "Number of outputs; 1 is one sigmoid for two classes. (default: each one's own)"
  )
  var classes: Int?

  @Option(parsing: .unconditional, help: "Images of one step, for the memory.")
  var batchSize: Int = 16

  @Option(help: "sgd, nesterov, adam, adamw, nadam or rmsprop, for the memory.")
  var optimizer: String = "sgd"

  @Flag(help: "With a name: the operations of a training step, what each moves and computes.")
  var plan = false

  @Option(help: "f32 or bf16, with --plan: the type of activations.")
  var precision: Precision = .f32

  @Flag(help: "One JSON document.")
  var json = false

  func run() throws {
    try check(classes, option: "--classes", limit: 1_000_000)
    try check(batchSize, option: "--batch-size", limit: 65_536)
    let rule = try OptimizerSettings.Kind(option: optimizer).engineDefault
    let shape = try input.map(Models.shape)
    if plan {
      guard let architecture else {
        throw UsageError.nothingToDo(
          command: "models --plan",
          wanted: "the name of one architecture"
        )
      }
      try describePlan(try Catalog.find(architecture), shape: shape, rule: rule)
    } else if let architecture {
      try describe(try Catalog.find(architecture), shape: shape, rule: rule)
    } else {
      list(try Catalog.architectures(ofFamily: family), shape: shape, rule: rule)
    }
  }

  private func describe(_ architecture: Architecture, shape: Shape?, rule: Optimizer) throws {
    let input = shape ?? architecture.nativeInput
    let outputs = classes ?? architecture.nativeClasses
    let cost = CountedArchitecture(
      architecture,
      graph: try architecture.fitted(to: input, classes: outputs),
      batch: batchSize,
      optimizer: rule
    )
    if json {
      let object = ModelJSON(cost, optimizer: optimizer, withLayers: true)
      StandardOutput.write(JSONText.document(object))
    } else {
      let lines = ModelLines.description(of: cost, optimizer: optimizer)
      StandardOutput.write(lines.joined(separator: "\n"))
    }
  }

  private func describePlan(_ architecture: Architecture, shape: Shape?, rule: Optimizer) throws {
    let graph = try architecture.fitted(
      to: shape ?? architecture.nativeInput,
      classes: classes ?? architecture.nativeClasses
    )
    let plan = ModelPlan(
      graph: graph,
      optimizer: rule,
      trainingBatches: [batchSize],
      evaluationBatches: [],
      precision: precision
    )
    let threads = ProcessInfo.processInfo.activeProcessorCount
    let figures = PlanFigures(
      architecture.name,
      plan,
      batch: batchSize,
      optimizer: optimizer,
      threads: threads
    )
    let text = json ? JSONText.document(figures) : figures.lines.joined(separator: "\n")
    StandardOutput.write(text)
  }

  private func list(_ architectures: [Architecture], shape: Shape?, rule: Optimizer) {
    let costs = CountedArchitecture.all(
      architectures,
      input: shape,
      classes: classes,
      batch: batchSize,
      optimizer: rule
    )
    guard json else {
      let lines = ModelLines.catalogue(architectures, costs, input: shape, batch: batchSize)
      StandardOutput.write(lines.joined(separator: "\n"))
      return
    }
    let objects = zip(architectures, costs).map { architecture, cost in
      switch cost {
      case .success(let cost): ModelJSON(cost, optimizer: optimizer, withLayers: false)
      case .failure(let problem):
        ModelJSON(
          architecture,
          input: shape ?? architecture.nativeInput,
          classes: classes ?? architecture.nativeClasses,
          problem: problem
        )
      }
    }
    StandardOutput.write(JSONText.document(objects))
  }

  private func check(_ value: Int?, option: String, limit: Int) throws {
    guard let value else { return }
    guard value >= 1 else { throw UsageError.notPositive(option: option, value: String(value)) }
    guard value <= limit else {
      throw UsageError.outOfRange(
        option: option,
        value: String(value),
        range: "at most \(limit)"
      )
    }
  }

  /// Reads `224x224x3`.
  ///
  /// - Throws: `UsageError` for anything else, and for images no machine could hold.
  static func shape(_ text: String) throws -> Shape {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard sides.count == 3, sides.allSatisfy({ $0 >= 1 }) else {
      throw UsageError.unreadable(
        option: "--input",
        value: text,
        wanted: "height, width and channels like 32x32x3"
      )
    }
    guard sides[0] <= 16_384, sides[1] <= 16_384, sides[2] <= 1024 else {
      throw UsageError.outOfRange(
        option: "--input",
        value: text,
        range: "at most 16384x16384x1024"
      )
    }
    return Shape(sides)
  }
}

extension Catalog {
  /// The architectures of a family, or all of them.
  ///
  /// - Throws: `UsageError.unknownFamily` with the nearest one.
  static func architectures(ofFamily family: String?) throws -> [Architecture] {
    guard let family else { return architectures }
    let found = architectures.filter { $0.family == family }
    guard found.isEmpty else { return found }
    var families: [String] = []
    for architecture in architectures where !families.contains(architecture.family) {
      families.append(architecture.family)
    }
    throw UsageError.unknownFamily(
      name: family,
      nearest: Spelling.nearest(to: family, among: families),
      known: families
    )
  }
}

extension OptimizerSettings.Kind {
  /// Reads the command line's spelling.
  ///
  /// - Throws: `UsageError.unreadable` with those there are.
  init(option text: String) throws {
    guard let kind = OptimizerSettings.Kind(rawValue: text) else {
      let known = OptimizerSettings.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw UsageError.unreadable(option: "--optimizer", value: text, wanted: "one of \(known)")
    }
    self = kind
  }

  /// The engine's form with default constants: what memory it takes depends on nothing else.
  var engineDefault: Optimizer {
    OptimizerSettings(
      kind: self,
      learningRate: defaultLearningRate,
      momentum: 0.9,
      weightDecay: 0
    ).engineOptimizer
  }
}
