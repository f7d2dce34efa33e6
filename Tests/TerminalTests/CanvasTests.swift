import Terminal
import Testing

@Suite
struct CanvasTests {
  private func canvas(_ columns: Int, _ rows: Int = 1) -> Canvas {
    Canvas(size: Size(columns: columns, rows: rows))
  }

  @Test
  func `text is written from its cell to the right`() {
    var canvas = canvas(8, 2)
    #expect(canvas.write("loss", x: 2, y: 1) == 4)
    #expect(canvas.text() == "\n  loss")
  }

  @Test
  func `text is clipped at every edge`() {
    var canvas = canvas(4, 2)
    canvas.write("abcdef", x: -2, y: 0)
    canvas.write("xyz", x: 2, y: 1)
    canvas.write("above", x: 0, y: -1)
    canvas.write("below", x: 0, y: 2)
    canvas.write("right", x: 4, y: 0)
    #expect(canvas.text() == "cdef\n  xy")
  }

  @Test
  func `text stays within its greatest width`() {
    var canvas = canvas(10)
    #expect(canvas.write("validation", x: 1, y: 0, maxWidth: 5) == 5)
    #expect(canvas.text() == " valid")
  }

  @Test
  func `a double-width character takes two cells`() {
    var canvas = canvas(6)
    #expect(canvas.write("고양이", x: 0, y: 0) == 6)
    #expect(canvas[0, 0].text == "고")
    #expect(canvas[1, 0].text == nil)
    #expect(canvas[2, 0].text == "양")
  }

  @Test
  func `a double-width character is never cut in half`() {
    var right = canvas(3)
    right.write("고양이", x: 0, y: 0)
    #expect(right.text() == "고")
    #expect(right[2, 0].text == " ")

    var left = canvas(3)
    left.write("고양", x: -1, y: 0)
    #expect(left[0, 0].text == " ")
    #expect(left[1, 0].text == "양")

    var narrow = canvas(8)
    #expect(narrow.write("고양이", x: 0, y: 0, maxWidth: 3) == 3)
    #expect(narrow[2, 0].text == " ")
  }

  @Test
  func `drawing over half of a wide character blanks the other half`() {
    var overFirst = canvas(4)
    overFirst.write("고양", x: 0, y: 0)
    overFirst.write("x", x: 0, y: 0)
    #expect(overFirst.text() == "x 양")

    var overSecond = canvas(4)
    overSecond.write("고양", x: 0, y: 0)
    overSecond.write("x", x: 1, y: 0)
    #expect(overSecond.text() == " x양")

    var wide = canvas(4)
    wide.write("고양", x: 0, y: 0)
    wide.write("이", x: 1, y: 0)
    #expect(wide.text() == " 이")
  }

  @Test
  func `marks stay with the character they belong to`() {
    var canvas = canvas(4)
    #expect(canvas.write("e\u{301}a", x: 0, y: 0) == 2)
    #expect(canvas[0, 0].text == "e\u{301}")
    #expect(canvas[1, 0].text == "a")
  }

  @Test
  func `control characters are shown and never sent`() {
    var canvas = canvas(40)
    canvas.write("a\nb\t\u{1B}[31m\u{7}\u{9B}\r", x: 0, y: 0)
    #expect(canvas.text() == "a\\nb\\t\\e[31m\\u{7}\\u{9b}\\r")
    #expect(
      canvas.cells.allSatisfy { cell in
        cell.text.map { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } }
          ?? true
      }
    )
  }

  @Test
  func `direction overrides cannot reorder what follows`() {
    var canvas = canvas(20)
    canvas.write("a\u{202E}b", x: 0, y: 0)
    #expect(canvas.text() == "a\\u{202e}b")
  }

  @Test
  func `text can end at a column`() {
    var canvas = canvas(8)
    #expect(canvas.writeRight("97.3 %", endingAt: 8, y: 0) == 2)
    #expect(canvas.text() == "  97.3 %")
  }

  @Test
  func `a fill is clipped and keeps its style`() {
    let style = Style(attributes: .bold)
    var canvas = canvas(3, 2)
    canvas.fill(Rect(x: 1, y: -1, width: 9, height: 2), style, character: "#")
    #expect(canvas.text() == " ##\n")
    #expect(canvas[1, 0].style == style)
    #expect(canvas[0, 0].style == .plain)
    canvas.fill(Rect(x: 7, y: 7, width: 2, height: 2), style, character: "#")
    canvas.fill(Rect(x: -9, y: 0, width: 2, height: 2), style, character: "#")
    #expect(canvas.text() == " ##\n")
  }

  @Test
  func `restyling leaves the text`() {
    var canvas = canvas(4)
    canvas.write("a고", x: 0, y: 0)
    canvas.restyle(Rect(x: -1, y: 0, width: 99, height: 3)) { style in
      var style = style
      style.attributes.insert(.dim)
      return style
    }
    #expect(canvas.text() == "a고")
    #expect(canvas.cells.allSatisfy { $0.style.attributes == .dim })
  }

  @Test
  func `an empty canvas can be drawn on`() {
    var canvas = canvas(0, 0)
    canvas.write("text", x: 0, y: 0)
    canvas.fill(Rect(x: 0, y: 0, width: 5, height: 5), .plain)
    #expect(canvas.text().isEmpty)
    #expect(Canvas(size: Size(columns: -1, rows: -2)).cells.isEmpty)
  }

  @Test
  func `a cell outside is blank and cannot be changed`() {
    var canvas = canvas(2)
    canvas[2, 0] = Cell("x")
    canvas[0, -1] = Cell("x")
    #expect(canvas[2, 0] == .blank)
    #expect(canvas[0, -1] == .blank)
    #expect(canvas.text().isEmpty)
  }
}
