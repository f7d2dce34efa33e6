import Terminal
import Testing

@Suite
struct WidthTests {
  @Test(arguments: [
    ("", 0), ("loss", 4), ("é", 1), ("e\u{301}", 1), ("고양이", 6), ("漢字", 4), ("ｱ", 1), ("ア", 2),
    ("🐱", 2), ("✓", 1), ("⣿", 1), ("█", 1), ("…", 1), ("①", 1), ("～", 2), ("\u{200B}", 0),
    ("❤\u{FE0F}", 1), ("👨\u{200D}👩\u{200D}👧", 2), ("🇰🇷", 2), ("👍🏽", 2), ("\n", 2), ("\u{1B}", 2),
    ("\u{301}", 1),
  ])
  func `columns of a text`(text: String, columns: Int) {
    #expect(displayWidth(of: text) == columns)
  }

  @Test
  func `Korean stored decomposed is as wide as composed`() {
    // ᄀ ᅩ ᄋ ᅣ ᆼ ᄋ ᅵ, as some file systems hand names out.
    let decomposed = "\u{1100}\u{1169}\u{110B}\u{1163}\u{11BC}\u{110B}\u{1175}"
    #expect(displayWidth(of: decomposed) == 6)
    #expect(truncated(decomposed, to: 6).unicodeScalars.map(\.value) == [0xACE0, 0xC591, 0xC774])
  }

  @Test(arguments: [
    ("validation", 10, "validation"), ("validation", 9, "validati…"), ("validation", 1, "…"),
    ("validation", 0, ""), ("고양이", 6, "고양이"), ("고양이", 5, "고양…"), ("고양이", 4, "고…"),
    ("a고양", 3, "a…"), ("a\u{1B}b", 4, "a\\eb"), ("a\u{1B}b", 3, "a\\…"),
  ])
  func `a text that is too wide ends in an ellipsis`(text: String, width: Int, shown: String) {
    #expect(truncated(text, to: width) == shown)
    #expect(displayWidth(of: truncated(text, to: width)) <= width)
  }
}
