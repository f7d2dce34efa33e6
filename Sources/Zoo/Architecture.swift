package import Engine

/// A named network builder.
package struct Architecture: Sendable {
  /// The name on the command line: `resnet18`.
  package let name: String
  /// Networks that share their builder: `resnet`.
  package let family: String
  /// One line on what it is and where its definition comes from.
  package let summary: String

  /// Height, width and channels of the images its definition is published for; others work too.
  package let nativeInput: Shape
  /// The number of outputs its definition is published with.
  package let nativeClasses: Int
  /// What it reads of an image.
  package let pixels: PixelValues

  private let body: @Sendable (GraphBuilder, Int) throws(GraphError) -> Value

  /// Names a builder.
  ///
  /// `body` adds the layers and returns the logits, and its second argument is the number of
  /// outputs. Native images are square, of `side` pixels.
  init(
    name: String,
    family: String,
    summary: String,
    side: Int = 224,
    channels: Int = 3,
    classes: Int = 1000,
    pixels: PixelValues = .standardized,
    body: @escaping @Sendable (_ graph: GraphBuilder, _ outputs: Int) throws(GraphError) -> Value
  ) {
    self.name = name
    self.family = family
    self.summary = summary
    nativeInput = .map(height: side, width: side, channels: channels)
    nativeClasses = classes
    self.pixels = pixels
    self.body = body
  }

  /// The network for images of `inputShape` (height, width, channels) and `classes` outputs; one
  /// output means a sigmoid for a two-class problem.
  ///
  /// - Throws: `GraphError` where the images are too small for the network.
  package func graph(inputShape: Shape, classes: Int) throws(GraphError) -> Graph {
    let builder = GraphBuilder(inputShape: inputShape)
    builder.pixels = pixels
    return builder.graph(output: try body(builder, classes))
  }
}
