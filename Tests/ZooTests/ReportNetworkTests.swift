import Engine
import Foundation
import Testing
import Zoo

/// Counts, names and shapes of the reports' networks, Keras' and the transformers, against a table
/// that the reference implementations printed.
@Suite
struct ReportNetworkTests {
  /// A line of the table; see Fixtures/README.md.
  struct Reference: Sendable, CustomTestStringConvertible {
    let name: String
    let input: Shape
    let classes: Int
    let trainable: Int
    let statistics: Int
    let multiplyAdds: Int
    let tensors: Int
    let hash: String
    let first: String
    let last: String

    init(_ line: Substring) {
      let fields = line.split(separator: " ").map(String.init)
      let numbers = fields.map { Int($0) ?? 0 }
      name = fields[0]
      input = Shape(fields[1].split(separator: "x").compactMap { Int($0) })
      classes = numbers[2]
      trainable = numbers[3]
      statistics = numbers[4]
      multiplyAdds = numbers[5]
      tensors = numbers[6]
      hash = fields[7]
      first = fields[8]
      last = fields[9]
    }

    var testDescription: String { "\(name), \(input), \(classes)" }
  }

  static let references: [Reference] = {
    let path = Bundle.module.bundlePath + "/Fixtures/report-networks.txt"
    let text = FileManager.default.contents(atPath: path) ?? Data()
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map(Reference.init)
  }()

  @Test
  func `the table is whole`() {
    #expect(Self.references.count == 58)
  }

  @Test(arguments: references)
  func `counts and tensors are the reference's`(_ reference: Reference) throws {
    let graph = try graph(reference.name, reference.input, classes: reference.classes)
    #expect(graph.parameterCounts.trainable == reference.trainable)
    #expect(graph.parameterCounts.statistics == reference.statistics)
    #expect(graph.multiplyAdds == reference.multiplyAdds)
    #expect(graph.outputShape == .vector(reference.classes))

    let lines = graph.tensorListing
    #expect(lines.count == reference.tensors)
    #expect(lines.first?.split(separator: " ").first.map(String.init) == reference.first)
    #expect(lines.last?.split(separator: " ").first.map(String.init) == reference.last)
    let hash = hashText(lines.joined(separator: "\n"))
    #expect(hash == reference.hash, "names and shapes:\n\(lines.joined(separator: "\n"))")
  }

  private func graph(_ name: String, _ input: Shape, classes: Int) throws -> Graph {
    try #require(Catalog.architecture(named: name)).graph(inputShape: input, classes: classes)
  }
}
