import Engine
import TestSupport
import Testing

/// Every operation's backward pass against finite differences of its forward pass.
///
/// One harness: an operation declares its layer and its input.
@Suite
struct GradientCheckTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    var input = Shape([5, 4, 3])
    let layer: @Sendable (GraphBuilder) throws -> Value

    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(name: "dense", input: Shape([7])) { try $0.dense($0.input, "op", features: 5) },
    Case(name: "dense with ReLU", input: Shape([7])) {
      try $0.relu($0.dense($0.input, "op", features: 5))
    },
    Case(name: "convolution") {
      try $0.convolution($0.input, "op", channels: 4, kernel: 3, padding: 1)
    },
    Case(name: "convolution with ReLU") {
      try $0.relu($0.convolution($0.input, "op", channels: 4, kernel: 3, padding: 1))
    },
    Case(name: "strided, dilated convolution") {
      try $0.convolution(
        $0.input,
        "op",
        channels: 3,
        kernel: 2,
        stride: 2,
        padding: 1,
        dilation: 2
      )
    },
    Case(name: "grouped convolution") {
      try $0.convolution($0.input, "op", channels: 6, kernel: 3, padding: 1, groups: 3)
    },
    Case(name: "asymmetric border") {
      try $0.convolution(
        $0.input,
        "op",
        channels: 4,
        window: Window(
          height: 3,
          width: 2,
          strideY: 2,
          strideX: 1,
          padding: .init(top: 0, left: 1, bottom: 1, right: 0)
        )
      )
    },
    Case(name: "batch normalisation") { try $0.batchNormalization($0.input, "op") },
    Case(name: "batch normalisation with ReLU") {
      try $0.relu($0.batchNormalization($0.input, "op"))
    },
    Case(name: "batch normalisation with swish") {
      try $0.swish($0.batchNormalization($0.input, "op"))
    },
    Case(name: "batch normalisation with a clipped rectifier") {
      try $0.relu6($0.batchNormalization($0.input, "op"))
    },
    Case(name: "batch normalisation with GELU") {
      try $0.gelu($0.batchNormalization($0.input, "op"))
    },
    Case(name: "ReLU") { try $0.relu($0.input) },
    Case(name: "max pooling") { try $0.maxPooling($0.input, size: 2) },
    Case(name: "overlapping max pooling") {
      try $0.maxPooling($0.input, size: 3, stride: 2, padding: 1)
    },
    Case(name: "average pooling") {
      try $0.averagePooling($0.input, size: 3, stride: 2, padding: 1)
    },
    Case(name: "global average pooling") { try $0.globalAveragePooling($0.input) },
    Case(name: "dropout") { try $0.dropout($0.input, rate: 0.4) },
    Case(name: "flatten") { try $0.dense($0.flatten($0.input), "op", features: 3) },
    Case(name: "add with ReLU") { graph in
      let branch = try graph.convolution(graph.input, "op", channels: 3, kernel: 1)
      return try graph.relu(graph.add(branch, graph.input))
    },
    Case(name: "a value added to itself") { try $0.add($0.input, $0.input) },
    Case(name: "concatenate") { graph in
      let branch = try graph.convolution(graph.input, "op", channels: 2, kernel: 1)
      return try graph.concatenate([graph.input, branch, graph.input])
    },
    Case(name: "a value with three readers") { graph in
      let value = try graph.batchNormalization(graph.input, "bn")
      let first = try graph.convolution(value, "a", channels: 3, kernel: 3, padding: 1)
      let second = try graph.relu(value)
      return try graph.add(graph.add(first, second), value)
    },
  ]

  @Test(arguments: cases + attentionCases + pointwiseCases)
  func `the gradients are the forward pass' slopes`(_ test: Case) throws {
    let batch = 3
    let small = try SmallModel(input: test.input, batch: batch, test.layer)
    var numbers = SeededValues(seed: 7)
    let images = numbers.spread(count: batch * test.input.count)
    drawParameters(small, &numbers)
    small.setImages(images)
    let weights = numbers.uniform(count: small.forward().count)
    small.model.backpropagate(weights, batch: batch, seed: 1, step: 0)

    let measured = Array(try #require(small.model.inputGradient(batch: batch)))
    let parameters = small.model.plan.graph.parameters.indices.compactMap { index in
      small.model.gradient(of: index).map { (index, Array($0)) }
    }
    let slopes = images.indices.map { index in
      slope(small, weights) { change in
        var moved = images
        moved[index] += change
        small.setImages(moved)
      }
    }
    #expect(Closeness.relativeError(measured, slopes) < 5e-3, "gradient of the input")
    for (index, gradient) in parameters {
      small.setImages(images)
      let values = small.model.values(of: index)
      let slopes = values.indices.map { element in
        let start = values[element]
        defer { values[element] = start }
        return slope(small, weights) { change in
          values[element] = start + change
          small.setImages(images)
        }
      }
      let name = small.model.plan.graph.parameters[index].name
      #expect(Closeness.relativeError(gradient, slopes) < 5e-3, "gradient of \(name)")
    }
  }

  @Test(arguments: cases + attentionCases + pointwiseCases)
  func `parameters have the same gradients when nobody wants that of the images`(
    _ test: Case
  ) throws {
    let batch = 3
    var gradients: [[[Float]]] = []
    for wants in [true, false] {
      let small = try SmallModel(
        input: test.input,
        batch: batch,
        wantsInputGradient: wants,
        test.layer
      )
      var numbers = SeededValues(seed: 7)
      let images = numbers.spread(count: batch * test.input.count)
      drawParameters(small, &numbers)
      small.setImages(images)
      let weights = numbers.uniform(count: small.forward().count)
      small.model.backpropagate(weights, batch: batch, seed: 1, step: 0)
      gradients.append(
        small.model.plan.graph.parameters.indices.compactMap { index in
          small.model.gradient(of: index).map { Array($0) }
        }
      )
    }
    #expect(gradients[0] == gradients[1])
  }

  /// The central difference of Σ output · weights.
  private func slope(
    _ small: SmallModel,
    _ weights: [Float],
    _ move: (Float) -> Void
  ) -> Double {
    let distance: Float = 1.0 / 128
    func value() -> Double {
      zip(small.forward(), weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    move(distance)
    let above = value()
    move(-distance)
    let below = value()
    move(0)
    return (above - below) / Double(2 * distance)
  }

  /// Small weights and biases far from zero: what reaches a ReLU is clearly on one side of it,
  /// since at its corner a slope says nothing.
  private func drawParameters(_ small: SmallModel, _ numbers: inout SeededValues) {
    for (index, parameter) in small.model.plan.graph.parameters.enumerated()
    where parameter.isTrainable {
      let isBias = parameter.name.hasSuffix(".bias")
      let values = numbers.uniform(count: parameter.count).enumerated().map { place, value in
        0.3 * value + (isBias ? (place.isMultiple(of: 2) ? 3 : -3) : 0)
      }
      _ = small.model.values(of: index).update(from: values)
    }
  }
}
