import Foundation
import RunStore

/// Where runs are kept.
enum StoreLocation {
  /// `$DESCENT_HOME`, else `$XDG_DATA_HOME/descent`, else `~/.local/share/descent`.
  static var directory: String {
    let environment = ProcessInfo.processInfo.environment
    if let home = environment["DESCENT_HOME"], !home.isEmpty { return home }
    if let data = environment["XDG_DATA_HOME"], !data.isEmpty { return data + "/descent" }
    return NSHomeDirectory() + "/.local/share/descent"
  }

  static func open() throws -> RunStore {
    try RunStore(directory: directory)
  }
}
