import Engine
import Foundation
import Testing
import Zoo

/// Whole networks at full size against stored forward passes of their own libraries.
///
/// `make verify-zoo` runs them all and prints how far each is from its reference.
@Suite(.serialized)
struct FullSizeTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static var wantsAll: Bool { environment["DESCENT_VERIFY_ZOO"] != nil }

  @Test(arguments: FullSizeCase.quick)
  func `the network computes what its reference does`(_ reference: FullSizeCase) throws {
    try check(reference)
  }

  @Test(.enabled(if: wantsAll, "make verify-zoo runs it"), arguments: FullSizeCase.slow)
  func `the large network computes what its reference does`(_ reference: FullSizeCase) throws {
    try check(reference)
  }

  private func check(_ item: FullSizeCase) throws {
    let reference = try ReferenceNetwork(item.file)
    let architecture = try #require(Catalog.architecture(named: item.architecture))
    let graph = try architecture.graph(
      inputShape: Shape(reference.inputShape),
      classes: reference.classes
    )
    let check = try FullSizeCheck(reference, translation: item.translation, graph: graph)
    let outcome = check.run(constants: item.constants)
    if FullSizeTests.wantsAll { try report(outcome, of: item) }
    let rest = outcome.faults.count > 8 ? " and \(outcome.faults.count - 8) more" : ""
    #expect(
      outcome.faults.isEmpty,
      "\(outcome.faults.prefix(8).joined(separator: "\n"))\(rest)"
    )
  }

  /// Prints the figures, and keeps them as a line of JSON for docs/ZOO.md where asked to.
  private func report(_ outcome: FullSizeCheck.Outcome, of item: FullSizeCase) throws {
    print(
      "\(item.architecture) as \(item.file): logits",
      String(format: "%.1e, layers %.1e", outcome.logitError, outcome.layerError),
      "(\(outcome.worstLayer)),",
      "\(outcome.comparedLayers) of \(outcome.referenceLayers) layers compared"
    )
    guard let path = FullSizeTests.environment["DESCENT_ZOO_FIGURES"] else { return }
    let figures: [String: Any] = [
      "architecture": item.architecture, "reference": item.file,
      "logits": outcome.logitError, "layers": outcome.layerError,
      "compared": outcome.comparedLayers, "of": outcome.referenceLayers,
    ]
    var line = try JSONSerialization.data(withJSONObject: figures, options: .sortedKeys)
    line.append(UInt8(ascii: "\n"))
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    let file = try #require(FileHandle(forWritingAtPath: path))
    try file.seekToEnd()
    try file.write(contentsOf: line)
    try file.close()
  }
}
