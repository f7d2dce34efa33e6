import Datasets
import Engine
import Telemetry
import Testing

@testable import Training

/// What a network reads of an image: standardised values, or bytes where it asks for them.
@Suite
struct PixelValuesTests {
  @Test
  func `a network that wants bytes reads bytes`() throws {
    #expect(try firstImage(.bytes, scale: 255) == [0, 51, 102, 255])
  }

  @Test
  func `pixels of another scale are stretched to bytes`() throws {
    #expect(try firstImage(.bytes, scale: 510) == [0, 25.5, 51, 127.5])
  }

  @Test
  func `a network that asks for nothing reads standardised pixels`() throws {
    let values = try firstImage(.standardized, scale: 255)
    #expect(abs(values.reduce(0, +)) < 1e-5)
    #expect(abs(values.reduce(0) { $0 + $1 * $1 } - 4) < 1e-4)
  }

  /// The first image as the run's network gets it; all images are equal.
  private func firstImage(_ pixels: PixelValues, scale: Float) throws -> [Float] {
    let images = try ImageSet(
      name: "equal",
      shape: (height: 2, width: 2, channels: 1),
      classNames: ["a", "b"],
      pixels: .bytes((0..<8).flatMap { _ in [0, 51, 102, 255] as [UInt8] }),
      scale: scale,
      labels: [0, 1, 0, 1, 0, 1, 0, 1],
      validationShare: 0.25,
      seed: 1
    )
    let builder = GraphBuilder(inputShape: Shape(images.imageShape))
    builder.pixels = pixels
    let logits = try builder.dense(builder.flatten(builder.input), "fc", features: 2)
    var recipe = TestRun.recipe
    recipe.batchSize = 1
    let plan = try RunPlan(
      recipe: recipe,
      images: images,
      graph: builder.graph(output: logits)
    )
    var values = [Float](repeating: 0, count: images.imageSize)
    var labels: [Int32] = [0]
    values.withUnsafeMutableBufferPointer { values in
      labels.withUnsafeMutableBufferPointer { labels in
        plan.sampler.fill(batch: [0], images: values, labels: labels)
      }
    }
    return values
  }
}
