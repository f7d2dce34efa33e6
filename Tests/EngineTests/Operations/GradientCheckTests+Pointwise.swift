import Engine

/// Activation functions, layers of whole channels or samples, and movements.
extension GradientCheckTests {
  static let pointwiseCases: [Case] =
    activationCases + channelCases + [
      Case(name: "adaptive average pooling", input: Shape([7, 5, 3])) {
        try $0.adaptiveAveragePooling($0.input, height: 3, width: 4)
      },
      Case(name: "average pooling, larger border behind") {
        try $0.averagePooling(
          $0.input,
          window: Window(
            size: 3,
            stride: 2,
            padding: .same(window: 3, stride: 2, input: Shape([5, 4, 3]))
          ),
          countIncludesPadding: false
        )
      },
      Case(name: "max pooling, larger border behind") {
        try $0.maxPooling(
          $0.input,
          window: Window(
            size: 2,
            stride: 2,
            padding: .same(window: 2, stride: 2, input: Shape([5, 4, 3]))
          )
        )
      },
      Case(name: "zero padding") {
        try $0.zeroPadding($0.input, padding: .init(top: 1, left: 0, bottom: 2, right: 1))
      },
      Case(name: "cropping") {
        try $0.zeroPadding($0.input, padding: .init(top: -1, left: -1, bottom: 1, right: 1))
      },
      Case(name: "all slices of a value, exchanged", input: Shape([3, 2, 7])) { graph in
        let first = try graph.sliceChannels(graph.input, from: 0, count: 3)
        let second = try graph.sliceChannels(graph.input, from: 3, count: 4)
        return try graph.concatenate([second, first, second])
      },
      Case(name: "channel shuffle", input: Shape([3, 2, 6])) {
        try $0.add($0.shuffleChannels($0.input, groups: 2), $0.input)
      },
    ]

  private static let activationCases: [Case] = [
    Case(name: "swish") { try $0.swish($0.input) },
    Case(name: "hard-swish") { try $0.hardSwish($0.input) },
    Case(name: "GELU") { try $0.gelu($0.input) },
    Case(name: "sigmoid") { try $0.sigmoid($0.input) },
    Case(name: "hard-sigmoid") { try $0.hardSigmoid($0.input) },
    Case(name: "ReLU6") { try $0.relu6($0.input) },
    Case(name: "tanh") { try $0.tanh($0.input) },
    Case(name: "swish whose input has another reader") { graph in
      let value = try graph.convolution(graph.input, "op", channels: 3, kernel: 1)
      return try graph.add(graph.swish(value), value)
    },
    Case(name: "sigmoid whose input has another reader") { graph in
      let value = try graph.convolution(graph.input, "op", channels: 3, kernel: 1)
      return try graph.add(value, graph.sigmoid(value))
    },
  ]

  private static let channelCases: [Case] = [
    Case(name: "squeeze-excitation") { graph in
      let means = try graph.globalAveragePooling(graph.input, keepsMap: true)
      let narrow = try graph.swish(
        graph.convolution(means, "reduce", channels: 2, kernel: 1)
      )
      let wide = try graph.convolution(narrow, "expand", channels: 3, kernel: 1, bias: false)
      return try graph.multiply(graph.input, by: graph.sigmoid(wide))
    },
    Case(name: "a factor times itself", input: Shape([1, 1, 5])) {
      try $0.multiply($0.input, by: $0.input)
    },
    Case(name: "layer scale") { try $0.layerScale($0.input, "op", initial: 0.5) },
    Case(name: "layer scale of tokens", input: Shape([9, 5])) {
      try $0.add($0.layerScale($0.input, "op", initial: 0.5), $0.input)
    },
    Case(name: "stochastic depth") { graph in
      try graph.add(graph.stochasticDepth(graph.input, rate: 0.5), graph.input)
    },
    Case(name: "local response normalisation", input: Shape([3, 2, 9])) {
      try $0.localResponseNormalization($0.input, alpha: 2)
    },
    Case(name: "rescaling") { try $0.rescaling($0.input, scale: -2, offset: 3) },
    Case(name: "input normalisation") {
      try $0.inputNormalization($0.convolution($0.input, "op", channels: 4, kernel: 2))
    },
  ]
}
