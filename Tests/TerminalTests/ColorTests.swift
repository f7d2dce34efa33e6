import Terminal
import Testing

@Suite
struct ColorTests {
  @Test
  func `every colour of the 256 is its own nearest`() {
    for index in 16..<256 {
      let color = Color.indexed(index)
      #expect(Color.indexed(color.nearestOf256) == color)
    }
  }

  @Test(arguments: [
    (Color(red: 0, green: 0, blue: 0), 16), (Color(red: 255, green: 255, blue: 255), 231),
    (Color(red: 0x5F, green: 0xAF, blue: 0xFF), 75), (Color(red: 18, green: 20, blue: 24), 233),
    (Color(red: 250, green: 4, blue: 2), 196),
  ])
  func `colours become the nearest of 256`(color: Color, index: Int) {
    #expect(color.nearestOf256 == index)
  }

  @Test
  func `no cube or grey is nearer than the one chosen`() {
    var state: UInt32 = 7
    for _ in 0..<200 {
      state = state &* 1_664_525 &+ 1_013_904_223
      let color = Color(
        red: UInt8(state >> 24),
        green: UInt8(state >> 16 & 255),
        blue: UInt8(state >> 8 & 255)
      )
      let chosen = color.distance(to: .indexed(color.nearestOf256))
      let least = (16..<256).map { color.distance(to: .indexed($0)) }.min() ?? 0
      // Channels are rounded one by one, which a weighted distance may see slightly otherwise.
      #expect(Double(chosen) <= Double(least) * 1.6 + 200)
    }
  }

  @Test(arguments: [
    (Color(red: 250, green: 60, blue: 60), 9), (Color(red: 210, green: 10, blue: 5), 1),
    (Color(red: 0, green: 0, blue: 0), 0), (Color(red: 61, green: 68, blue: 80), 8),
    (Color(red: 250, green: 250, blue: 250), 15),
  ])
  func `colours become the nearest of sixteen`(color: Color, index: Int) {
    #expect(color.nearestOfSixteen() == index)
  }

  @Test
  func `with eight colours none of the bright ones is chosen`() {
    #expect(Color(red: 255, green: 85, blue: 85).nearestOfSixteen(count: 8) < 8)
  }
}
