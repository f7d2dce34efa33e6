import TOMLKit
import Terminal

/// Reads themes from TOML and checks them whole: a theme that loads has every role.
nonisolated package enum ThemeFile {
  /// Fewest colours of a palette.
  package static let paletteMinimum = 10

  /// The theme in `text`; `file` is only named in errors.
  package static func parse(_ text: String, file: String) throws(ThemeError) -> Theme {
    let reader = ThemeReader(text: text, file: file)
    let table = try reader.parse()
    for key in table.keys.sorted() where !["name", "colors", "runs"].contains(key) {
      throw reader.error(.unknownKey(key), key: key, section: nil)
    }
    guard let name = table["name"]?.string, !name.isEmpty else {
      throw reader.error(.missingName, key: "name", section: nil)
    }
    return Theme(
      name: name,
      colors: try reader.colors(in: table),
      palette: try reader.palette(in: table)
    )
  }
}

/// One theme file while it is read.
nonisolated private struct ThemeReader {
  let text: String
  let file: String

  func parse() throws(ThemeError) -> TOMLTable {
    do {
      return try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw ThemeError(
        file: file,
        line: error.source.begin.line,
        reason: .syntax(error.description)
      )
    } catch {
      throw ThemeError(file: file, line: nil, reason: .syntax("\(error)"))
    }
  }

  func colors(in table: TOMLTable) throws(ThemeError) -> [ThemeRole: Color] {
    guard let section = table["colors"]?.table else {
      throw error(.missingTable("colors"), key: "colors", section: nil)
    }
    for key in section.keys.sorted() where ThemeRole(rawValue: key) == nil {
      throw error(.unknownRole(key, nearest: nearestRole(to: key)), key: key, section: "colors")
    }
    var colors: [ThemeRole: Color] = [:]
    for role in ThemeRole.allCases {
      let name = role.rawValue
      guard let value = section[name] else {
        throw ThemeError(file: file, line: line(of: "[colors]"), reason: .missingRole(role))
      }
      if value.string == "default" { continue }
      guard let color = value.string.flatMap(Color.init(hexText:)) else {
        throw error(.badColor(role: name, value: spelled(value)), key: name, section: "colors")
      }
      colors[role] = color
    }
    return colors
  }

  func palette(in table: TOMLTable) throws(ThemeError) -> [Color] {
    guard let section = table["runs"]?.table else {
      throw error(.missingTable("runs"), key: "runs", section: nil)
    }
    for key in section.keys.sorted() where key != "palette" {
      throw error(.unknownKey("runs." + key), key: key, section: "runs")
    }
    var palette: [Color] = []
    for value in section["palette"]?.array ?? TOMLArray() {
      guard let color = value.string.flatMap(Color.init(hexText:)) else {
        let text = spelled(value)
        let line = line(of: text) ?? line(ofKey: "palette", section: "runs")
        throw ThemeError(file: file, line: line, reason: .badColor(role: "runs", value: text))
      }
      palette.append(color)
    }
    guard palette.count >= ThemeFile.paletteMinimum else {
      throw error(
        .paletteTooShort(count: palette.count, needed: ThemeFile.paletteMinimum),
        key: "palette",
        section: "runs"
      )
    }
    return palette
  }

  func error(_ reason: ThemeError.Reason, key: String, section: String?) -> ThemeError {
    ThemeError(file: file, line: line(ofKey: key, section: section), reason: reason)
  }

  private func spelled(_ value: any TOMLValueConvertible) -> String {
    value.string.map { "\"\($0)\"" } ?? value.debugDescription
  }

  private func nearestRole(to name: String) -> ThemeRole {
    ThemeRole.allCases.min {
      editDistance(name, $0.rawValue) < editDistance(name, $1.rawValue)
    } ?? .text
  }

  /// The line on which the section gives the key a value.
  ///
  /// The parser does not tell it.
  private func line(ofKey key: String, section: String?) -> Int? {
    var current: String?
    for (index, line) in lines.enumerated() {
      let trimmed = line.drop { $0 == " " || $0 == "\t" }
      if trimmed.hasPrefix("[") {
        current = String(trimmed.dropFirst().prefix { $0 != "]" })
        if section == nil, current == key { return index + 1 }
      }
      let name = trimmed.prefix { $0 != "=" && $0 != " " && $0 != "\t" }
      if current == section, name == key { return index + 1 }
    }
    return nil
  }

  private func line(of part: String) -> Int? {
    lines.firstIndex { $0.contains(part) }.map { $0 + 1 }
  }

  private var lines: [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }
}

/// Insertions, deletions and replacements that turn one word into the other.
nonisolated private func editDistance(_ left: String, _ right: String) -> Int {
  let right = Array(right)
  var row = Array(0...right.count)
  for (index, character) in left.enumerated() {
    var diagonal = row[0]
    row[0] = index + 1
    for column in right.indices {
      let kept = diagonal + (right[column] == character ? 0 : 1)
      diagonal = row[column + 1]
      row[column + 1] = min(kept, row[column] + 1, row[column + 1] + 1)
    }
  }
  return row[right.count]
}

extension Color {
  /// A colour from `#rrggbb`; nil for anything else.
  nonisolated init?(hexText text: String) {
    guard text.utf8.count == 7, text.first == "#", text.dropFirst().allSatisfy(\.isHexDigit),
      let value = UInt32(text.dropFirst(), radix: 16)
    else { return nil }
    self.init(hex: value)
  }
}
