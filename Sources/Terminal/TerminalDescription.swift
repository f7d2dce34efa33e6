import CNcurses
import Glibc

/// Which terminal description curses is to use.
struct TerminalDescription {
  /// The name of the terminal, as in TERM.
  var name: String
  /// A description to use instead of the machine's, in the form the variable TERMINFO takes.
  var replacement: String?

  /// TERM, with 24-bit colours where the terminal says by COLORTERM that it has them.
  static func choose() throws(TerminalError) -> TerminalDescription {
    let name = environment("TERM")
    guard isKnown(name) else {
      throw name.hasPrefix("dumb") ? .dumbTerminal(name: name) : .unknownTerminal(name: name)
    }
    guard tigetstr("cup") != nil else { throw .dumbTerminal(name: name) }
    var description = TerminalDescription(name: name)
    // GNU screen hands COLORTERM on from a terminal around it whose colours it does not have.
    let isScreen = name.hasPrefix("screen") && environment("TMUX").isEmpty
    if ["truecolor", "24bit"].contains(environment("COLORTERM")), !isScreen {
      description.replacement = DirectColor.description(of: name)
    }
    return description
  }

  /// Calls `body` while curses would find this description.
  func whileInUse<Result>(_ body: (String) -> Result) -> Result {
    guard let replacement else { return body(name) }
    let earlier = getenv("TERMINFO").map { String(cString: $0) }
    setenv("TERMINFO", replacement, 1)
    defer {
      if let earlier { setenv("TERMINFO", earlier, 1) } else { unsetenv("TERMINFO") }
    }
    return body(name)
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
