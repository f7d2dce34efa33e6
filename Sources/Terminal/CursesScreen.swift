/// The real terminal, through ncurses. Use it from one thread only, the main one.
package final class CursesScreen: Screen {
  package private(set) var size = Size(columns: 80, rows: 24)
  package private(set) var colorDepth: ColorDepth = .none

  /// Takes the terminal.
  package init(mouse: Bool = true) throws(TerminalError) {
    throw .noTerminal
  }

  package func present(_ canvas: Canvas) {}
  package func nextKey(waiting seconds: Double) -> Key? { nil }

  /// Lines that the process has written to standard output and error since the last call.
  package func capturedLines() -> [String] { [] }

  /// Gives the terminal back. Does nothing the second time.
  package func close() {}
}
