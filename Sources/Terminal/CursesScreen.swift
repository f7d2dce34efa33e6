import CNcurses
import CTerminalGuard
import Glibc

/// The real terminal, through ncurses.
///
/// Use it from one thread only, the main one.
///
/// While it is open, what the process prints is captured instead of shown, and the terminal is
/// restored even when the process faults. Control-Z stops the process with the terminal given
/// back; Control-C arrives as a key.
package final class CursesScreen: Screen {
  package internal(set) var size: Size
  package var colorDepth: ColorDepth { colors.depth }

  private let screen: OpaquePointer
  private let output: UnsafeMutablePointer<FILE>
  let input: UnsafeMutablePointer<FILE>
  private let capture: OutputCapture
  private var colors: CursesColors
  /// What the terminal shows; nil when that is not known.
  var shown: Canvas?
  /// Characters read ahead of their turn.
  var pending: [UInt32] = []
  private(set) var isOpen = true

  /// Takes the terminal of standard input and output.
  ///
  /// With `mouse` off the terminal keeps its own ways of selecting text.
  package init(mouse: Bool = true) throws(TerminalError) {
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { throw .noTerminal }
    let description = try TerminalDescription.choose()
    _ = curses_use_utf8()
    set_escdelay(25)
    terminal_guard_remember()
    terminal_signals_remember()
    let outputDescriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
    let inputDescriptor = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
    guard let output = fdopen(outputDescriptor, "w"), let input = fdopen(inputDescriptor, "r")
    else { throw .system(operation: "fdopen", errorNumber: errno) }
    let screen =
      description.whileInUse { newterm($0, output, input) }
      ?? newterm(description.name, output, input)
    terminal_signals_note()
    guard let screen else {
      fclose(output)
      fclose(input)
      throw .unknownTerminal(name: description.name)
    }
    self.output = output
    self.input = input
    self.screen = screen
    do {
      capture = try OutputCapture()
    } catch {
      endwin()
      delscreen(screen)
      terminal_signals_restore()
      throw error
    }
    terminal_guard_hold(
      outputDescriptor,
      capture.savedOutput,
      capture.savedError,
      capture.file
    )
    terminal_guard_install()
    colors = CursesColors(wanted: (getenv("NO_COLOR").map { $0.pointee == 0 }) ?? true)
    size = Size(columns: Int(curses_columns()), rows: Int(curses_rows()))
    configure(mouse: mouse)
  }

  deinit { close() }

  /// Gives the terminal back.
  ///
  /// Does nothing the second time.
  package func close() {
    guard isOpen else { return }
    isOpen = false
    endwin()
    terminal_guard_release()
    capture.stop()
    delscreen(screen)
    terminal_signals_restore()
    fclose(output)
    fclose(input)
  }

  /// Lines that the process has written to standard output and error since the last call.
  ///
  /// Works after `close()` too, for what nobody had read by then.
  package func capturedLines() -> [String] { capture.lines() }

  private func configure(mouse: Bool) {
    cbreak()
    noecho()
    nonl()
    curs_set(0)
    keypad(curses_window(), true)
    // Control-C, Control-S, Control-Q and Control-V become keys; Control-Z stays with the system.
    var modes = termios()
    if tcgetattr(fileno(input), &modes) == 0 {
      modes.c_iflag &= ~tcflag_t(IXON)
      modes.c_lflag &= ~tcflag_t(IEXTEN)
      withUnsafeMutableBytes(of: &modes.c_cc) { codes in
        codes[Int(VINTR)] = 0
        codes[Int(VQUIT)] = 0
      }
      tcsetattr(fileno(input), TCSADRAIN, &modes)
      def_prog_mode()
    }
    if mouse {
      mousemask(curses_mouse_mask(), nil)
      mouseinterval(0)
    }
  }
}

// MARK: - Showing

extension CursesScreen {
  /// Shows the canvas; cells that did not change are not sent again.
  package func present(_ canvas: Canvas) {
    guard isOpen, let window = curses_window() else { return }
    if colors.isNearlyFull(adding: canvas.cells.count) {
      colors.reset()
      shown = nil
    }
    let isNew = shown?.size != canvas.size
    if isNew {
      werase(window)
      clearok(window, true)
    }
    var hasChanged = isNew
    for y in 0..<min(size.rows, canvas.size.rows) {
      guard let run = changedRun(row: y, of: canvas, isNew: isNew) else { continue }
      hasChanged = true
      draw(canvas, row: y, columns: run, in: window)
    }
    let cursorMoved = !isSameCursor(shown?.cursor, canvas.cursor) || isNew
    if cursorMoved || (hasChanged && canvas.cursor != nil) { place(canvas.cursor, in: window) }
    shown = canvas
    guard hasChanged || cursorMoved else { return }
    wnoutrefresh(window)
    // Terminals that know DEC mode 2026 show the frame in one piece; the others ignore it.
    send("\u{1B}[?2026h")
    doupdate()
    send("\u{1B}[?2026l")
  }

  /// The columns of a row from the first to the last changed cell, whole characters at both ends.
  private func changedRun(row y: Int, of canvas: Canvas, isNew: Bool) -> Range<Int>? {
    let width = min(size.columns, canvas.size.columns)
    guard width > 0 else { return nil }
    let start = y * canvas.size.columns
    var first = 0
    var last = width - 1
    if !isNew, let old = shown {
      while first < width, old.cells[start + first] == canvas.cells[start + first] { first += 1 }
      guard first < width else { return nil }
      while last > first, old.cells[start + last] == canvas.cells[start + last] { last -= 1 }
      if first > 0, canvas.cells[start + first].text == nil || old.cells[start + first].text == nil
      {
        first -= 1
      }
      if last + 1 < width, canvas.cells[start + last + 1].text == nil { last += 1 }
    }
    return first..<last + 1
  }

  private func draw(
    _ canvas: Canvas,
    row y: Int,
    columns: Range<Int>,
    in window: UnsafeMutablePointer<WINDOW>
  ) {
    var cells: [cchar_t] = []
    cells.reserveCapacity(columns.count)
    var style: Style?
    var rendition = CursesColors.Rendition(attributes: 0, pair: 0)
    for x in columns {
      let cell = canvas[x, y]
      guard let character = cell.text else { continue }
      if cell.style != style {
        style = cell.style
        rendition = colors.rendition(of: cell.style)
      }
      let isWide = x + 1 < canvas.size.columns && canvas[x + 1, y].text == nil
      CursesText.append(character, isWide: isWide, rendition, to: &cells)
    }
    mvwadd_wchnstr(window, Int32(y), Int32(columns.lowerBound), cells, Int32(cells.count))
  }

  private func place(_ cursor: (x: Int, y: Int)?, in window: UnsafeMutablePointer<WINDOW>) {
    if let cursor, cursor.x < size.columns, cursor.y < size.rows {
      leaveok(window, false)
      wmove(window, Int32(max(0, cursor.y)), Int32(max(0, cursor.x)))
      curs_set(1)
    } else {
      leaveok(window, true)
      curs_set(0)
    }
  }

  private func isSameCursor(_ left: (x: Int, y: Int)?, _ right: (x: Int, y: Int)?) -> Bool {
    left?.x == right?.x && left?.y == right?.y
  }

  private func send(_ sequence: String) {
    var sequence = sequence
    sequence.withUTF8 { bytes in _ = write(fileno(output), bytes.baseAddress, bytes.count) }
  }
}
