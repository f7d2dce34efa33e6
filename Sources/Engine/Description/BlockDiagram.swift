/// A network drawn with lines and words, top to bottom: ways side by side where it branches, blocks
/// that repeat drawn once.
package struct BlockDiagram: Sendable {
  private let outline: [Outline]
  private let input: Shape

  package init(_ graph: Graph) {
    outline = OutlineBuilder(graph).outline()
    input = graph.inputShape
  }

  /// The diagram's lines, none wider than `width` columns where words allow it.
  ///
  /// Left the layers, then their names, and at the right the shape of what comes out.
  package func lines(width: Int = 80) -> [String] {
    let layout = DiagramLayout(width: width)
    let top = layout.line("images", name: "", shape: input.description)
    return [top] + drawn(outline, outline, layout)
  }

  /// Elements one under the other; `last` are the same ones at their last repetition.
  private func drawn(
    _ first: [Outline],
    _ last: [Outline],
    _ layout: DiagramLayout
  ) -> [String] {
    zip(first, last).flatMap { first, last -> [String] in
      guard case .repeated(let count, let unit, _) = first, case .repeated(_, _, let end) = last
      else {
        return zip([first], [last]).flatMap { lines($0, $1, layout) }
      }
      return layout.bracketed(drawn(unit, end, layout), count: count)
    }
  }

  private func lines(_ first: Outline, _ last: Outline, _ layout: DiagramLayout) -> [String] {
    let rows =
      switch first {
      case .line(let line): DiagramDrawing.rows(line, width: layout.drawing)
      case .branches(let branches): DiagramDrawing.rows(branches, width: layout.drawing)
      case .cell(let cell): DiagramDrawing.rows(cell, width: layout.drawing)
      case .side(let elements): DiagramDrawing.sideRows(elements, width: layout.drawing)
      case .repeated: [String]()
      }
    let name = LayerNames.range(first.name, last.name)
    return rows.enumerated().map { index, row in
      layout.line(
        row,
        name: index == 0 ? name : "",
        shape: index == rows.count - 1 ? last.shape.description : ""
      )
    }
  }
}
