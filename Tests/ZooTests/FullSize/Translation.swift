/// How names and arrays of a reference become those of a network here.
struct Translation: Sendable {
  /// Where a reference's array goes in a parameter.
  enum Placement: Hashable, Sendable {
    /// As it would stand in a file of ours.
    case file
    /// As it stands in memory: Keras' order is ours.
    case memory
    /// In memory, where its equal parts along the last dimension are these of so many: the rest
    /// comes from other arrays, or the parts are in another order.
    case parts([Int], of: Int)
  }

  /// The parameter for a reference's array; nil where there should be none.
  var parameter: @Sendable (String) -> (name: String, placement: Placement)?
  /// The layer for a reference's layer, without the ending of a built-in activation.
  var layer: @Sendable (String) -> String
  /// What may follow `layer` in names here: the last layer of them is the one that compares.
  var endings: [String]

  /// Layers of a PyTorch module that is used several times are numbered here.
  static let repeats = (2...9).map { "_\($0)" } + ["_out"]
  /// A Keras layer with a built-in activation is two layers here.
  static let activations = ["_relu", "_swish", "_sigmoid", "_gelu", "_activation"]

  /// The network has the names of a PyTorch reference.
  static let sameNames = Translation(
    parameter: { ($0, .file) },
    layer: { $0 },
    endings: repeats
  )

  /// The network has the names of a Keras reference.
  static let sameKerasNames = Translation(
    parameter: { ($0, .file) },
    layer: { $0 },
    endings: activations
  )

  /// Keras' words for a layer's arrays, as PyTorch has them.
  static let words = [
    "kernel": "weight", "depthwise_kernel": "weight", "bias": "bias", "gamma": "weight",
    "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var",
  ]

  /// A Keras reference for a network with PyTorch's names: those of a layer's weights, and of the
  /// layer whose result is its own where that is another one.
  static func keras(
    _ weights: @escaping @Sendable (String) -> String,
    results: (@Sendable (String) -> String)? = nil
  ) -> Translation {
    Translation(
      parameter: { name in
        let parts = name.split(separator: "/")
        guard parts.count == 2, let word = words[String(parts[1])] else { return nil }
        return (weights(String(parts[0])) + "." + word, .memory)
      },
      layer: results ?? weights,
      endings: activations
    )
  }
}
