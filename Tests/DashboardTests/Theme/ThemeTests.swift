import Foundation
import Terminal
import Testing

@testable import Dashboard

@Suite
struct ThemeTests {
  private static let directory = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "themes").path

  private static let shipped = ThemeCatalog(directories: [directory]).themes

  private func theme(_ name: String) throws -> Theme {
    try #require(Self.shipped.first { $0.name == name })
  }

  private func roles(_ lines: [String: String] = [:], without missing: String? = nil) -> String {
    var text = "name = \"Test\"\n[colors]\n"
    for role in ThemeRole.allCases where role.rawValue != missing {
      text += "\(role.rawValue) = \(lines[role.rawValue] ?? "\"#102030\"")\n"
    }
    let palette = Array(repeating: "\"#ffffff\"", count: 10).joined(separator: ", ")
    return text + "[runs]\npalette = [\(palette)]\n"
  }

  private func error(_ text: String) -> ThemeError? {
    do {
      _ = try ThemeFile.parse(text, file: "test.toml")
      return nil
    } catch {
      return error
    }
  }

  @Test
  func `the themes that ship load`() {
    let catalog = ThemeCatalog(directories: [Self.directory])
    #expect(catalog.errors.isEmpty)
    #expect(
      catalog.themes.map(\.name) == [
        "Colour-blind safe", "Descent dark", "Descent light", "High contrast",
      ]
    )
  }

  @Test
  func `the roles are documented`() throws {
    let readme = try String(contentsOfFile: Self.directory + "/README.md", encoding: .utf8)
    for role in ThemeRole.allCases { #expect(readme.contains("`\(role.rawValue)`")) }
  }

  @Test
  func `the compiled-in theme is the same as its file`() throws {
    let file = try ThemeCatalog.load(Self.directory + "/descent-dark.toml")
    #expect(file == Theme.standard)
  }

  @Test
  func `without files there is still a theme`() {
    let catalog = ThemeCatalog(directories: ["/nowhere"])
    #expect(catalog.themes == [.standard])
    #expect(catalog.theme(named: "descent DARK") == .standard)
    #expect(catalog.theme(named: "none") == nil)
  }

  @Test
  func `walking on from the last theme reaches the first`() {
    let catalog = ThemeCatalog(directories: [Self.directory])
    var theme = catalog.themes[0]
    for _ in catalog.themes { theme = catalog.theme(after: theme) }
    #expect(theme == catalog.themes[0])
  }

  @Test(arguments: shipped.map(\.name))
  func `text and curves stand out from the background`(name: String) throws {
    let theme = try theme(name)
    let background = try #require(theme.colors[.background])
    for role in ThemeRole.allCases {
      let color = try #require(theme.colors[role])
      switch role {
      case .background, .selection: break
      case .selectionText:
        #expect(color.contrast(to: try #require(theme.colors[.selection])) >= 4.5)
      case .faint:
        #expect((1.3..<4.5).contains(color.contrast(to: background)), "\(theme.name) faint")
      default:
        #expect(color.contrast(to: background) >= 4.5, "\(theme.name) \(role)")
      }
    }
    for color in theme.palette {
      #expect(color.contrast(to: background) >= 3, "\(theme.name) \(color)")
    }
  }

  @Test(arguments: shipped.map(\.name))
  func `runs are told apart with every common kind of colour vision`(name: String) throws {
    let theme = try theme(name)
    for (index, first) in theme.palette.enumerated() {
      for second in theme.palette[(index + 1)...] {
        for vision in ColorVision.allCases {
          let difference = vision.difference(first, second)
          #expect(difference >= 15, "\(theme.name): \(first) \(second) \(vision)")
        }
      }
    }
  }

  @Test
  func `a role can be left to the terminal`() throws {
    let theme = try ThemeFile.parse(roles(["background": "\"default\""]), file: "test.toml")
    #expect(theme.colors[.background] == nil)
    #expect(theme.style(.text).background == nil)
    #expect(theme.style(.text).foreground == Color(red: 0x10, green: 0x20, blue: 0x30))
  }

  @Test
  func `a missing role is named`() {
    let error = error(roles(without: "best"))
    #expect(error?.reason == .missingRole(.best))
    #expect(error?.description == "test.toml:2: [colors] has no colour for the role best.")
  }

  @Test
  func `an unknown role is told with its line and the nearest`() {
    let text = roles().replacing("train =", with: "trian =")
    let error = error(text)
    #expect(error?.reason == .unknownRole("trian", nearest: .train))
    #expect(error?.line == 8)
  }

  @Test(arguments: ["\"blue\"", "\"#12345\"", "\"#12345g\"", "7", "[1]"])
  func `a colour that is none is told with its line`(value: String) {
    let error = error(roles(["text": value]))
    #expect(error?.line == 4)
    guard case .badColor(role: "text", value: _)? = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test
  func `a file that is not TOML is told with its line`() {
    let error = error("name = \"a\"\n[colors\n")
    #expect(error?.line == 2)
    guard case .syntax? = error?.reason else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test
  func `a short palette is told`() {
    let text = roles().replacing(", \"#ffffff\"]", with: "]")
    #expect(error(text)?.reason == .paletteTooShort(count: 9, needed: 10))
  }

  @Test
  func `what a theme does not have is told`() {
    #expect(error("title = \"a\"\n" + roles())?.reason == .unknownKey("title"))
    #expect(error(roles().replacing("name = \"Test\"", with: ""))?.reason == .missingName)
    #expect(error("name = \"a\"")?.reason == .missingTable("colors"))
  }

  @Test
  func `a file that is not there is told`() {
    #expect(throws: ThemeError.self) { try ThemeCatalog.load("/nowhere/theme.toml") }
  }

  @Test
  func `without colours no style has one`() {
    let theme = Theme.standard.adapted(to: .none)
    for role in ThemeRole.allCases {
      #expect(theme.style(role).foreground == nil)
      #expect(theme.style(role).background == nil)
    }
    #expect(theme.style(.selection).attributes.contains(.reverse))
    #expect(theme.runStyle(3) == Style())
  }

  @Test
  func `colours of runs repeat after the last`() {
    let theme = Theme.standard
    #expect(theme.runStyle(0) == theme.runStyle(theme.palette.count))
    #expect(theme.runStyle(-1) == theme.runStyle(theme.palette.count - 1))
  }
}
