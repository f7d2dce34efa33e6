/// Why a theme file cannot be used: which file, which line, which role.
nonisolated package struct ThemeError: Error, Hashable, CustomStringConvertible {
  package enum Reason: Hashable, Sendable {
    /// The system's words.
    case unreadable(String)
    /// Not TOML; the parser's words.
    case syntax(String)
    case missingName
    case missingTable(String)
    case unknownKey(String)
    case missingRole(ThemeRole)
    case unknownRole(String, nearest: ThemeRole)
    /// The value as the file has it.
    case badColor(role: String, value: String)
    case paletteTooShort(count: Int, needed: Int)
  }

  package var file: String
  /// The first line is 1; nil where no line is at fault.
  package var line: Int?
  package var reason: Reason

  /// One sentence that names the place, what is wrong and what would be right.
  package var description: String {
    let place = line.map { "\(file):\($0)" } ?? file
    return "\(place): \(sentence)"
  }

  private var sentence: String {
    switch reason {
    case .unreadable(let why): "The theme cannot be read: \(why)."
    case .syntax(let why): "Not valid TOML: \(why)."
    case .missingName: "The theme has no name; give it one, such as name = \"Dusk\"."
    case .missingTable(let table): "The table [\(table)] is missing."
    case .unknownKey(let key): "\(key) is not part of a theme; there are name, [colors] and [runs]."
    case .missingRole(let role): "[colors] has no colour for the role \(role.rawValue)."
    case .unknownRole(let role, let nearest):
      "\(role) is not a role; did you mean \(nearest.rawValue)?"
    case .badColor(let role, let value):
      "The colour of \(role) is \(value); write it as \"#rrggbb\", or \"default\" for the "
        + "terminal's own."
    case .paletteTooShort(let count, let needed):
      "The palette of [runs] has \(count) colours; it needs at least \(needed)."
    }
  }
}
