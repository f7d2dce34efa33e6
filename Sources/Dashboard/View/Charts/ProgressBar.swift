package import Terminal

/// How far something is, on one row.
nonisolated package struct ProgressBar: Hashable, Sendable {
  /// The part done, from 0 to 1.
  package var fraction: Double
  package var style: Style
  /// The part not done; its foreground is the colour of the track.
  package var restStyle: Style
  package var symbols: SymbolSet

  package init(fraction: Double, style: Style, restStyle: Style, symbols: SymbolSet = .braille) {
    self.fraction = fraction
    self.style = style
    self.restStyle = restStyle
    self.symbols = symbols
  }

  private static let eighths: [Character] = Array(" ▏▎▍▌▋▊▉█")

  /// Draws on the rectangle's first row.
  package func draw(in rect: Rect, on canvas: inout Canvas) {
    guard rect.height > 0, rect.width > 0 else { return }
    let share = fraction.isFinite ? max(0, min(1, fraction)) : 0
    let row = Rect(x: rect.x, y: rect.y, width: rect.width, height: 1)
    if symbols == .ascii {
      let done = Int((share * Double(rect.width)).rounded(.down))
      canvas.fill(row, restStyle, character: "-")
      canvas.fill(Rect(x: rect.x, y: rect.y, width: done, height: 1), style, character: "#")
      return
    }
    let eighths = Int((share * Double(rect.width * 8)).rounded(.down))
    // On screens with colours the track is a plain strip behind; on others it is drawn.
    let track = restStyle.foreground.map { Style(foreground: style.foreground, background: $0) }
    canvas.fill(row, track ?? restStyle, character: track == nil ? "░" : " ")
    let done = Rect(x: rect.x, y: rect.y, width: eighths / 8, height: 1)
    canvas.fill(done, style, character: "█")
    if eighths % 8 > 0 {
      canvas.fill(
        Rect(x: done.maxX, y: rect.y, width: 1, height: 1),
        track ?? style,
        character: ProgressBar.eighths[eighths % 8]
      )
    }
  }
}
