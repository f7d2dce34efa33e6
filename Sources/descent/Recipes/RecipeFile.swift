import Foundation
import TOMLKit
import Telemetry

/// Recipes as TOML files.
enum RecipeFile {
  /// The settings of an included recipe, or of a file.
  ///
  /// - Throws: `RecipeFileError`.
  static func draft(named name: String) throws(RecipeFileError) -> RecipeDraft {
    if let included = IncludedRecipe.named(name) {
      return try parse(included.text, file: included.name)
    }
    guard FileManager.default.fileExists(atPath: name) else {
      let nearest = Spelling.nearest(to: name, among: IncludedRecipe.names)
      throw RecipeFileError(file: name, line: nil, reason: .unknownRecipe(nearest: nearest))
    }
    do {
      return try parse(try String(contentsOfFile: name, encoding: .utf8), file: name)
    } catch let error as RecipeFileError {
      throw error
    } catch {
      throw RecipeFileError(file: name, line: nil, reason: .unreadable)
    }
  }

  /// The settings in `text`; `file` is only named in errors.
  ///
  /// - Throws: `RecipeFileError`, for a key that no recipe has as well.
  static func parse(_ text: String, file: String) throws(RecipeFileError) -> RecipeDraft {
    try RecipeReader(text: text, file: file).draft()
  }

  /// Writes all settings of a recipe.
  ///
  /// - Throws: `RecipeFileError`.
  static func save(_ recipe: Recipe, to path: String) throws(RecipeFileError) {
    do {
      try RecipeWriter.text(of: recipe).write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw RecipeFileError(file: path, line: nil, reason: .unwritable)
    }
  }
}

/// One file while it is read.
private struct RecipeReader {
  let text: String
  let file: String

  /// A line of prose that a file may begin with.
  private static let note = "description"

  func draft() throws(RecipeFileError) -> RecipeDraft {
    let table = try table()
    var draft = RecipeDraft()
    for name in table.keys.sorted() where name != RecipeReader.note {
      guard let section = table[name]?.table else {
        try read(table, name, section: nil, into: &draft)
        continue
      }
      guard RecipeKey.sections.contains(name) else {
        let nearest = Spelling.nearest(to: name, among: RecipeKey.sections)
        throw error(.unknownSection(name, nearest: nearest), name, section: nil)
      }
      for key in section.keys.sorted() { try read(section, key, section: name, into: &draft) }
    }
    return draft
  }

  private func table() throws(RecipeFileError) -> TOMLTable {
    do {
      return try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw RecipeFileError(
        file: file,
        line: error.source.begin.line,
        reason: .syntax(error.description)
      )
    } catch {
      throw RecipeFileError(file: file, line: nil, reason: .syntax("\(error)"))
    }
  }

  private func read(
    _ table: TOMLTable,
    _ name: String,
    section: String?,
    into draft: inout RecipeDraft
  ) throws(RecipeFileError) {
    let path = section.map { "\($0).\(name)" } ?? name
    guard let key = RecipeKey(rawValue: path) else {
      throw error(.unknownKey(path, nearest: nearest(to: name, section)), name, section: section)
    }
    guard let text = table[name].flatMap({ RecipeReader.text(of: $0, key.form) }) else {
      throw error(.wrongType(path, key.form), name, section: section)
    }
    let line = line(of: name, section: section).map { ":\($0)" } ?? ""
    draft.set(key, text, label: "\(path) (\(file)\(line))")
  }

  /// A value as an option spells it; nil for one of another type.
  private static func text(
    of value: any TOMLValueConvertible,
    _ form: RecipeKey.Form
  ) -> String? {
    switch form {
    case .text: return value.string
    case .truth: return value.bool.map(String.init)
    case .number: return number(value) ?? value.string
    case .list:
      guard let array = value.array else { return value.string }
      let parts = array.compactMap { $0.string ?? number($0) }
      guard parts.count == array.count else { return nil }
      return parts.isEmpty ? "none" : parts.joined(separator: ",")
    }
  }

  private static func number(_ value: any TOMLValueConvertible) -> String? {
    value.int.map { String($0) } ?? value.double.map { "\($0)" }
  }

  /// The key that may have been meant: one of this section, if its name is as near as any.
  private func nearest(to name: String, _ section: String?) -> String? {
    let own = RecipeKey.allCases.filter { $0.section == section }
    let others = RecipeKey.allCases.filter { $0.section != section }
    guard let found = Spelling.nearest(to: name, among: (own + others).map(\.name)) else {
      return nil
    }
    return (own + others).first { $0.name == found }?.rawValue
  }

  private func error(
    _ reason: RecipeFileError.Reason,
    _ name: String,
    section: String?
  ) -> RecipeFileError {
    RecipeFileError(file: file, line: line(of: name, section: section), reason: reason)
  }

  /// The line on which the section gives the key a value, or on which the section of that name
  /// begins.
  ///
  /// The parser does not tell it.
  private func line(of name: String, section: String?) -> Int? {
    var current: String?
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let trimmed = line.drop { $0 == " " || $0 == "\t" }
      if trimmed.hasPrefix("[") {
        current = String(trimmed.dropFirst().prefix { $0 != "]" })
        if section == nil, current == name { return index + 1 }
      }
      let key = trimmed.prefix { $0 != "=" && $0 != " " && $0 != "\t" }
      if current == section, key == name { return index + 1 }
      if current == nil, let section, key == "\(section).\(name)" { return index + 1 }
    }
    return nil
  }
}

/// What is wrong with a recipe file.
struct RecipeFileError: Error, Hashable, CustomStringConvertible {
  enum Reason: Hashable {
    case unknownRecipe(nearest: String?)
    case unreadable
    case unwritable
    case syntax(String)
    case unknownSection(String, nearest: String?)
    case unknownKey(String, nearest: String?)
    case wrongType(String, RecipeKey.Form)
  }

  let file: String
  let line: Int?
  let reason: Reason

  var description: String {
    let place = file + (line.map { ":\($0)" } ?? "")
    switch reason {
    case .unknownRecipe(let nearest):
      return "there is no recipe '\(file)', included or a file"
        + (nearest.map { "; did you mean '\($0)'?" } ?? "; 'descent train --help' lists them")
    case .unreadable: return "the recipe \(file) cannot be read"
    case .unwritable: return "the recipe \(file) cannot be written"
    case .syntax(let problem):
      return "\(place): \(problem.split(separator: "\n").first ?? "this is no TOML")"
    case .unknownSection(let name, let nearest):
      return "\(place): a recipe has no section [\(name)]"
        + (nearest.map { "; did you mean [\($0)]?" } ?? "")
    case .unknownKey(let key, let nearest):
      return "\(place): a recipe has no key '\(key)'"
        + (nearest.map { "; did you mean '\($0)'?" } ?? "")
    case .wrongType(let key, let form):
      return "\(place): \(key) wants \(form.words)"
    }
  }
}

extension RecipeKey.Form {
  fileprivate var words: String {
    switch self {
    case .text: "a text in quotes"
    case .number: "a number"
    case .truth: "true or false"
    case .list: "a list in brackets"
    }
  }
}
