import Foundation
import Testing

@testable import Datasets

/// Small images as PyTorch resizes and warps them; Fixtures/make_images.py has made them.
struct ImageFixture: Decodable {
  struct Resized: Decodable, CustomTestStringConvertible {
    let from: [Int]
    let to: [Int]
    let values: [Float]

    var testDescription: String { "\(from) to \(to)" }
  }

  struct Warped: Decodable, CustomTestStringConvertible {
    let from: [Int]
    let degrees: Double
    let lean: Double
    let scale: Double
    let shift: [Double]
    let values: [Float]

    var testDescription: String { "\(from), \(degrees) degrees" }
  }

  let resized: [Resized]
  let warped: [Warped]

  static let all = Result {
    let path = Bundle.module.bundlePath + "/Fixtures/images.json"
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    return try JSONDecoder().decode(ImageFixture.self, from: data)
  }

  /// The image that the fixture is made of, at its size.
  static func source(_ shape: [Int]) -> [UInt8] {
    (0..<shape.reduce(1, *)).map { UInt8($0 * 37 % 101) }
  }
}

/// Two of the fixture's images, to be seen as they are.
func fixtureSet(_ shape: [Int]) throws -> ImageSet {
  try ImageSet(
    name: "fixture",
    shape: (shape[0], shape[1], shape[2]),
    classNames: ["a", "b"],
    pixels: .bytes(ImageFixture.source(shape) + ImageFixture.source(shape)),
    scale: 255,
    labels: [0, 1],
    test: 2..<2,
    validationShare: 0,
    seed: 1
  )
}

extension BatchSampler {
  /// What a network reads of one image.
  func pixels(of image: Int, epoch: Int? = nil) -> [Float] {
    var images = [Float](repeating: .nan, count: set.imageSize)
    var labels = [Int32](repeating: 0, count: 1)
    images.withUnsafeMutableBufferPointer { images in
      labels.withUnsafeMutableBufferPointer { labels in
        fill(batch: [image], epoch: epoch, images: images, labels: labels)
      }
    }
    return images
  }

  /// Of pixels that stay what they are.
  static func plain(_ set: ImageSet, _ augmentation: Augmentation = Augmentation()) -> BatchSampler
  {
    BatchSampler(
      set: set,
      normalization: .bytes(of: set),
      batchSize: 2,
      seed: 1,
      augmentation: augmentation
    )
  }
}

@Suite
struct ResizingTests {
  @Test
  func `images of another size are PyTorch's`() throws {
    for example in try ImageFixture.all.get().resized {
      let set = try fixtureSet(example.from).sized(height: example.to[0], width: example.to[1])
      #expect(set.imageShape == example.to + [example.from[2]])
      let pixels = BatchSampler.plain(set).pixels(of: 1)
      #expect(pixels.count == example.values.count)
      for (pixel, wanted) in zip(pixels, example.values) {
        #expect(abs(pixel - wanted) < 2e-4, "\(example.testDescription)")
      }
    }
  }

  @Test
  func `an image at its own size stays as it is`() throws {
    let set = try fixtureSet([6, 5, 2]).sized(height: 6, width: 5)
    #expect(!set.isResized)
    let source = ImageFixture.source([6, 5, 2]).map { Float($0) }
    #expect(BatchSampler.plain(set).pixels(of: 0) == source)
  }

  @Test
  func `the normalisation is that of the images as they are kept`() throws {
    let set = try DataSource(text: "digits").load(seed: 1)
    let sized = set.sized(height: 20, width: 12)
    #expect(sized.imageSize == 240)
    #expect(Normalization(measuring: sized) == Normalization(measuring: set))
  }

  @Test
  func `one colour stays one colour at every size`() throws {
    let grey = try ImageSet(
      name: "grey",
      shape: (3, 4, 1),
      classNames: ["a", "b"],
      pixels: .bytes(Array(repeating: 77, count: 24)),
      scale: 255,
      labels: [0, 1],
      test: 2..<2,
      validationShare: 0,
      seed: 1
    )
    for (height, width) in [(1, 1), (2, 9), (17, 3), (64, 64)] {
      let pixels = BatchSampler.plain(grey.sized(height: height, width: width)).pixels(of: 0)
      #expect(pixels.allSatisfy { abs($0 - 77) < 1e-3 })
    }
  }
}
