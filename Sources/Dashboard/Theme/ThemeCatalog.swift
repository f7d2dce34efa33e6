import Foundation

/// The themes there are: the compiled-in one and those found in files.
nonisolated package struct ThemeCatalog: Sendable {
  /// Sorted by name; never empty.
  package let themes: [Theme]
  /// Files that could not be used.
  package let errors: [ThemeError]

  /// Reads every `*.toml` file of the directories.
  ///
  /// Of two themes with a name the one found first holds, so directories go from the user's own
  /// to the program's; the compiled-in theme comes last. Directories that are not there are left
  /// out.
  package init(directories: [String] = []) {
    var themes: [Theme] = []
    var errors: [ThemeError] = []
    for path in directories.flatMap(ThemeCatalog.files) {
      do {
        themes.append(try ThemeCatalog.load(path))
      } catch {
        errors.append(error)
      }
    }
    var names: Set<String> = []
    self.themes = (themes + [.standard]).filter { names.insert($0.name.lowercased()).inserted }
      .sorted { $0.name < $1.name }
    self.errors = errors
  }

  /// Reads one file.
  package static func load(_ path: String) throws(ThemeError) -> Theme {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw ThemeError(
        file: path,
        line: nil,
        reason: .unreadable((error as NSError).localizedDescription)
      )
    }
    return try ThemeFile.parse(text, file: path)
  }

  /// The theme of this name, compared without case.
  package func theme(named name: String) -> Theme? {
    themes.first { $0.name.lowercased() == name.lowercased() }
  }

  /// The theme after this one, the first after the last.
  package func theme(after theme: Theme) -> Theme {
    let index = themes.firstIndex { $0.name == theme.name } ?? -1
    var next = themes[(index + 1) % themes.count]
    next.isMonochrome = theme.isMonochrome
    return next
  }

  private static func files(in directory: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return names.filter { $0.hasSuffix(".toml") }.sorted()
      .map { (directory as NSString).appendingPathComponent($0) }
  }
}
