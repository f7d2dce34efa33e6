import CNcurses
import Glibc

extension CursesScreen {
  /// The next thing the user did, waiting at most this long (not at all for zero); nil if nothing.
  package func nextKey(waiting seconds: Double) -> Key? {
    guard isOpen else { return nil }
    if !pending.isEmpty { return KeyDecoder.key(character: pending.removeFirst()) }
    let start = ContinuousClock.now
    let deadline = start.advanced(by: .seconds(max(0, seconds)))
    repeat {
      let left = max(.zero, ContinuousClock.now.duration(to: deadline))
      guard let read = read(waiting: left) else {
        waitIfGone(until: deadline)
        continue
      }
      if let key = key(from: read) { return key }
    } while ContinuousClock.now < deadline
    return nil
  }

  private struct Reading {
    var value: UInt32
    var isCode: Bool
  }

  private func read(waiting: Duration) -> Reading? {
    let parts = waiting.components
    // Rounded up: a wait that is cut short would only be begun again.
    let milliseconds =
      parts.seconds * 1000 + (parts.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    let window = curses_window()
    wtimeout(window, Int32(clamping: milliseconds))
    var value: wint_t = 0
    switch wget_wch(window, &value) {
    case OK: return Reading(value: value, isCode: false)
    case KEY_CODE_YES: return Reading(value: value, isCode: true)
    default: return nil
    }
  }

  private func key(from reading: Reading) -> Key? {
    guard reading.isCode else {
      if reading.value == 27 { return afterEscape() }
      return KeyDecoder.key(character: reading.value)
    }
    let code = Int32(bitPattern: reading.value)
    if code == KEY_MOUSE {
      var event = MEVENT()
      guard getmouse(&event) == OK else { return nil }
      return KeyDecoder.mouseEvent(event).map { .mouse($0) }
    }
    if code == KEY_RESIZE {
      size = Size(columns: Int(curses_columns()), rows: Int(curses_rows()))
      shown = nil
    }
    return KeyDecoder.key(code: code)
  }

  /// What an escape character means: the key, or the start of a sequence that the terminal's
  /// description does not know, whose rest must not be taken for keys.
  private func afterEscape() -> Key? {
    guard let next = read(waiting: .zero), !next.isCode else { return .escape }
    guard next.value == UInt32(UInt8(ascii: "[")) || next.value == UInt32(UInt8(ascii: "O")) else {
      pending.append(next.value)
      return .escape
    }
    var isEmpty = true
    while let part = read(waiting: .zero), !part.isCode {
      isEmpty = false
      if (0x40...0x7E).contains(part.value) { return nil }
    }
    guard isEmpty else { return nil }
    pending.append(next.value)
    return .escape
  }

  /// A terminal that is gone answers at once, for ever; waits then as a terminal would.
  private func waitIfGone(until deadline: ContinuousClock.Instant) {
    var state = pollfd(fd: fileno(input), events: Int16(POLLIN), revents: 0)
    guard poll(&state, 1, 0) > 0, state.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 else {
      return
    }
    let left = ContinuousClock.now.duration(to: deadline)
    let microseconds = left.components.attoseconds / 1_000_000_000_000
    usleep(UInt32(clamping: max(1000, left.components.seconds * 1_000_000 + microseconds)))
  }
}
