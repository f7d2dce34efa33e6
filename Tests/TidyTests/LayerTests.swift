import Testing

/// Imports keep to the table of layers in docs/ARCHITECTURE.md.
@Suite
struct LayerTests {
  private let table = LayerTable()

  @Test
  func `a layer imports only what its row names`() {
    for file in SourceTree.swiftFiles where file.path.hasPrefix("Sources/") {
      guard let layer = table.layer(of: file) else {
        file.fault("its folder has no row in \(LayerTable.page.path)")
        continue
      }
      for line in file.code where line.text.contains("import ") {
        guard let found = line.text.firstMatch(of: importLine) else { continue }
        let module = String(found.1)
        guard module != layer.name, !layer.imports.contains(module) else { continue }
        file.fault(
          "\(layer.name) may not import \(module); its row in \(LayerTable.page.path) allows "
            + layer.imports.sorted().joined(separator: ", "),
          line: line.number
        )
      }
    }
  }

  @Test
  func `a layer depends only on layers above its row`() {
    var above: Set<String> = []
    let all = Set(table.layers.map(\.name))
    for layer in table.layers {
      for dependency in layer.dependencies where all.contains(dependency) {
        guard !above.contains(dependency) else { continue }
        LayerTable.page.fault(
          "\(layer.name) depends on \(dependency), whose row comes later",
          line: layer.line
        )
      }
      above.insert(layer.name)
    }
  }

  @Test
  func `the table and the manifest say the same`() {
    let manifest = Manifest.dependencies.filter { $0.key != "TestSupport" }
    #expect(Set(table.layers.map(\.name)) == Set(manifest.keys))
    for layer in table.layers {
      guard let declared = manifest[layer.name], declared != Set(layer.dependencies) else {
        continue
      }
      LayerTable.page.fault(
        "the row of \(layer.name) differs from Package.swift, where it depends on "
          + declared.sorted().joined(separator: ", "),
        line: layer.line
      )
    }
  }

  @Test
  func `arithmetic does without Foundation`() {
    for name in ["Kernels", "Engine", "Zoo", "Telemetry"] {
      let layer = table.layers.first { $0.name == name }
      #expect(layer?.imports.contains("Foundation") == false, "\(name)")
    }
  }

  private var importLine: Regex<(Substring, Substring)> {
    #/
      ^(?:@\w+\ )? (?:(?:package|public|private|fileprivate|internal)\ )?
      import\ (?:(?:struct|class|enum|func|protocol|typealias|var|let)\ )? (\w+)
    /#
  }
}
