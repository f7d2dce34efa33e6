import Foundation
import Testing

@testable import Datasets

@Suite
struct SplitTests {
  func digits(share: Double = 0.15, seed: UInt64 = 7) throws -> ImageSet {
    try DataSource(text: "digits").load(validationShare: share, seed: seed)
  }

  @Test
  func `the built-in digits are all there`() throws {
    let set = try digits()
    #expect(set.labels.count == 1_797)
    #expect(set.imageShape == [8, 8, 1])
    #expect(set.classCount == 10)
    #expect(set.labels[..<4] == [0, 1, 2, 3])
    guard case .bytes(let pixels) = set.pixels else {
      Issue.record("pixels should be bytes")
      return
    }
    #expect(pixels.count == 1_797 * 64)
    #expect(pixels[..<8] == [0, 0, 5, 13, 9, 1, 0, 0])
    #expect(pixels.max() == 16)
    #expect(set.scale == 16)
  }

  @Test
  func `splits are disjoint and cover everything`() throws {
    let set = try digits()
    #expect(set.test.count == 359)
    #expect(set.validation.count == 216)
    #expect((set.train + set.validation + set.test).sorted() == Array(0..<1_797))
  }

  @Test
  func `every class gives its share`() throws {
    let set = try digits()
    for label in Int32(0)..<10 {
      func count(_ indices: [Int]) -> Double {
        Double(indices.count { set.labels[$0] == label })
      }
      let total = count(Array(set.labels.indices))
      #expect(abs(count(set.test) - 0.2 * total) < 1.001)
      #expect(abs(count(set.validation) - 0.15 * (total - count(set.test))) < 1.001)
    }
  }

  @Test
  func `the seed decides the splits, and nothing else`() throws {
    #expect(try digits().train == digits().train)
    #expect(try digits().test != digits(seed: 8).test)
    #expect(try digits(share: 0.3).test == digits().test)
  }

  @Test
  func `a twelfth of sixty thousand is five thousand`() throws {
    let labels = (0..<60_000).map { Int32($0 * 7 % 11 % 10) }
    let splitter = StratifiedSplitter(labels: labels, classCount: 10, seed: 1)
    let (heldOut, rest) = try splitter.split(
      Array(labels.indices),
      share: 1.0 / 12,
      purpose: .validationSplit
    )
    #expect(heldOut.count == 5_000)
    #expect(rest.count == 55_000)
    #expect(heldOut == heldOut.sorted())
  }

  @Test
  func `no validation split is possible`() throws {
    #expect(try digits(share: 0).validation.isEmpty)
  }

  @Test(arguments: [-0.1, 1, 1.5, .nan, 0.9999999])
  func `a share that leaves nothing is refused`(share: Double) throws {
    #expect(throws: DatasetError.self) { try digits(share: share) }
  }
}

@Suite
struct DataSourceTests {
  @Test
  func `an unknown name gets the nearest and all known ones`() throws {
    #expect(
      throws: DatasetError.unknownName(
        name: "digit",
        nearest: "digits",
        known: ["digits", "mnist"]
      )
    ) { try DataSource(text: "digit") }
    #expect(
      throws: DatasetError.unknownName(
        name: "nist",
        nearest: "mnist",
        known: ["digits", "mnist"]
      )
    ) { try DataSource(text: "nist:/data") }
  }

  @Test
  func `a directory is asked for where one is needed and only there`() throws {
    #expect(throws: DatasetError.missingDirectory(name: "mnist")) {
      try DataSource(text: "mnist")
    }
    #expect(throws: DatasetError.missingDirectory(name: "mnist")) {
      try DataSource(text: "mnist:")
    }
    #expect(throws: DatasetError.unwantedDirectory(name: "digits")) {
      try DataSource(text: "digits:/data")
    }
    #expect(try DataSource(text: "mnist:a:b") == .mnist(directory: "a:b"))
  }

  @Test
  func `distances count single edits`() {
    #expect(editDistance("", "abc") == 3)
    #expect(editDistance("kitten", "sitting") == 3)
    #expect(editDistance("same", "same") == 0)
  }
}
