import Testing

@testable import Datasets

@Suite
struct AugmentationTests {
  private let shape = [9, 8, 2]

  /// An augmentation with one thing in it.
  private func only(_ change: (inout Augmentation) -> Void) -> Augmentation {
    var augmentation = Augmentation()
    change(&augmentation)
    return augmentation
  }

  /// What 40 epochs make of the image.
  private func images(_ change: (inout Augmentation) -> Void) throws -> [[Float]] {
    let sampler = BatchSampler.plain(try fixtureSet(shape), only(change))
    return (1...40).map { sampler.pixels(of: 0, epoch: $0) }
  }

  private var source: [Float] { ImageFixture.source(shape).map { Float($0) } }

  /// The source with its pixels elsewhere; black where the place is nil.
  private func moved(_ place: (_ y: Int, _ x: Int) -> (y: Int, x: Int)?) -> [Float] {
    let source = source
    return (0..<shape[0]).flatMap { y in
      (0..<shape[1]).flatMap { x in
        (0..<shape[2]).map { channel in
          guard let from = place(y, x), (0..<shape[0]).contains(from.y),
            (0..<shape[1]).contains(from.x)
          else { return 0 }
          return source[(from.y * shape[1] + from.x) * shape[2] + channel]
        }
      }
    }
  }

  @Test
  func `a warp is PyTorch's`() throws {
    for example in try ImageFixture.all.get().warped {
      let (height, width, channels) = (example.from[0], example.from[1], example.from[2])
      let set = try fixtureSet(example.from)
      var draw = AugmentationDraw(only { _ in }, seed: 1, epoch: 1, image: 0, height: 1, width: 1)
      draw.warp = Warp(
        angle: example.degrees * .pi / 180,
        lean: example.lean * .pi / 180,
        scale: example.scale,
        shift: (example.shift[0], example.shift[1]),
        height: height,
        width: width
      )
      let source = ImageFixture.source(example.from).map { Float($0) }
      var made = [Float](repeating: .nan, count: height * width * channels)
      AugmentedImage(of: set).make(draw, from: source, to: &made)
      for (pixel, wanted) in zip(made, example.values) {
        #expect(abs(pixel - wanted) < 2e-3, "\(example.testDescription)")
      }
    }
  }

  @Test
  func `flips mirror about as many images as they are told to`() throws {
    let mirrored = moved { y, x in (y, shape[1] - 1 - x) }
    let seen = try images { $0.flip = 0.5 }
    #expect(seen.allSatisfy { $0 == source || $0 == mirrored })
    #expect((8...32).contains(seen.count { $0 == mirrored }))
    let always = try images { $0.flip = 1 }
    #expect(always.allSatisfy { $0 == mirrored })
    let upsideDown = moved { y, x in (shape[0] - 1 - y, x) }
    let turned = try images { $0.verticalFlip = 1 }
    #expect(turned.allSatisfy { $0 == upsideDown })
  }

  @Test
  func `a crop moves by whole pixels and shows black beside the image`() throws {
    let windows = (-2...2).flatMap { down in
      (-2...2).map { right in moved { y, x in (y + down, x + right) } }
    }
    let seen = try images { $0.crop = 2 }
    #expect(seen.allSatisfy(windows.contains))
    #expect(Set(seen).count > 12)
    // A quarter of 8 columns and of 9 rows, which rounds to 2.
    let shares = try images { $0.crop = 0.25 }
    #expect(shares == seen)
  }

  @Test
  func `brightness and contrast stay within their bounds and the pixels' range`() throws {
    for image in try images({ $0.brightness = 0.3 }) {
      let factor = image[3] / source[3]
      #expect((0.7...1.3).contains(factor))
      let wanted = source.map { min($0 * factor, 255) }
      #expect(zip(image, wanted).allSatisfy { abs($0 - $1) < 1e-3 })
    }
    let mean = source.reduce(0, +) / Float(source.count)
    // The brightest pixel is far from the ends of the range.
    let brightest = source.indices.max { source[$0] < source[$1] } ?? 0
    for image in try images({ $0.contrast = 0.3 }) {
      let factor = (image[brightest] - mean) / (source[brightest] - mean)
      #expect((0.7...1.3).contains(factor))
      let wanted = source.map { max(0, mean + factor * ($0 - mean)) }
      #expect(zip(image, wanted).allSatisfy { abs($0 - $1) < 1e-2 })
    }
  }

