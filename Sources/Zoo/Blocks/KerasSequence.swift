import Engine

/// A network of Keras layers one behind the other, which have the names Keras gives by itself.
///
/// A convolution's and a dense layer's ReLU has the layer's name with `_relu` behind it, because in
/// Keras it is a part of the layer.
struct KerasSequence {
  let graph: GraphBuilder
  private(set) var value: Value
  private var names = KerasNames()

  /// Starts at the images and makes Keras' conventions the graph's.
  init(_ graph: GraphBuilder) {
    graph.conventions = .keras
    self.graph = graph
    value = graph.input
  }

  /// A convolution and its ReLU.
  mutating func convolution(
    _ channels: Int,
    kernel: Int,
    stride: Int = 1,
    padding: Int = 0
  ) throws(GraphError) {
    let name = names.next("conv2d")
    value = try graph.convolution(
      value,
      name,
      channels: channels,
      kernel: kernel,
      stride: stride,
      padding: padding
    )
    value = try graph.relu(value, name + "_relu")
  }

  mutating func maxPooling(_ size: Int, stride: Int? = nil) throws(GraphError) {
    value = try graph.maxPooling(value, names.next("max_pooling2d"), size: size, stride: stride)
  }

  mutating func batchNormalization() throws(GraphError) {
    value = try graph.batchNormalization(value, names.next("batch_normalization"))
  }

  mutating func dropout(_ rate: Float) throws(GraphError) {
    value = try graph.dropout(value, names.next("dropout"), rate: rate)
  }

  mutating func flatten() throws(GraphError) {
    value = try graph.flatten(value, names.next("flatten"))
  }

  /// A dense layer and its ReLU.
  mutating func dense(_ features: Int) throws(GraphError) {
    let name = names.next("dense")
    value = try graph.dense(value, name, features: features)
    value = try graph.relu(value, name + "_relu")
  }

  /// The last dense layer, whose softmax or sigmoid belongs to the loss.
  mutating func logits(_ outputs: Int) throws(GraphError) -> Value {
    try graph.dense(value, names.next("dense"), features: outputs)
  }
}
