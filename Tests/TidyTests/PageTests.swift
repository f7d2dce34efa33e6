import Foundation
import Testing

/// Pages speak of things that are there.
@Suite
struct PageTests {
  @Test
  func `links lead somewhere`() {
    for page in SourceTree.pages {
      for line in page.lines {
        for match in line.text.matches(of: /\]\(([^)\s]+)\)/) {
          check(String(match.1), on: page, line: line.number)
        }
      }
    }
  }

  private func check(_ link: String, on page: TextFile, line: Int) {
    guard !link.contains("://"), !link.hasPrefix("mailto:") else { return }
    let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let folder = page.path.split(separator: "/").dropLast().joined(separator: "/")
    let target =
      parts[0].isEmpty
      ? page.path : (folder.isEmpty ? "" : folder + "/") + parts[0]
    guard SourceTree.exists(target) else {
      page.fault("the link to \(link) leads nowhere", line: line)
      return
    }
    if parts.count == 2, !headings(of: TextFile(target)).contains(String(parts[1])) {
      page.fault("\(target) has no heading for #\(parts[1])", line: line)
    }
  }

  /// The names of a page's headings as links spell them.
  private func headings(of page: TextFile) -> Set<String> {
    Set(
      page.lines.map(\.text).filter { $0.hasPrefix("#") }.map { heading in
        heading.drop { $0 == "#" || $0 == " " }.lowercased()
          .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
          .replacing(" ", with: "-")
      }
    )
  }

  @Test
  func `files that pages name are there`() {
    for page in SourceTree.pages {
      for line in page.lines {
        for match in line.text.matches(of: named) where !SourceTree.exists(String(match.1)) {
          page.fault("there is no \(match.1) any more", line: line.number)
        }
      }
    }
  }

  @Test
  func `commands that pages name are in the Makefile`() {
    let makefile = TextFile("Makefile").text
    for page in SourceTree.pages {
      for line in page.lines {
        let commands = line.text.matches(of: /(?:^|`)make ([a-z-]+)/)
        for match in commands where !makefile.contains("\n\(match.1):") {
          page.fault("the Makefile has no '\(match.1)'", line: line.number)
        }
      }
    }
  }

  @Test
  func `every page of docs can be found from the README or ARCHITECTURE`() {
    let entries = TextFile("README.md").text + TextFile("docs/ARCHITECTURE.md").text
    for page in SourceTree.pages where page.path.hasPrefix("docs/") {
      let name = String(page.path.dropFirst("docs/".count))
      guard name != "ARCHITECTURE.md", !entries.contains(name) else { continue }
      page.fault("neither README.md nor docs/ARCHITECTURE.md links to it")
    }
  }

  /// A path of the package in backticks.
  private var named: Regex<(Substring, Substring)> {
    /`((?:Sources|Tests|Scripts|docs|themes)\/[A-Za-z0-9_+.\/-]+)`/
  }
}
