import CNcurses

/// What curses reads, as keys.
enum KeyDecoder {
  /// Codes of keys that have one meaning each.
  private static let named: [Int32: Key] = [
    KEY_UP: .up, KEY_DOWN: .down, KEY_LEFT: .left, KEY_RIGHT: .right, KEY_HOME: .home,
    KEY_END: .end, KEY_PPAGE: .pageUp, KEY_NPAGE: .pageDown, KEY_BACKSPACE: .backspace,
    KEY_DC: .delete, KEY_IC: .insert, KEY_BTAB: .backTab, KEY_ENTER: .enter,
    KEY_RESIZE: .resize,
  ]

  /// The key of a function-key code; nil for codes without a meaning here.
  static func key(code: Int32) -> Key? {
    if let key = named[code] { return key }
    let first = curses_function_key(1)
    return (first..<first + 24).contains(code) ? .function(Int(code - first) + 1) : nil
  }

  /// The key of a character; nil for what is none.
  static func key(character value: UInt32) -> Key? {
    switch value {
    case 0: return nil
    case 9: return .tab
    case 10, 13: return .enter
    case 27: return .escape
    case 8, 127: return .backspace
    case 1..<27:
      return Unicode.Scalar(value + 96).map { .control(Character($0)) }
    case 28..<32: return nil
    default: return Unicode.Scalar(value).map { .character(Character($0)) }
    }
  }

  static func mouseEvent(_ event: MEVENT) -> MouseEvent? {
    let action: MouseEvent.Action
    if curses_is_wheel_up(event.bstate) != 0 {
      action = .wheelUp
    } else if curses_is_wheel_down(event.bstate) != 0 {
      action = .wheelDown
    } else if curses_is_press(event.bstate) != 0 {
      action = .press
    } else if curses_is_release(event.bstate) != 0 {
      action = .release
    } else {
      return nil
    }
    return MouseEvent(action: action, x: Int(event.x), y: Int(event.y))
  }
}
