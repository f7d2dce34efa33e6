import Engine
import Zoo

/// A network with the images, the batch and the classes it is measured with.
struct BenchCase: Sendable {
  /// `ARCH@SIZE`.
  let name: String
  let input: Shape
  let batch: Int
  let classes: Int
  /// The network for these images and classes.
  let graph: @Sendable () throws -> Graph

  /// The cases that `descent bench steps` runs without a name; other programs are measured with
  /// the same networks, images, batches and classes, and no auxiliary outputs.
  static let standard: [BenchCase] = [
    BenchCase(digitsNetwork: "mnist-cnn@28", side: 28, batch: 64, classes: 10),
    BenchCase("dnn", side: 32, batch: 64, classes: 10),
    BenchCase("cnn", side: 32, batch: 64, classes: 10),
    BenchCase("resnet18", side: 32, batch: 16, classes: 10),
    BenchCase("resnet-custom", side: 32, batch: 64, classes: 10),
    BenchCase("alexnet-mini", side: 280, batch: 32, classes: 2),
    BenchCase("alexnet", side: 224, batch: 32, classes: 10),
    BenchCase("resnet18", side: 224, batch: 16, classes: 10),
    BenchCase("googlenet", side: 224, batch: 16, classes: 5),
    BenchCase("resnet50", side: 224, batch: 16, classes: 5),
    BenchCase("densenet121", side: 224, batch: 16, classes: 5),
    BenchCase("efficientnet-b0", side: 224, batch: 16, classes: 5),
    BenchCase("vit-b16", side: 224, batch: 8, classes: 5),
    BenchCase("davit-t", side: 224, batch: 8, classes: 5),
    BenchCase("vgg16", side: 224, batch: 8, classes: 5),
  ]

  /// The case of this name, with other images' channels, batch or classes if given.
  ///
  /// A name that is not in the list has batches of 64 images up to 64 pixels a side, else of 16.
  ///
  /// - Throws: `UsageError` for what is not `ARCH@SIZE`, or an architecture there is not.
  static func named(
    _ name: String,
    channels: Int? = nil,
    batch: Int? = nil,
    classes: Int? = nil
  ) throws -> BenchCase {
    let parts = name.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, let side = Int(parts[1]), side >= 1 else {
      throw UsageError.unknownCase(name: name)
    }
    let known = standard.first { $0.name == name }
    let batch = batch ?? known?.batch ?? (side > 64 ? 16 : 64)
    let classes = classes ?? known?.classes ?? 10
    if name.hasPrefix(digitsName + "@") {
      return BenchCase(
        digitsNetwork: name,
        side: side,
        channels: channels ?? 1,
        batch: batch,
        classes: classes
      )
    }
    let architecture = try Catalog.find(String(parts[0])).name
    return BenchCase(
      architecture,
      side: side,
      channels: channels ?? 3,
      batch: batch,
      classes: classes
    )
  }

  private static let digitsName = "mnist-cnn"

  private init(_ architecture: String, side: Int, channels: Int = 3, batch: Int, classes: Int) {
    let input = Shape.map(height: side, width: side, channels: channels)
    self.init(name: "\(architecture)@\(side)", input: input, batch: batch, classes: classes) {
      try Catalog.find(architecture).graph(inputShape: input, classes: classes)
        .withoutAuxiliaryOutputs()
    }
  }

  private init(
    name: String,
    input: Shape,
    batch: Int,
    classes: Int,
    graph: @escaping @Sendable () throws -> Graph
  ) {
    self.name = name
    self.input = input
    self.batch = batch
    self.classes = classes
    self.graph = graph
  }

  /// Two convolutions, one pooling and two dense layers: a network that is only measured.
  private init(digitsNetwork name: String, side: Int, channels: Int = 1, batch: Int, classes: Int) {
    let input = Shape.map(height: side, width: side, channels: channels)
    self.init(name: name, input: input, batch: batch, classes: classes) {
      let builder = GraphBuilder(inputShape: input)
      var value = builder.input
      for (index, channels) in [32, 64].enumerated() {
        let name = "conv\(index + 1)"
        value = try builder.convolution(value, name, channels: channels, kernel: 3, padding: 1)
        value = try builder.relu(value)
      }
      value = try builder.maxPooling(value, "pool", size: 2)
      value = try builder.dense(builder.flatten(value), "fc1", features: 128)
      value = try builder.dense(builder.relu(value), "fc2", features: classes)
      return builder.graph(output: value)
    }
  }
}
