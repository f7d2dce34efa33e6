import Terminal

/// Why a theme file cannot be used: which file, which line, which role.
nonisolated package struct ThemeError: Error, Hashable, CustomStringConvertible {
  package enum Reason: Hashable, Sendable {
    case unreadable(String)
    /// Not TOML; the parser's words.
    case syntax(String)
    case missingName
    case missingRole(ThemeRole)
    case unknownRole(String, nearest: String)
    case badColor(role: String, value: String)
    case badPalette(String)
  }

  package var file: String
  /// The first line is 1; nil where no line is at fault.
  package var line: Int?
  package var reason: Reason

  package var description: String {
    let place = line.map { "\(file):\($0)" } ?? file
    return "\(place): \(sentence)"
  }

  private var sentence: String {
    switch reason {
    case .unreadable(let why): "the file cannot be read: \(why)"
    case .syntax(let why): "not valid TOML: \(why)"
    case .missingName: "the theme has no name; give it one, such as name = \"Dusk\""
    case .missingRole(let role): "[colors] has no color for the role \(role.rawValue)"
    case .unknownRole(let role, let nearest):
      "\(role) is not a role; did you mean \(nearest)?"
    case .badColor(let role, let value):
      "\(role) is \(value), but a color is written \"#rrggbb\" or \"default\""
    case .badPalette(let why): "the palette of [runs] \(why)"
    }
  }
}

/// Reads themes from TOML.
nonisolated package enum ThemeFile {
  /// The theme in `text`; `file` is only named in errors.
  package static func parse(_ text: String, file: String) throws(ThemeError) -> Theme {
    throw ThemeError(file: file, line: nil, reason: .missingName)
  }
}
