import Testing

/// Every operation of the engine is built and run by a test of the engine.
@Suite
struct OperationTests {
  @Test
  func `every operation is exercised`() {
    let tests = SourceTree.files(in: "Tests/EngineTests").filter(\.isSwift).map(\.text).joined()
    for file in SourceTree.files(in: "Sources/Engine/Operations") {
      let text = file.text
      guard text.contains(/struct \w+: .*(?:Operation|FusesActivation)\b/) else { continue }
      let builders = text.matches(of: /package func (\w+)\(/).map { String($0.1) }
      if builders.isEmpty {
        file.fault("no function of GraphBuilder adds it; write one in this file")
      }
      for builder in builders where !tests.contains(".\(builder)(") {
        file.fault(
          "no test in Tests/EngineTests calls \(builder)(…); declare its shapes in the gradient "
            + "tests and its values in the PyTorch tests"
        )
      }
    }
  }

  @Test
  func `every architecture is in the catalogue`() {
    let catalog = TextFile("Sources/Zoo/Catalog.swift").text
    for file in SourceTree.files(in: "Sources/Zoo", deep: false) {
      let named = file.text.matches(of: /(?m)^let (\w+) = (?:Architecture\(|\[$)/)
      for match in named where !catalog.contains(match.1) {
        file.fault("\(match.1) is not in Catalog.architectures; add it there")
      }
    }
  }
}
