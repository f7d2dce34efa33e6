import Glibc

/// Gives terminals that have 24-bit colour a description that says so.
///
/// Most such terminals are described with 256 colours (`xterm-256color`) and tell by COLORTERM that
/// they have more; curses believes the description only. So the machine's description of the
/// terminal is read, its colours are changed, and curses is handed the result in the variable
/// TERMINFO, which may hold a description itself.
enum DirectColor {
  /// Places of capabilities among the standard ones (term.h).
  private enum Place {
    static let canChange = 27
    static let maxColors = 13
    static let maxPairs = 14
    static let initializeColor = 299
    static let setForeground = 302
    static let setBackground = 303
    static let setAnsiForeground = 359
    static let setAnsiBackground = 360
  }

  /// What TERMINFO must hold for 24-bit colour on this terminal; nil where that is not possible.
  static func description(of terminal: String) -> String? {
    guard let bytes = compiledEntry(of: terminal), var entry = CompiledTerminfo(bytes),
      upgrade(&entry)
    else { return nil }
    let digits = Array("0123456789ABCDEF")
    var text = "hex:"
    for byte in entry.bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return text
  }

  /// Changes the description to 24-bit colour; false if it does not have 256 colours.
  static func upgrade(_ entry: inout CompiledTerminfo) -> Bool {
    guard entry.numbers.count > Place.maxPairs, entry.numbers[Place.maxColors] == 256,
      entry.strings.count > Place.setAnsiBackground
    else { return false }
    entry.numbers[Place.maxColors] = 1 << 24
    entry.numbers[Place.maxPairs] = 0x7FFF
    if entry.flags.count > Place.canChange { entry.flags[Place.canChange] = 0 }
    for place in [Place.initializeColor, Place.setForeground, Place.setBackground] {
      entry.strings[place] = nil
    }
    entry.strings[Place.setAnsiForeground] = sequence(ansi: 3, direct: 38)
    entry.strings[Place.setAnsiBackground] = sequence(ansi: 4, direct: 48)
    let name = Array("RGB".utf8)
    if let index = entry.extended.flags.firstIndex(where: { $0.name == name }) {
      entry.extended.flags[index].value = 1
    } else {
      // Curses keeps the names of a kind in order.
      let index = entry.extended.flags.firstIndex {
        name.lexicographicallyPrecedes($0.name)
      }
      entry.extended.flags.insert((name, 1), at: index ?? entry.extended.flags.count)
    }
    return true
  }

  /// The sequence that sets a colour: one of the first eight by number, any other by its parts.
  private static func sequence(ansi: Int, direct: Int) -> [UInt8] {
    let parts = "%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d"
    return Array("\u{1B}[%?%p1%{8}%<%t\(ansi)%p1%d%e\(direct);2;\(parts)%;m".utf8)
  }

  /// The compiled description, from where curses would take it.
  private static func compiledEntry(of terminal: String) -> [UInt8]? {
    guard let first = terminal.utf8.first, !terminal.contains("/") else { return nil }
    let folders = [String(Character(Unicode.Scalar(first))), String(first, radix: 16)]
    let home = environment("HOME")
    let directories =
      [environment("TERMINFO"), home.isEmpty ? "" : home + "/.terminfo"]
      + environment("TERMINFO_DIRS").split(separator: ":").map(String.init)
      + ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo"]
    for directory in directories where directory.hasPrefix("/") {
      for folder in folders {
        if let bytes = contents(of: "\(directory)/\(folder)/\(terminal)") { return bytes }
      }
    }
    return nil
  }

  private static func contents(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    // Descriptions are at most 32 KiB (term(5)).
    var buffer = [UInt8](repeating: 0, count: 32_769)
    let count = fread(&buffer, 1, buffer.count, file)
    return count > 0 && count < buffer.count ? Array(buffer[..<count]) : nil
  }

  private static func environment(_ name: String) -> String {
    getenv(name).map { String(cString: $0) } ?? ""
  }
}
