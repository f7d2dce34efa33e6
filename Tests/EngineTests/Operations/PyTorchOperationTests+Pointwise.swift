import Engine

/// Activation functions, poolings and movements; stored in `pointwise.safetensors`.
extension PyTorchOperationTests {
  static let pointwiseCases: [Case] =
    activationCases + movementCases + [
      Case(name: "squeeze", file: "pointwise") { graph in
        let means = try graph.globalAveragePooling(graph.input, keepsMap: true)
        return try graph.multiply(graph.input, by: graph.sigmoid(means))
      },
      Case(name: "adaptive", file: "pointwise") {
        try $0.adaptiveAveragePooling($0.input, height: 3, width: 4)
      },
      Case(name: "adaptive_larger", file: "pointwise") {
        try $0.adaptiveAveragePooling($0.input, height: 7, width: 7)
      },
      Case(name: "average_ceil", file: "pointwise") {
        try $0.averagePooling($0.input, size: 3, stride: 2, padding: 1, ceilMode: true)
      },
      Case(name: "average_ceil_uncounted", file: "pointwise") {
        try $0.averagePooling(
          $0.input,
          size: 3,
          stride: 2,
          padding: 1,
          ceilMode: true,
          countIncludesPadding: false
        )
      },
      Case(name: "average_asymmetric", file: "pointwise") {
        try $0.averagePooling(
          $0.input,
          window: Window(
            size: 3,
            stride: 2,
            padding: .init(top: 0, left: 0, bottom: 2, right: 1)
          )
        )
      },
      Case(name: "maximum_asymmetric", file: "pointwise") {
        try $0.maxPooling(
          $0.input,
          window: Window(
            size: 3,
            stride: 2,
            padding: .same(window: 3, stride: 2, input: $0.shape(of: $0.input))
          )
        )
      },
      Case(name: "response", file: "pointwise") {
        try $0.localResponseNormalization($0.input, alpha: 1.5)
      },
      Case(name: "response_even", file: "pointwise") {
        try $0.localResponseNormalization($0.input, size: 4, alpha: 1.5, beta: 0.6, k: 1)
      },
    ]

  private static let activationCases: [Case] = [
    Case(name: "swish", file: "pointwise") { try $0.swish($0.input) },
    Case(name: "hardswish", file: "pointwise") { try $0.hardSwish($0.input) },
    Case(name: "gelu", file: "pointwise") { try $0.gelu($0.input) },
    Case(name: "sigmoid", file: "pointwise") { try $0.sigmoid($0.input) },
    Case(name: "hardsigmoid", file: "pointwise") { try $0.hardSigmoid($0.input) },
    Case(name: "relu6", file: "pointwise") { try $0.relu6($0.input) },
    Case(name: "tanh", file: "pointwise") { try $0.tanh($0.input) },
    Case(name: "rescaled", file: "pointwise") {
      try $0.rescaling($0.input, scale: 3, offset: -0.5)
    },
  ]

  private static let movementCases: [Case] = [
    Case(name: "border", file: "pointwise") {
      try $0.zeroPadding($0.input, padding: .init(top: 0, left: 2, bottom: 3, right: 1))
    },
    Case(name: "shifted", file: "pointwise") {
      try $0.zeroPadding($0.input, padding: .init(top: -1, left: -1, bottom: 1, right: 1))
    },
    Case(name: "slice", file: "pointwise") { try $0.sliceChannels($0.input, from: 2, count: 3) },
    Case(name: "shuffle", file: "pointwise") { try $0.shuffleChannels($0.input, groups: 3) },
  ]
}
