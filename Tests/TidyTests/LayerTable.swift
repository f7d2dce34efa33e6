import Foundation

/// The table of layers in docs/ARCHITECTURE.md: what a folder of Sources may import.
struct LayerTable {
  /// One row of the table.
  struct Layer {
    let name: String
    /// Targets and products it may depend on.
    let dependencies: [String]
    /// Modules of the system and the toolchain.
    let systemModules: [String]
    /// Its line in the page.
    let line: Int

    var imports: Set<String> { Set(dependencies + systemModules) }
  }

  static let page = TextFile("docs/ARCHITECTURE.md")

  /// The rows, lowest layer first.
  let layers: [Layer]

  init() {
    layers = LayerTable.page.lines.compactMap { line in
      let cells = line.text.split(separator: "|", omittingEmptySubsequences: false)
      guard cells.count == 6, let name = LayerTable.names(in: cells[1]).first else { return nil }
      return Layer(
        name: name,
        dependencies: LayerTable.names(in: cells[2]),
        systemModules: LayerTable.names(in: cells[3]),
        line: line.number
      )
    }
  }

  /// The layer a file of Sources belongs to.
  func layer(of file: TextFile) -> Layer? {
    let parts = file.path.split(separator: "/")
    guard parts.count > 2, parts[0] == "Sources" else { return nil }
    return layers.first { $0.name == parts[1] }
  }

  /// What stands between backticks.
  private static func names(in cell: Substring) -> [String] {
    cell.matches(of: /`(\w+)`/).map { String($0.1) }
  }
}

/// The targets of the manifest and what they depend on.
enum Manifest {
  static let file = TextFile("Package.swift")

  /// Dependencies of each target that is not a test's.
  static let dependencies: [String: Set<String>] = {
    let target =
      #/
        \.(?:target|executableTarget|systemLibrary)\(\s*
        name:\s"(\w+)"(?:,\s*dependencies:\s\[([^\]]*)\])?
      /#
    var found: [String: Set<String>] = [:]
    for match in file.text.matches(of: target) {
      let list = String(match.2 ?? "").replacing(/package: "[^"]*"/, with: "")
      found[String(match.1)] = Set(list.matches(of: /"(\w+)"/).map { String($0.1) })
    }
    return found
  }()
}