  @Test
  func `a cutout blanks a square and leaves the rest`() throws {
    let seen = try images { $0.cutout = 3 }
    for image in seen {
      let blank = zip(image, source).filter { $0 != $1 }
      #expect(blank.allSatisfy { $0.0 == 0 })
      #expect((1...18).contains(blank.count))
    }
    #expect(Set(seen).count > 12)
  }

  @Test
  func `an image's turn depends on seed, epoch and image alone`() throws {
    let set = try DataSource(text: "digits").load(seed: 1)
    let all = only {
      ($0.rotation, $0.zoom, $0.shear, $0.shift, $0.flip) = (20, 0.2, 10, 0.1, 0.5)
      ($0.crop, $0.brightness, $0.contrast, $0.cutout) = (0.125, 0.2, 0.2, 0.25)
    }
    func sampler(batch: Int, seed: UInt64) -> BatchSampler {
      BatchSampler(set: set, batchSize: batch, seed: seed, augmentation: all)
    }
    let first = sampler(batch: 8, seed: 1)
    let pixels = first.pixels(of: 5, epoch: 3)
    #expect(pixels.allSatisfy { $0.isFinite })
    #expect(pixels == sampler(batch: 3, seed: 1).pixels(of: 5, epoch: 3))
    #expect(pixels != sampler(batch: 8, seed: 2).pixels(of: 5, epoch: 3))
    #expect(pixels != first.pixels(of: 5, epoch: 4))
    var images = [Float](repeating: 0, count: 3 * 64)
    var labels = [Int32](repeating: 0, count: 3)
    images.withUnsafeMutableBufferPointer { images in
      labels.withUnsafeMutableBufferPointer { labels in
        first.fill(batch: [9, 5, 2], epoch: 3, images: images, labels: labels)
      }
    }
    #expect(Array(images[64..<128]) == pixels)
    // Images that are only looked at are shown as they are.
    #expect(first.pixels(of: 5) == BatchSampler(set: set, batchSize: 8, seed: 1).pixels(of: 5))
  }

  @Test
  func `what is switched on later leaves the other draws as they were`() {
    let turned = only { $0.rotation = 20 }
    let both = only { ($0.rotation, $0.cutout, $0.brightness, $0.flip) = (20, 0.5, 0.5, 0.5) }
    for image in 0..<50 {
      let draws = [turned, both].map {
        AugmentationDraw($0, seed: 7, epoch: 2, image: image, height: 20, width: 30)
      }
      #expect(draws[0].warp == draws[1].warp)
    }
  }

  @Test
  func `resized images are augmented at their new size`() throws {
    let set = try fixtureSet(shape).sized(height: 20, width: 24)
    let flipped = BatchSampler.plain(set, only { $0.flip = 1 }).pixels(of: 0, epoch: 1)
    let plain = BatchSampler.plain(set).pixels(of: 0)
    for y in 0..<20 {
      for x in 0..<24 {
        #expect(flipped[(y * 24 + x) * 2] == plain[(y * 24 + 23 - x) * 2])
      }
    }
  }

  @Test
  func `tiny images bear everything`() throws {
    for shape in [[1, 1, 1], [1, 3, 1], [2, 1, 3]] {
      let all = only {
        ($0.rotation, $0.zoom, $0.shear, $0.shift, $0.flip) = (180, 0.9, 60, 5, 0.5)
        ($0.crop, $0.brightness, $0.contrast, $0.cutout) = (9, 1, 1, 7)
      }
      let sampler = BatchSampler.plain(try fixtureSet(shape), all)
      let seen = (1...50).flatMap { epoch -> [Float] in sampler.pixels(of: 1, epoch: epoch) }
      #expect(seen.allSatisfy { (0...255).contains($0) })
    }
  }
}
