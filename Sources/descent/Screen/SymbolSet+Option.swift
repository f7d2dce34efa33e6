import ArgumentParser
import Dashboard
import Foundation

extension SymbolSet: ExpressibleByArgument {
  /// Braille, but on the Linux console, whose fonts have none.
  static var automatic: SymbolSet {
    ProcessInfo.processInfo.environment["TERM"] == "linux" ? .ascii : .braille
  }
}
