import Testing

@testable import Dashboard

@Suite
struct NumberTextTests {
  @Test(arguments: [
    (0.34117, "0.3412"), (0.03412, "0.0341"), (2.302585, "2.303"), (12.3456, "12.35"),
    (123.456, "123.5"), (1234.5, "1234"), (0, "0"), (0.00003, "3.0e-5"), (1e7, "1.0e7"),
    (.nan, "NaN"), (.infinity, "inf"), (-.infinity, "-inf"),
  ])
  func `losses have four digits`(value: Double, text: String) {
    #expect(NumberText.loss(value) == text)
  }

  @Test(arguments: [(0.9731, "97.3 %"), (1, "100.0 %"), (0, "0.0 %"), (.nan, "NaN")])
  func `shares are told in percent`(value: Double, text: String) {
    #expect(NumberText.percent(value) == text)
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (620_362, "620,362"), (-1_234_567, "-1,234,567"),
  ])
  func `thousands are set apart`(value: Int, text: String) {
    #expect(NumberText.count(value) == text)
  }

  @Test(arguments: [
    (512, "512 B"), (2048, "2.00 KiB"), (432_013_312, "412 MiB"), (1_300_000_000, "1.21 GiB"),
    (1_048_000, "1.00 MiB"),
  ])
  func `bytes have three digits`(value: Int, text: String) {
    #expect(NumberText.bytes(value) == text)
  }

  @Test(arguments: [(620, "620"), (620_362, "620 k"), (11_181_642, "11.2 M"), (999_999, "1.00 M")])
  func `large counts have three digits`(value: Int, text: String) {
    #expect(NumberText.short(value) == text)
  }

  @Test(arguments: [
    (0.84, "0.84 s"), (12.34, "12.3 s"), (59.97, "1 min 00 s"), (192, "3 min 12 s"),
    (3840, "1 h 04 min"), (183_600, "2 d 03 h"), (0.0123, "12.3 ms"), (0.00005, "50 µs"),
    (-5, "-5.00 s"), (.infinity, "inf"),
  ])
  func `durations have two parts at most`(seconds: Double, text: String) {
    #expect(NumberText.duration(seconds) == text)
  }

  @Test(arguments: [
    (0.05, "0.05"), (0.025, "0.025"), (3e-4, "3e-4"), (1.25e-3, "1.25e-3"), (0.1, "0.1"),
    (1, "1"), (0.001, "1e-3"), (0.0125, "0.0125"), (1e-5, "1e-5"), (0, "0"), (.nan, "NaN"),
  ])
  func `learning rates are as short as they can be`(value: Double, text: String) {
    #expect(NumberText.learningRate(value) == text)
  }
}
