import Terminal
import Testing

@testable import Dashboard

@Suite
struct BarTests {
  private let style = Style(foreground: Color(red: 1, green: 2, blue: 3))

  private func bar(_ fraction: Double, rest: Style?, symbols: SymbolSet = .braille) -> String {
    var canvas = Canvas(size: Size(columns: 10, rows: 1))
    ThinBar(fraction: fraction, style: style, restStyle: rest, symbols: symbols)
      .draw(in: Rect(canvas.size), on: &canvas)
    return canvas.text()
  }

  @Test(arguments: [
    (0, ""), (0.5, "━━━━━"), (0.55, "━━━━━╸"), (1, "━━━━━━━━━━"), (7, "━━━━━━━━━━"), (-1, ""),
    (.nan, ""),
  ])
  func `a bar is filled by halves of a cell`(fraction: Double, text: String) {
    #expect(bar(fraction, rest: nil) == text)
  }

  @Test
  func `what is missing is drawn where it has a style`() {
    #expect(bar(0.55, rest: .plain) == "━━━━━╸────")
  }

  @Test
  func `a bar of ASCII letters`() {
    #expect(bar(0.5, rest: .plain, symbols: .ascii) == "=====.....")
  }

  @Test
  func `ticks are round numbers`() {
    let ticks = AxisTicks.linear(in: 0...2.6, count: 5, format: .loss).map(\.label)
    #expect(ticks == ["0", "1", "2"])
    let percent = AxisTicks.linear(in: 0.955...0.993, count: 4, format: .percent).map(\.label)
    #expect(percent == ["96 %", "97 %", "98 %", "99 %"])
    let small = AxisTicks.linear(in: 0.011...0.0128, count: 4, format: .loss).map(\.label)
    #expect(small == ["0.0110", "0.0115", "0.0120", "0.0125"])
  }

  @Test
  func `logarithmic ticks are decades`() {
    let ticks = AxisTicks.logarithmic(in: 0.0005...20, count: 6, format: .loss).map(\.label)
    #expect(ticks == ["0.001", "0.01", "0.1", "1", "10"])
    let close = AxisTicks.logarithmic(in: 0.3...4, count: 6, format: .loss).map(\.label)
    #expect(close == ["0.5", "1", "2"])
  }

  @Test
  func `times on the axis are round`() {
    let ticks = AxisTicks.horizontal(in: 0...5000, unit: .seconds, columns: 60).map(\.label)
    #expect(ticks == ["0", "30 min", "1 h"])
    let short = AxisTicks.horizontal(in: 0...95, unit: .seconds, columns: 60).map(\.label)
    #expect(short == ["0", "30 s", "1 min", "1:30 min"])
  }

  @Test
  func `places on the x axis are spelled out`() {
    #expect(AxisTicks.position(3, unit: .epochs) == "epoch 3")
    #expect(AxisTicks.position(3.417, unit: .epochs) == "epoch 3.42")
    #expect(AxisTicks.position(1234, unit: .steps) == "step 1,234")
    #expect(AxisTicks.position(192, unit: .seconds) == "3 min 12 s")
  }
}
