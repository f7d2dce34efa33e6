import Terminal
import Testing

@Suite
struct BufferScreenTests {
  @Test
  func `only cells that changed count`() {
    let screen = BufferScreen(size: Size(columns: 10, rows: 2))
    var canvas = Canvas(size: screen.size)
    screen.present(canvas)
    #expect(screen.changedCells == 20)
    screen.present(canvas)
    #expect(screen.changedCells == 20)
    canvas.write("ab", x: 3, y: 1)
    screen.present(canvas)
    #expect(screen.changedCells == 22)
    #expect(screen.presentCount == 3)
    #expect(screen.text == "\n   ab")
  }

  @Test
  func `keys come in the order they were queued`() {
    let screen = BufferScreen(size: Size(columns: 4, rows: 2), keys: [.enter])
    screen.queue([.character("q"), .control("c")])
    #expect(screen.nextKey(waiting: 10) == .enter)
    #expect(screen.nextKey(waiting: 10) == .character("q"))
    #expect(screen.nextKey(waiting: 10) == .control("c"))
    #expect(screen.nextKey(waiting: 10) == nil)
  }

  @Test
  func `a resize is heard as a key`() {
    let screen = BufferScreen(size: Size(columns: 4, rows: 2))
    screen.present(Canvas(size: screen.size))
    screen.resize(to: Size(columns: 8, rows: 3))
    #expect(screen.nextKey(waiting: 0) == .resize)
    screen.present(Canvas(size: screen.size))
    #expect(screen.changedCells == 8 + 24)
  }
}
