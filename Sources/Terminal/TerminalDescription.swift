import CNcurses
import Glibc

/// Which of the machine's terminal descriptions to use.
enum TerminalDescription {
  /// TERM, or its sibling with direct colours where the terminal says it has 24-bit colour.
  static func choose() throws(TerminalError) -> String {
    let name = environment("TERM")
    guard isKnown(name) else {
      throw name.hasPrefix("dumb") ? .dumbTerminal(name: name) : .unknownTerminal(name: name)
    }
    guard tigetstr("cup") != nil else { throw .dumbTerminal(name: name) }
    guard ["truecolor", "24bit"].contains(environment("COLORTERM")) else { return name }
    let direct = directName(for: name)
    return isKnown(direct) ? direct : name
  }

  /// The name descriptions with direct colours go by: `xterm-direct` for `xterm-256color`.
  static func directName(for name: String) -> String {
    let suffix = "-256color"
    let base = name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
    return base.hasSuffix("-direct") ? base : base + "-direct"
  }

  private static func isKnown(_ name: String) -> Bool {
    guard !name.isEmpty else { return false }
    var result: Int32 = 0
    return setupterm(name, STDOUT_FILENO, &result) == OK
  }

  private static func environment(_ name: String) -> String {
    getenv(name).map { String(cString: $0) } ?? ""
  }
}
