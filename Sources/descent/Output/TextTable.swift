import Terminal

/// Columns of text, aligned by their width on a terminal.
enum TextTable {
  /// One line a row; columns are right-aligned but for those named.
  static func lines(_ rows: [[String]], leftAligned: Set<Int>) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? displayWidth(of: $0[column]) : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, text in
        let blank = String(repeating: " ", count: widths[column] - displayWidth(of: text))
        return leftAligned.contains(column) ? text + blank : blank + text
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}
