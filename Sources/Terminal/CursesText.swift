import CNcurses

/// Characters of a canvas as cells of curses.
enum CursesText {
  /// Appends the character's cell, or stand-ins as wide where curses sees another width than the
  /// canvas does.
  static func append(
    _ character: Character,
    isWide: Bool,
    _ rendition: CursesColors.Rendition,
    to cells: inout [cchar_t]
  ) {
    let scalars = character.unicodeScalars
    guard let first = scalars.first else { return }
    let columns = isWide ? 2 : 1
    guard wcwidth(wchar_t(first.value)) == columns else {
      for _ in 0..<columns { cells.append(cell(["?"], rendition)) }
      return
    }
    cells.append(cell(scalars, rendition))
  }

  private static func cell(
    _ scalars: some Sequence<Unicode.Scalar>,
    _ rendition: CursesColors.Rendition
  ) -> cchar_t {
    // At most five scalars and the end, which is as many as curses keeps.
    var text: (wchar_t, wchar_t, wchar_t, wchar_t, wchar_t, wchar_t) = (0, 0, 0, 0, 0, 0)
    var result = cchar_t()
    withUnsafeMutableBytes(of: &text) { bytes in
      let characters = bytes.bindMemory(to: wchar_t.self)
      for (index, scalar) in scalars.prefix(5).enumerated() {
        characters[index] = wchar_t(scalar.value)
      }
      _ = curses_setcchar(&result, characters.baseAddress, rendition.attributes, rendition.pair)
    }
    return result
  }
}
