/// One character as the screen can show it, with the columns it takes.
struct Glyph: Hashable {
  var character: Character
  var columns: Int
}

/// Turns text into what may be sent to a terminal.
///
/// Control characters become visible escapes, so no name or message can move the cursor or change
/// the terminal. What a single cell of a terminal cannot hold (families joined to one emoji,
/// flags) falls back to its parts, so columns stay where they are computed to be.
enum Glyphs {
  /// Most scalars that curses keeps in one cell.
  private static let scalarsPerCell = 5

  /// Calls `body` with the glyphs of `text` in order, until it answers false.
  static func forEach(in text: String, _ body: (Glyph) -> Bool) {
    for character in text {
      if let ascii = character.asciiValue, ascii >= 0x20, ascii < 0x7F {
        if !body(Glyph(character: character, columns: 1)) { return }
        continue
      }
      for glyph in glyphs(of: character) where !body(glyph) { return }
    }
  }

  private static func glyphs(of character: Character) -> [Glyph] {
    if let syllable = composedHangul(character) { return [Glyph(character: syllable, columns: 2)] }
    let scalars = character.unicodeScalars
    guard let first = scalars.first else { return [] }
    if scalars.contains(where: isControl) { return scalars.flatMap(escaped) }
    if (0x1F1E6...0x1F1FF).contains(first.value) { return scalars.compactMap(letterOfFlag) }
    // A lone mark stands on a blank; in a joined sequence the first picture speaks for all.
    let needsBase = CharacterWidth.columns(of: first) == 0
    var kept: [Unicode.Scalar] = needsBase ? [" ", first] : [first]
    for scalar in scalars.dropFirst() {
      guard kept.count < scalarsPerCell, CharacterWidth.columns(of: scalar) == 0 else { break }
      if scalar.properties.generalCategory != .format, !scalar.properties.isVariationSelector {
        kept.append(scalar)
      }
    }
    // Zero-width formatting alone, such as a direction mark, shows nothing.
    if needsBase, first.properties.generalCategory == .format { return [] }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: kept)
    let columns = needsBase ? 1 : CharacterWidth.columns(of: first)
    return [Glyph(character: Character(String(view)), columns: columns)]
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
    // Direction overrides reorder what follows on terminals that obey them.
    case 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> [Glyph] {
    let text: String
    switch scalar {
    case "\n": text = "\\n"
    case "\r": text = "\\r"
    case "\t": text = "\\t"
    case "\0": text = "\\0"
    case "\u{1B}": text = "\\e"
    default:
      guard isControl(scalar) else {
        return [Glyph(character: Character(scalar), columns: 1)]
      }
      text = "\\u{" + String(scalar.value, radix: 16) + "}"
    }
    return text.map { Glyph(character: $0, columns: 1) }
  }

  private static func letterOfFlag(_ scalar: Unicode.Scalar) -> Glyph? {
    guard (0x1F1E6...0x1F1FF).contains(scalar.value) else { return nil }
    let letter = Unicode.Scalar(UInt8(scalar.value - 0x1F1E6) + UInt8(ascii: "A"))
    return Glyph(character: Character(letter), columns: 1)
  }

  /// The one syllable that two or three joined letters stand for (Unicode 15, section 3.12).
  ///
  /// File systems that store names decomposed hand out Korean names in this form.
  private static func composedHangul(_ character: Character) -> Character? {
    let values = character.unicodeScalars.map { Int($0.value) }
    guard values.count == 2 || values.count == 3 else { return nil }
    let leading = values[0] - 0x1100
    let vowel = values[1] - 0x1161
    let final = values.count == 3 ? values[2] - 0x11A7 : 0
    guard (0..<19).contains(leading), (0..<21).contains(vowel), (0..<28).contains(final) else {
      return nil
    }
    let value = UInt32(0xAC00 + (leading * 21 + vowel) * 28 + final)
    return Unicode.Scalar(value).map(Character.init)
  }
}

/// Columns the text takes when written into a canvas, escapes counted as they are shown.
package func displayWidth(of text: String) -> Int {
  var columns = 0
  Glyphs.forEach(in: text) { glyph in
    columns += glyph.columns
    return true
  }
  return columns
}

/// The text, cut so that it takes at most `width` columns; a cut is shown by `…` at the end.
///
/// The result is as it is shown: control characters are escaped in it.
package func truncated(_ text: String, to width: Int) -> String {
  guard width > 0 else { return "" }
  var kept = ""
  var columns = 0
  // What still fits when one column is left for the ellipsis.
  var short = ""
  var isCut = false
  Glyphs.forEach(in: text) { glyph in
    if columns + glyph.columns > width {
      isCut = true
      return false
    }
    if columns + glyph.columns <= width - 1 { short.append(glyph.character) }
    kept.append(glyph.character)
    columns += glyph.columns
    return true
  }
  return isCut ? short + "…" : kept
}
