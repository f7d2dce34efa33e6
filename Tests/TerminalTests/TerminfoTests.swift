import Testing

@testable import Terminal

@Suite
struct TerminfoTests {
  private func entry(colors: Int32 = 256) throws -> CompiledTerminfo {
    // A header without capabilities, names "t", filled in below.
    let empty: [UInt8] = [0x1A, 0x01, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x74, 0]
    var entry = try #require(CompiledTerminfo(empty))
    entry.flags = Array(repeating: 1, count: 29)
    entry.numbers = Array(repeating: -1, count: 39)
    entry.numbers[13] = colors
    entry.strings = Array(repeating: nil, count: 414)
    entry.strings[10] = Array("cursor".utf8)
    entry.strings[299] = Array("initialize".utf8)
    entry.strings[359] = Array("foreground".utf8)
    entry.extended.flags = [(Array("AX".utf8), 1), (Array("XT".utf8), 1)]
    entry.extended.numbers = [(Array("U8".utf8), 1)]
    entry.extended.strings = [(Array("XM".utf8), Array("mouse".utf8)), (Array("kX".utf8), nil)]
    return entry
  }

  @Test
  func `a description is read back as it was written`() throws {
    let entry = try entry()
    #expect(CompiledTerminfo(entry.bytes) == entry)
  }

  @Test
  func `a cut description is refused`() throws {
    let bytes = try entry().bytes
    for count in 0..<bytes.count where count < 100 || count.isMultiple(of: 7) {
      if let read = CompiledTerminfo(Array(bytes[..<count])) {
        // Without the part for further capabilities it is still a description.
        #expect(read.extended == CompiledTerminfo.Extension())
      }
    }
    #expect(CompiledTerminfo([]) == nil)
    #expect(CompiledTerminfo(Array("not a description".utf8)) == nil)
  }

  @Test
  func `a description of 256 colours is raised to all`() throws {
    var entry = try entry()
    #expect(DirectColor.upgrade(&entry))
    #expect(entry.numbers[13] == 16_777_216)
    #expect(entry.strings[10] == Array("cursor".utf8))
    #expect(entry.strings[299] == nil)
    #expect(entry.flags[27] == 0)
    #expect(
      entry.extended.flags.map { String(decoding: $0.name, as: UTF8.self) } == ["AX", "RGB", "XT"]
    )
    #expect(entry.strings[360]?.starts(with: Array("\u{1B}[%?%p1%{8}%<%t4".utf8)) == true)
    #expect(CompiledTerminfo(entry.bytes) == entry)
  }

  @Test
  func `a description of few colours is left alone`() throws {
    var entry = try entry(colors: 8)
    #expect(!DirectColor.upgrade(&entry))
  }
}
