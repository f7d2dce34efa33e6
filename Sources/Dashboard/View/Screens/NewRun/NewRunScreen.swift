import Telemetry
import Terminal

/// Choosing an architecture and its settings, with what they will cost.
nonisolated struct NewRunScreen {
  var model: DashboardModel
  var appearance: Appearance

  func draw(on canvas: inout Canvas) {
    let layout = NewRunLayout(size: model.size)
    let focus = model.newRun.focus
    drawHeader(layout, on: &canvas)
    if layout.showsList(focus) {
      ArchitectureTable(model: model, appearance: appearance).draw(layout, on: &canvas)
    }
    if layout.showsForm(focus) {
      NewRunPanel(model: model, appearance: appearance).draw(in: layout.form, on: &canvas)
    }
    MessageLine(model: model, appearance: appearance).draw(atY: layout.messageRow, on: &canvas)
    FooterLine(model: model, appearance: appearance).draw(atY: layout.footerRow, on: &canvas)
  }

  private func drawHeader(_ layout: NewRunLayout, on canvas: inout Canvas) {
    var x = 1
    x += canvas.write("New run", x: x, y: 0, style: appearance.style(.accent, .bold)) + 2
    guard layout.showsList(model.newRun.focus) else {
      let name = truncated(
        model.newRun.list.selected ?? "",
        to: max(0, canvas.size.columns - x - 1)
      )
      canvas.write(name, x: x, y: 0, style: appearance.style(.text))
      return
    }
    let list = model.newRun.list
    let all = NumberText.count(list.entries.count)
    let count =
      list.filter.isEmpty
      ? "\(all) architectures" : "\(NumberText.count(list.visible.count)) of \(all)"
    x += canvas.write(count, x: x, y: 0, style: appearance.style(.muted)) + 2
    drawFilter(list.filter, x: x, on: &canvas)
  }

  private func drawFilter(_ filter: String, x: Int, on canvas: inout Canvas) {
    let isTyping = model.newRun.focus == .architecture && model.popup == nil
    guard !filter.isEmpty else {
      let hint = "type to filter"
      guard isTyping, x + displayWidth(of: hint) < canvas.size.columns else { return }
      canvas.write(hint, x: x, y: 0, style: appearance.style(.faint))
      return
    }
    var x = x + canvas.write("filter: ", x: x, y: 0, style: appearance.style(.muted))
    let shown = tail(of: filter, columns: max(1, canvas.size.columns - x - 2))
    x += canvas.write(shown, x: x, y: 0, style: appearance.style(.text))
    if isTyping { canvas.cursor = (x: min(x, canvas.size.columns - 1), y: 0) }
  }
}
