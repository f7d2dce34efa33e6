/// Why the terminal cannot be used as a screen.
package enum TerminalError: Error, Hashable, CustomStringConvertible {
  /// Standard input or output is not a terminal.
  case noTerminal
  /// TERM names no terminal that is described on this machine; empty if it is not set.
  case unknownTerminal(name: String)
  /// The terminal cannot place its cursor.
  case dumbTerminal(name: String)
  /// The system refused something, named in words, with its error number.
  case system(operation: String, errorNumber: Int32)

  package var description: String {
    switch self {
    case .noTerminal:
      "Standard input and output must be a terminal to show the screen."
    case .unknownTerminal(let name) where name.isEmpty:
      "TERM is not set; it should name the terminal, such as xterm-256color."
    case .unknownTerminal(let name):
      "TERM is \(name), which this machine does not know; try TERM=xterm-256color."
    case .dumbTerminal(let name):
      "The terminal \(name) cannot place its cursor, which the screen needs."
    case .system(let operation, let errorNumber):
      "The terminal could not be set up: \(operation) failed with error \(errorNumber)."
    }
  }
}
