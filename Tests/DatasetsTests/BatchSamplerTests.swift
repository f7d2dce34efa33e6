import Foundation
import Testing

@testable import Datasets

@Suite
struct BatchSamplerTests {
  /// Five images of 1x2 pixels and two channels, no other splits.
  func colourSet(_ pixels: ImageSet.Pixels) throws -> ImageSet {
    try ImageSet(
      name: "colours",
      shape: (1, 2, 2),
      classNames: ["a", "b"],
      pixels: pixels,
      scale: 10,
      labels: [0, 1, 0, 1, 1],
      test: 4..<5,
      validationShare: 0,
      seed: 1
    )
  }

  let bytes: [UInt8] = [
    0, 10, 2, 10, 4, 10, 6, 10, 8, 10, 10, 10, 12, 10, 14, 10, 255, 255, 255, 255,
  ]

  @Test
  func `mean and deviation come from the training split alone`() throws {
    // Channel 0 of the training images is 0, 2 … 14 over 10: mean 0.7, variance 0.21.
    let normalization = Normalization(measuring: try colourSet(.bytes(bytes)))
    #expect(normalization.mean == [0.7, 1])
    #expect(abs(normalization.deviation[0] - Float(0.21).squareRoot()) < 1e-7)
    #expect(normalization.deviation[1] == 1)
  }

  @Test
  func `bytes and floats of equal value give equal batches`() throws {
    let fromBytes = BatchSampler(set: try colourSet(.bytes(bytes)), batchSize: 3, seed: 1)
    let floats = try colourSet(.floats(bytes.map { Float($0) }))
    let fromFloats = BatchSampler(
      set: floats,
      normalization: fromBytes.normalization,
      batchSize: 3,
      seed: 1
    )
    #expect(Normalization(measuring: floats) == fromBytes.normalization)
    func filled(_ sampler: BatchSampler) -> ([Float], [Int32]) {
      var images = [Float](repeating: -99, count: 13)
      var labels = [Int32](repeating: -99, count: 4)
      images.withUnsafeMutableBufferPointer { images in
        labels.withUnsafeMutableBufferPointer { labels in
          sampler.fill(batch: [4, 0, 3], images: images, labels: labels)
        }
      }
      return (images, labels)
    }
    let (images, labels) = filled(fromBytes)
    #expect(labels == [1, 0, 1, -99])
    #expect(images.last == -99)
    let expected = [16, 17, 18, 19, 0, 1, 2, 3, 12, 13, 14, 15].map { element in
      fromBytes.normalization.normalized(Float(bytes[element]), channel: element % 2)
    }
    #expect(Array(images.dropLast()) == expected)
    #expect(filled(fromFloats).0 == images)
  }

  @Test
  func `the training split of the digits becomes mean 0 and deviation 1`() throws {
    let set = try DataSource(text: "digits").load(seed: 1)
    let sampler = BatchSampler(set: set, batchSize: 64, seed: 1)
    var images = [Float](repeating: 0, count: set.train.count * 64)
    var labels = [Int32](repeating: 0, count: set.train.count)
    images.withUnsafeMutableBufferPointer { images in
      labels.withUnsafeMutableBufferPointer { labels in
        sampler.fill(batch: set.train[...], images: images, labels: labels)
      }
    }
    let mean = images.reduce(0) { $0 + Double($1) } / Double(images.count)
    let square = images.reduce(0) { $0 + Double($1) * Double($1) } / Double(images.count)
    #expect(abs(mean) < 1e-5)
    #expect(abs(square - 1) < 1e-5)
  }

  @Test
  func `an epoch is a permutation that only seed and epoch decide`() throws {
    let set = try DataSource(text: "digits").load(seed: 1)
    let sampler = BatchSampler(set: set, batchSize: 64, seed: 1)
    let first = sampler.indices(epoch: 1)
    #expect(first.sorted() == set.train)
    #expect(first != set.train)
    #expect(first != sampler.indices(epoch: 2))
    #expect(first == BatchSampler(set: set, batchSize: 10, seed: 1).indices(epoch: 1))
    #expect(first != BatchSampler(set: set, batchSize: 64, seed: 2).indices(epoch: 1))
  }

  @Test
  func `the last batch keeps what is left`() throws {
    let set = try DataSource(text: "digits").load(seed: 1)
    let sampler = BatchSampler(set: set, batchSize: 100, seed: 1)
    let order = sampler.indices(epoch: 3)
    let batches = (0..<sampler.stepsPerEpoch).map { sampler.batch($0, of: order) }
    #expect(batches.map(\.count) == [Int](repeating: 100, count: 12) + [22])
    #expect(batches.flatMap { $0 } == order)
  }
}

@Suite
struct CounterRandomTests {
  @Test
  func `the cipher gives the published words`() {
    // Known answers of the authors' Random123 library for philox4x32, 10 rounds.
    #expect(
      CounterRandom.block(counter: SIMD4(repeating: 0), key: SIMD2(repeating: 0))
        == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
    )
    #expect(
      CounterRandom.block(counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max))
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
    )
    #expect(
      CounterRandom.block(
        counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
        key: SIMD2(0xa409_3822, 0x299f_31d0)
      )
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
    )
  }

  @Test
  func `bounded draws are spread evenly`() {
    var random = CounterRandom(seed: 1, purpose: .epochOrder, index: 0)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[Int(random.next(below: 7))] += 1 }
    // Five standard deviations of a binomial count.
    #expect(counts.allSatisfy { abs($0 - 10_000) < 470 })
  }

  @Test
  func `every order of three is as likely as any other`() {
    var counts: [[Int]: Int] = [:]
    for seed in 0..<6_000 {
      var random = CounterRandom(seed: UInt64(seed), purpose: .epochOrder, index: 1)
      var order = [0, 1, 2]
      random.shuffle(&order)
      counts[order, default: 0] += 1
    }
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { abs($0 - 1_000) < 145 })
  }

  @Test
  func `streams differ by seed, purpose and index`() {
    func start(_ seed: UInt64, _ purpose: CounterRandom.Purpose, _ index: UInt32) -> [UInt32] {
      var random = CounterRandom(seed: seed, purpose: purpose, index: index)
      return (0..<6).map { _ in random.next() }
    }
    let starts = [
      start(1, .epochOrder, 1), start(1, .epochOrder, 2), start(1, .testSplit, 1),
      start(1 << 32, .epochOrder, 1),
    ]
    #expect(Set(starts).count == 4)
    #expect(Set(starts[0]).count == 6)
  }
}

@Suite
struct RealFilesTests {
  static let directory = ProcessInfo.processInfo.environment["DESCENT_MNIST"]

  @Test(.enabled(if: directory != nil, "DESCENT_MNIST does not name the directory of MNIST"))
  func `MNIST gives 55,000 and 5,000 and 10,000 images`() throws {
    let directory = try #require(Self.directory)
    let set = try DataSource(text: "mnist:" + directory).load(seed: 1)
    #expect(set.imageShape == [28, 28, 1])
    #expect(set.train.count == 55_000)
    #expect(set.validation.count == 5_000)
    #expect(set.test.count == 10_000)
    let normalization = Normalization(measuring: set)
    #expect(abs(normalization.mean[0] - 0.1307) < 0.001)
    #expect(abs(normalization.deviation[0] - 0.3081) < 0.001)
  }
}
