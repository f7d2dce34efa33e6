/// A compiled terminal description, as far as it must be understood to change its colours.
///
/// The format is that of `term(5)`: a header, names, flags, numbers, strings, and the same again
/// for capabilities beyond the standard ones. Integers are little-endian.
struct CompiledTerminfo: Equatable {
  /// Values of capabilities without a standard place, with their names.
  struct Extension: Equatable {
    var flags: [(name: [UInt8], value: UInt8)] = []
    var numbers: [(name: [UInt8], value: Int32)] = []
    var strings: [(name: [UInt8], value: [UInt8]?)] = []

    static func == (left: Extension, right: Extension) -> Bool {
      left.flags.elementsEqual(right.flags, by: ==)
        && left.numbers.elementsEqual(right.numbers, by: ==)
        && left.strings.elementsEqual(right.strings) { $0.name == $1.name && $0.value == $1.value }
    }
  }

  /// Names of the terminal, with `|` between them.
  var names: [UInt8]
  var flags: [UInt8]
  var numbers: [Int32]
  /// nil for a capability the terminal does not have.
  var strings: [[UInt8]?]
  var extended = Extension()

  private enum Magic {
    static let shortNumbers: UInt16 = 0o432
    static let longNumbers: UInt16 = 0o1036
  }

  /// Reads a description; nil if the bytes are none.
  init?(_ bytes: [UInt8]) {
    var reader = TerminfoReader(bytes)
    guard let magic = reader.short(), let counts = reader.counts(5),
      magic == Magic.shortNumbers || magic == Magic.longNumbers
    else { return nil }
    let isLong = magic == Magic.longNumbers
    guard let names = reader.bytes(counts[0]), let flags = reader.bytes(counts[1]),
      reader.align(), let numbers = reader.numbers(counts[2], isLong: isLong),
      let offsets = reader.offsets(counts[3]), let table = reader.bytes(counts[4])
    else { return nil }
    self.names = Array(names.prefix { $0 != 0 })
    self.flags = flags
    self.numbers = numbers
    strings = offsets.map { TerminfoReader.string(at: $0, in: table) }
    _ = reader.align()
    guard !reader.isAtEnd else { return }
    guard let extended = CompiledTerminfo.readExtension(&reader, isLong: isLong) else { return nil }
    self.extended = extended
  }

  private static func readExtension(
    _ reader: inout TerminfoReader,
    isLong: Bool
  ) -> Extension? {
    guard let counts = reader.counts(5), let flags = reader.bytes(counts[0]), reader.align(),
      let numbers = reader.numbers(counts[1], isLong: isLong),
      let valueOffsets = reader.offsets(counts[2]),
      let nameOffsets = reader.offsets(counts[0] + counts[1] + counts[2]),
      let table = reader.bytes(counts[4])
    else { return nil }
    let values = valueOffsets.map { TerminfoReader.string(at: $0, in: table) }
    // Names are counted from the end of the last value.
    let ends = zip(valueOffsets, values).map { Int($0) + ($1.map { $0.count + 1 } ?? 0) }
    let start = max(0, ends.max() ?? 0)
    let names = nameOffsets.compactMap { offset in
      TerminfoReader.string(at: offset, in: Array(table.dropFirst(start)))
    }
    guard names.count == nameOffsets.count else { return nil }
    return Extension(
      flags: zip(names, flags).map { ($0, $1) },
      numbers: zip(names.dropFirst(flags.count), numbers).map { ($0, $1) },
      strings: zip(names.dropFirst(flags.count + numbers.count), values).map { ($0, $1) }
    )
  }

  /// The description in its compiled form, with long numbers.
  var bytes: [UInt8] {
    var writer = TerminfoWriter()
    let (offsets, table) = TerminfoWriter.table(strings)
    writer.shorts([
      Int(Magic.longNumbers), names.count + 1, flags.count, numbers.count, strings.count,
      table.count,
    ])
    writer.bytes += names + [0] + flags
    writer.align()
    writer.numbers(numbers)
    writer.shorts(offsets)
    writer.bytes += table
    writer.align()
    writeExtension(to: &writer)
    return writer.bytes
  }

  private func writeExtension(to writer: inout TerminfoWriter) {
    let values = TerminfoWriter.table(extended.strings.map(\.value))
    let allNames =
      extended.flags.map(\.name) + extended.numbers.map(\.name) + extended.strings.map(\.name)
    let names = TerminfoWriter.table(allNames)
    writer.shorts([
      extended.flags.count, extended.numbers.count, extended.strings.count,
      extended.strings.count + allNames.count, values.table.count + names.table.count,
    ])
    writer.bytes += extended.flags.map(\.value)
    writer.align()
    writer.numbers(extended.numbers.map(\.value))
    writer.shorts(values.offsets)
    writer.shorts(names.offsets)
    writer.bytes += values.table + names.table
  }
}

/// Takes a compiled description apart.
private struct TerminfoReader {
  private let all: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { all = bytes }

  var isAtEnd: Bool { place >= all.count }

  mutating func bytes(_ count: Int) -> [UInt8]? {
    guard count >= 0, place + count <= all.count else { return nil }
    defer { place += count }
    return Array(all[place..<place + count])
  }

  /// Numbers start at even places.
  mutating func align() -> Bool {
    place += place % 2
    return place <= all.count
  }

  mutating func short() -> UInt16? {
    bytes(2).map { UInt16($0[0]) | UInt16($0[1]) << 8 }
  }

  mutating func counts(_ count: Int) -> [Int]? {
    offsets(count).flatMap { $0.allSatisfy { $0 >= 0 } ? $0.map(Int.init) : nil }
  }

  mutating func offsets(_ count: Int) -> [Int16]? {
    bytes(2 * count).map { bytes in
      (0..<count).map { Int16(bitPattern: UInt16(bytes[2 * $0]) | UInt16(bytes[2 * $0 + 1]) << 8) }
    }
  }

  mutating func numbers(_ count: Int, isLong: Bool) -> [Int32]? {
    guard isLong else { return offsets(count)?.map(Int32.init) }
    return bytes(4 * count).map { bytes in
      (0..<count).map { index in
        (0..<4).reduce(0) {
          $0 | Int32(bitPattern: UInt32(bytes[4 * index + $1]) << (8 * UInt32($1)))
        }
      }
    }
  }

  static func string(at offset: Int16, in table: [UInt8]) -> [UInt8]? {
    guard offset >= 0, Int(offset) < table.count else { return nil }
    return Array(table[Int(offset)...].prefix { $0 != 0 })
  }
}

/// Puts a compiled description together.
private struct TerminfoWriter {
  var bytes: [UInt8] = []

  mutating func shorts(_ values: [Int]) {
    for value in values {
      let bits = UInt16(bitPattern: Int16(truncatingIfNeeded: value))
      bytes += [UInt8(bits & 0xFF), UInt8(bits >> 8)]
    }
  }

  mutating func numbers(_ values: [Int32]) {
    for value in values {
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * Int32($0))) }
    }
  }

  mutating func align() {
    if !bytes.count.isMultiple(of: 2) { bytes.append(0) }
  }

  /// Strings one after the other, each with an end, and where each begins; -1 for none.
  static func table(_ strings: [[UInt8]?]) -> (offsets: [Int], table: [UInt8]) {
    var table: [UInt8] = []
    let offsets = strings.map { string in
      guard let string else { return -1 }
      defer { table += string + [0] }
      return table.count
    }
    return (offsets, table)
  }
}
