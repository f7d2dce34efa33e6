/// The columns of a diagram: the drawing, the layers' names, the shapes, and brackets round what
/// repeats.
struct DiagramLayout {
  let width: Int
  /// Columns a drawing may take.
  var drawing: Int { width - bracket }
  /// Room at the right for ` ┐ x 12`.
  private let bracket = 7
  /// Where names begin if the drawing leaves them room.
  private var names: Int { width / 2 }

  init(width: Int) {
    self.width = max(width, 40)
  }

  /// One line; a name that finds no room is left out, a shape goes under a drawing too wide for it.
  func line(_ drawing: String, name: String, shape: String) -> String {
    var text = DiagramDrawing.trimmed(drawing)
    let end = self.drawing
    let room = end - (shape.isEmpty ? 0 : shape.count + 2)
    if !name.isEmpty {
      let start = max(names, text.count + 2)
      let short = DiagramLayout.shortened(name, to: room - start)
      if !short.isEmpty { text = DiagramDrawing.padded(text, to: start) + short }
    }
    if !shape.isEmpty, text.count + 2 + shape.count <= end {
      text = DiagramDrawing.padded(text, to: end - shape.count) + shape
    }
    return text
  }

  /// The name, or as many of its last parts as find room; nothing where none does.
  private static func shortened(_ name: String, to room: Int) -> String {
    var rest = Substring(name)
    while rest.count + (rest.count < name.count ? 1 : 0) > room {
      guard let separator = rest.firstIndex(where: { $0 == "." || $0 == "_" }) else { return "" }
      rest = rest[rest.index(after: separator)...]
    }
    return rest.count < name.count ? "…" + rest : name
  }

  /// Lines with a bracket at the right edge that says how often they come.
  func bracketed(_ lines: [String], count: Int) -> [String] {
    lines.enumerated().map { index, line in
      let padded = DiagramDrawing.padded(line, to: drawing)
      if lines.count == 1 { return padded + "   x \(count)" }
      return padded + (index == 0 ? " ┐ x \(count)" : index == lines.count - 1 ? " ┘" : " │")
    }
  }
}
