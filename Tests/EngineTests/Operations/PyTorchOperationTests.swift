import Engine
import TestSupport
import Testing
import Weights

/// Single operations against stored PyTorch values.
@Suite
struct PyTorchOperationTests {
  /// One case of a stored file: its name there and the layer that should equal it.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    var file = "operations"
    let layer: @Sendable (GraphBuilder) throws -> Value

    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(name: "convolution") {
      try $0.convolution($0.input, "op", channels: 6, kernel: 3, padding: 1)
    },
    Case(name: "strided") {
      try $0.convolution($0.input, "op", channels: 7, kernel: 3, stride: 2, padding: 1)
    },
    Case(name: "dilated") {
      try $0.convolution($0.input, "op", channels: 5, kernel: 3, padding: 2, dilation: 2)
    },
    Case(name: "grouped") {
      try $0.convolution($0.input, "op", channels: 9, kernel: 3, padding: 1, groups: 3)
    },
    Case(name: "pointwise") {
      try $0.convolution($0.input, "op", channels: 16, kernel: 1, stride: 2, bias: false)
    },
    Case(name: "large") {
      try $0.convolution(
        $0.input,
        "op",
        channels: 33,
        kernel: 5,
        stride: 3,
        padding: 2,
        bias: false
      )
    },
    Case(name: "relu") { try $0.relu($0.input) },
    Case(name: "maximum") { try $0.maxPooling($0.input, size: 3, stride: 2, padding: 1) },
    Case(name: "maximum_ceil") {
      try $0.maxPooling($0.input, size: 3, stride: 2, ceilMode: true)
    },
    Case(name: "average") { try $0.averagePooling($0.input, size: 2) },
    Case(name: "average_padded") {
      try $0.averagePooling($0.input, size: 3, stride: 2, padding: 1)
    },
    Case(name: "average_uncounted") {
      try $0.averagePooling(
        $0.input,
        size: 3,
        stride: 1,
        padding: 1,
        countIncludesPadding: false
      )
    },
    Case(name: "global") { try $0.globalAveragePooling($0.input) },
    Case(name: "dense") { try $0.dense($0.input, "op", features: 11) },
  ]

  @Test(arguments: cases + pointwiseCases)
  func `the output and every gradient are PyTorch's`(_ test: Case) throws {
    let fixture = try Fixture(test.file)
    let shape = fixture.shape("\(test.name).x")
    let batch = shape[0]
    let input = shape.count == 4 ? Shape([shape[2], shape[3], shape[1]]) : Shape([shape[1]])
    let small = try SmallModel(input: input, batch: batch, test.layer)
    small.setImages(
      ChannelOrder.channelsLast(
        try fixture.floats("\(test.name).x"),
        batch: batch,
        channels: shape[1]
      )
    )
    let parameters = [("w", "op.weight"), ("b", "op.bias")].filter {
      fixture.has("\(test.name).\($0.0)")
    }
    for (key, name) in parameters {
      load(try fixture.floats("\(test.name).\(key)"), into: small, name)
    }
    let output = fixture.shape("\(test.name).out")
    let gradient = ChannelOrder.channelsLast(
      try fixture.floats("\(test.name).g"),
      batch: batch,
      channels: output[1]
    )

    #expect(
      Closeness.relativeError(
        ChannelOrder.channelsFirst(small.forward(), batch: batch, channels: output[1]),
        try fixture.doubles("\(test.name).out")
      ) < 2e-6
    )
    small.model.backpropagate(gradient, batch: batch, seed: 1, step: 0)
    let inputGradient = try #require(small.model.inputGradient(batch: batch))
    #expect(
      Closeness.relativeError(
        ChannelOrder.channelsFirst(Array(inputGradient), batch: batch, channels: shape[1]),
        try fixture.doubles("\(test.name).grad.x")
      ) < 2e-6
    )
    for (key, name) in parameters {
      let expected = try fixture.doubles("\(test.name).grad.\(key)")
      #expect(Closeness.relativeError(gradients(of: small, name), expected) < 2e-6)
    }
  }

  @Test(arguments: ["softmax", "sigmoid"])
  func `the loss and its gradient are PyTorch's`(_ name: String) throws {
    let fixture = try Fixture("operations")
    let shape = fixture.shape("\(name).x")
    // A loss needs logits: a ReLU that lets all of them through is none, a sum with zeros is.
    let small = try SmallModel(input: Shape([shape[1]]), batch: shape[0]) { graph in
      try graph.flatten(graph.input)
    }
    small.setImages(try fixture.floats("\(name).x"))
    small.setLabels(try fixture.labels("\(name).y"))
    var clock = StepClock()
    let result = small.model.computeGradients(batch: shape[0], seed: 1, step: 0, clock: &clock)
    #expect(abs(result.meanLoss / (try fixture.doubles("\(name).loss"))[0] - 1) < 1e-6)
    let gradient = try #require(small.model.inputGradient(batch: shape[0]))
    #expect(
      Closeness.relativeError(Array(gradient), try fixture.doubles("\(name).grad.x")) < 2e-6
    )
  }
}

/// Writes a parameter given in a file's layout.
func load(_ values: [Float], into small: SmallModel, _ name: String) {
  let index = small.index(of: name)
  let spec = small.model.plan.graph.parameters[index].spec
  spec.fileLayout.fromFile(values, shape: spec.shape, into: small.model.values(of: index))
}

/// The gradient of a parameter in a file's layout.
func gradients(of small: SmallModel, _ name: String) -> [Float] {
  let index = small.index(of: name)
  let spec = small.model.plan.graph.parameters[index].spec
  guard let gradient = small.model.gradient(of: index) else { return [] }
  return spec.fileLayout.toFile(UnsafeBufferPointer(gradient), shape: spec.shape)
}

/// A parameter in a file's layout.
func values(of small: SmallModel, _ name: String) -> [Float] {
  let index = small.index(of: name)
  let spec = small.model.plan.graph.parameters[index].spec
  return spec.fileLayout.toFile(
    UnsafeBufferPointer(small.model.values(of: index)),
    shape: spec.shape
  )
}
