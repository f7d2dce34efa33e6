import ArgumentParser
import Dashboard

/// How the dashboard looks.
struct ScreenOptions: ParsableArguments {
  @Option(help: "Theme to begin with: a name, or a .toml file.")
  var theme: String?

  @Option(help: "Symbols curves are drawn with: braille, blocks or ascii.")
  var symbols: SymbolSet = .automatic

  @Flag(help: "Leave the mouse to the terminal.")
  var noMouse = false

  /// The themes there are and the name of the one to begin with.
  ///
  /// - Throws: `ThemeError` for a theme file with a fault; `UsageError` for an unknown name.
  func themes() throws -> (themes: [Theme], first: String) {
    let catalog = ThemeCatalog(directories: ThemeLocation.directories)
    if let error = catalog.errors.first { throw error }
    guard let theme else { return (catalog.themes, Theme.standard.name) }
    if theme.hasSuffix(".toml") {
      let loaded = try ThemeCatalog.load(theme)
      return ([loaded] + catalog.themes.filter { $0.name != loaded.name }, loaded.name)
    }
    guard let found = catalog.theme(named: theme) else {
      throw UsageError.unknownTheme(name: theme, known: catalog.themes.map(\.name))
    }
    return (catalog.themes, found.name)
  }
}
