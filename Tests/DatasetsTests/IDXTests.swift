import Foundation
import Testing

@testable import Datasets

@Suite
struct IDXTests {
  let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  func load() throws -> ImageSet {
    try DataSource(text: "mnist:" + scratch.path).load(validationShare: 0.1, seed: 1)
  }

  @Test(arguments: [(false, false), (true, false), (false, true), (true, true)])
  func `the four files are found and read under every usual name`(
    compress: Bool,
    dot: Bool
  ) throws {
    try writeSmallSet(in: scratch, compress: compress, dot: dot)
    let set = try load()
    #expect(set.imageShape == [2, 3, 1])
    #expect(set.classNames == ["0", "1", "2"])
    #expect(set.train.count == 54)
    #expect(set.validation.count == 6)
    #expect(set.test == Array(60..<72))
    #expect(set.labels[59...61] == [2, 0, 1])
    guard case .bytes(let pixels) = set.pixels else {
      Issue.record("pixels should be bytes")
      return
    }
    #expect(pixels.count == 72 * 6)
    #expect(pixels[6..<12] == [6, 7, 8, 9, 10, 11])
    #expect(pixels[360..<363] == [0, 1, 2])
  }

  @Test
  func `four dimensions bring colour`() throws {
    try writeSmallSet(in: scratch)
    for (prefix, count) in [("train", 60), ("t10k", 12)] {
      let bytes = idxFile(
        dimensions: [count, 1, 2, 3],
        elements: [UInt8](repeating: 7, count: count * 6)
      )
      try scratch.write(bytes, to: "\(prefix)-images-idx3-ubyte")
    }
    #expect(try load().imageShape == [1, 2, 3])
  }

