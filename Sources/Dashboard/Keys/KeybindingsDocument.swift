/// The text of docs/KEYBINDINGS.md, made from the key table.
nonisolated package func keybindingsDocument(_ table: KeyTable = .standard) -> String {
  var lines = [
    "# Keys of the dashboard",
    "",
    "This page is made from the key table of the program, as are the help (`?`) and the hints",
    "at the foot of every screen. Keys marked *live* do something only while the run is trained.",
  ]
  for context in KeyContext.allCases {
    let rows = table.bindings.filter { $0.context == context }
    guard !rows.isEmpty else { continue }
    lines += ["", "## \(context.title)"]
    for section in sections(of: rows) {
      lines += ["", "| \(section) | |", "|---|---|"]
      for row in rows where row.section == section {
        lines.append("| \(keys(of: row)) | \(escaped(row.explanation))\(live(row)) |")
      }
    }
  }
  return lines.joined(separator: "\n") + "\n"
}

/// The headings of these rows, each once, in the order of the table.
nonisolated func sections(of rows: [KeyBinding]) -> [String] {
  var told: Set<String> = []
  return rows.map(\.section).filter { told.insert($0).inserted }
}

nonisolated private func keys(of row: KeyBinding) -> String {
  row.strokes.map { "`\(escaped(keyName($0.key)))`" }.joined(separator: " ")
}

nonisolated private func live(_ row: KeyBinding) -> String {
  row.needsLiveRun ? " *live*" : ""
}

/// Escapes what would end a cell of a Markdown table or start emphasis.
nonisolated private func escaped(_ text: String) -> String {
  text.replacing("|", with: "\\|").replacing("*0.3", with: "\\*0.3")
}
