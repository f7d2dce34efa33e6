import Foundation

/// Where theme files are looked for: the user's own, then the program's.
enum ThemeLocation {
  static var directories: [String] {
    let environment = ProcessInfo.processInfo.environment
    let configuration =
      environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 }
      ?? NSHomeDirectory() + "/.config"
    return [configuration + "/descent/themes"] + beside(programFile)
  }

  private static var programFile: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
  }

  /// `PREFIX/share/descent/themes` of an installed program, and `themes` of the package one was
  /// built in.
  private static func beside(_ program: String) -> [String] {
    var folder = URL(fileURLWithPath: program).deletingLastPathComponent()
    let installed = folder.deletingLastPathComponent().path + "/share/descent/themes"
    var directories = [installed]
    for _ in 0..<4 {
      folder.deleteLastPathComponent()
      if FileManager.default.fileExists(atPath: folder.path + "/Package.swift") {
        directories.append(folder.path + "/themes")
      }
    }
    return directories
  }
}