  @Test
  func `a missing directory and a missing file are named`() throws {
    #expect(throws: DatasetError.noSuchDirectory(path: scratch.path + "/no")) {
      try DataSource(text: "mnist:" + scratch.path + "/no").load(seed: 1)
    }
    try writeSmallSet(in: scratch)
    try FileManager.default.removeItem(atPath: scratch.path + "/t10k-labels-idx1-ubyte")
    #expect(
      throws: DatasetError.missingFile(
        directory: scratch.path,
        names: [
          "t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte", "t10k-labels-idx1-ubyte.gz",
          "t10k-labels.idx1-ubyte.gz",
        ]
      )
    ) { try load() }
  }

  @Test
  func `a file cut short says how much is missing`() throws {
    try writeSmallSet(in: scratch)
    let bytes = idxFile(dimensions: [60, 2, 3], elements: [UInt8](repeating: 1, count: 359))
    let path = try scratch.write(bytes, to: "train-images-idx3-ubyte")
    #expect(throws: DatasetError.truncated(path: path, expected: 376, actual: 375)) { try load() }
    try scratch.write(Array(bytes[..<9]), to: "train-images-idx3-ubyte")
    #expect(throws: DatasetError.truncated(path: path, expected: 16, actual: 9)) { try load() }
  }

  @Test
  func `sizes beyond all memory are a truncated file, not a crash`() throws {
    try writeSmallSet(in: scratch)
    let huge = 0xffff_ffff
    let path = try scratch.write(
      idxFile(dimensions: [huge, huge, huge], elements: []),
      to: "train-images-idx3-ubyte"
    )
    #expect(throws: DatasetError.truncated(path: path, expected: .max, actual: 16)) { try load() }
  }

  @Test
  func `extra bytes are counted`() throws {
    try writeSmallSet(in: scratch)
    let path = try scratch.write(
      idxFile(dimensions: [12], elements: [UInt8](repeating: 0, count: 15)),
      to: "t10k-labels-idx1-ubyte"
    )
    #expect(throws: DatasetError.extraBytes(path: path, extra: 3)) { try load() }
  }

  @Test
  func `labels where images belong are mislabelled, and the other way round`() throws {
    try writeSmallSet(in: scratch)
    let labels = idxFile(dimensions: [60], elements: [UInt8](repeating: 0, count: 60))
    let images = try scratch.write(labels, to: "train-images-idx3-ubyte")
    #expect(throws: DatasetError.wrongDimensions(path: images, found: 1, wanted: .images)) {
      try load()
    }
    try writeSmallSet(in: scratch)
    let path = try scratch.write(
      idxFile(dimensions: [60, 1, 1], elements: [UInt8](repeating: 0, count: 60)),
      to: "train-labels-idx1-ubyte"
    )
    #expect(throws: DatasetError.wrongDimensions(path: path, found: 3, wanted: .labels)) {
      try load()
    }
  }

  @Test
  func `another kind of file is not taken for IDX`() throws {
    try writeSmallSet(in: scratch)
    let path = try scratch.write(Array("P5 28 28 255".utf8), to: "train-images-idx3-ubyte")
    #expect(throws: DatasetError.notIDX(path: path)) { try load() }
    try scratch.write([], to: "train-images-idx3-ubyte")
    #expect(throws: DatasetError.notIDX(path: path)) { try load() }
    try scratch.write(
      idxFile(type: 0x0d, dimensions: [1, 1, 1], elements: [0, 0, 0, 0]),
      to: "train-images-idx3-ubyte"
    )
    #expect(throws: DatasetError.wrongElementType(path: path, type: 13)) { try load() }
  }

  @Test
  func `counts and shapes that disagree are told with both sides`() throws {
    try writeSmallSet(in: scratch)
    let labels = try scratch.write(
      idxFile(dimensions: [59], elements: [UInt8](repeating: 0, count: 59)),
      to: "train-labels-idx1-ubyte"
    )
    #expect(
      throws: DatasetError.countMismatch(
        images: scratch.path + "/train-images-idx3-ubyte",
        imageCount: 60,
        labels: labels,
        labelCount: 59
      )
    ) { try load() }
    try writeSmallSet(in: scratch)
    try scratch.write(
      idxFile(dimensions: [12, 3, 3], elements: [UInt8](repeating: 0, count: 108)),
      to: "t10k-images-idx3-ubyte"
    )
    #expect(throws: DatasetError.shapeMismatch(train: [2, 3, 1], test: [3, 3, 1])) { try load() }
  }

  @Test
  func `labels that cannot be trained on are refused`() throws {
    func write(train: [UInt8], test: [UInt8]) throws {
      try writeSmallSet(in: scratch)
      try scratch.write(
        idxFile(dimensions: [60], elements: train),
        to: "train-labels-idx1-ubyte"
      )
      try scratch.write(idxFile(dimensions: [12], elements: test), to: "t10k-labels-idx1-ubyte")
    }
    try write(train: [UInt8](repeating: 4, count: 60), test: [UInt8](repeating: 4, count: 12))
    #expect(throws: DatasetError.oneClassOnly(label: 4)) { try load() }
    let mixed = (0..<60).map { UInt8($0 % 2) }
    try write(train: mixed, test: [UInt8](repeating: 9, count: 12))
    #expect(throws: DatasetError.labelOutOfRange(label: 9, index: 60, classes: 2)) { try load() }
    try write(train: mixed.map { $0 * 2 }, test: [UInt8](repeating: 0, count: 12))
    #expect(throws: DatasetError.emptyClass(label: 1, classes: 3)) { try load() }
  }

  @Test
  func `no images at all are refused`() throws {
    try writeSmallSet(in: scratch)
    let path = try scratch.write(
      idxFile(dimensions: [0, 2, 3], elements: []),
      to: "train-images-idx3-ubyte"
    )
    #expect(throws: DatasetError.empty(path: path)) { try load() }
  }
}

@Suite
struct GzipTests {
  let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 7) }

  @Test
  func `members one after another are one content`() throws {
    let members = gzipped(Array(bytes[..<70_000])) + gzipped([]) + gzipped(Array(bytes[70_000...]))
    #expect(try Gzip.decompressed(members, path: "f") == bytes)
  }

  @Test
  func `a cut is truncation and a flipped byte is damage`() throws {
    let whole = gzipped(bytes)
    for count in [2, 9, whole.count / 2, whole.count - 1] {
      #expect(throws: DatasetError.truncatedGzip(path: "f")) {
        try Gzip.decompressed(Array(whole[..<count]), path: "f")
      }
    }
    var damaged = whole
    damaged[whole.count / 2] ^= 0x40
    #expect(throws: DatasetError.self) { try Gzip.decompressed(damaged, path: "f") }
    var wrongSum = whole
    wrongSum[whole.count - 6] ^= 1
    #expect(throws: DatasetError.damagedGzip(path: "f", reason: "incorrect data check")) {
      try Gzip.decompressed(wrongSum, path: "f")
    }
  }
}
