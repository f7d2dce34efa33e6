import Kernels
import TestSupport
import Testing

@testable import Engine

/// What a transformer's plan moves into its dense layers and its position encodings.
@Suite
struct TransformerFusionTests {
  @Test
  func `activations and sums move into the dense layers before them`() throws {
    let lowered = try blocks(encoding: false).lowered(for: .training, precision: .f32)
    #expect(!lowered.nodes.contains { $0.operation is Add || $0.operation is ActivationLayer })
    let kinds = lowered.nodes.map(\.operation.fusedKind).filter { $0.hasPrefix("Dense") }
    #expect(
      kinds == ["Dense + GELU", "Dense + Add", "Dense + Swish", "Dense + Add + ReLU", "Dense"]
    )
    let narrow = try #require(lowered.nodes.firstIndex { $0.name == "narrow1" })
    let wide = try #require(lowered.nodes.firstIndex { $0.name == "wide1" })
    #expect(lowered.slopesSource(of: narrow) == SlopesSource(node: wide, function: .gelu))
    #expect((lowered.nodes[wide].operation as? Engine.Dense)?.takesSlopedGradient == true)
  }

  @Test
  func `a slope whose reader cannot take it is applied where it was kept`() throws {
    let lowered = try twiceRead().lowered(for: .training, precision: .f32)
    let wide = try #require(lowered.nodes.first { $0.name == "wide" })
    #expect(wide.operation.fusedKind == "Dense + GELU")
    #expect((wide.operation as? Engine.Dense)?.takesSlopedGradient == false)
    let fused = try twiceRead().gradients(fuses: true, .f32)
    #expect(fused == (try twiceRead().gradients(fuses: false, .f32)))
  }

  @Test
  func `fused or not, a step in f32 leaves the same bits`() throws {
    let graph = try blocks(encoding: false)
    #expect(try graph.gradients(fuses: true, .f32) == graph.gradients(fuses: false, .f32))
  }

  @Test(arguments: [true, false])
  func `fused or not, a step in bf16 is near the one in f32`(fuses: Bool) throws {
    let graph = try blocks(encoding: true)
    let wanted = try graph.gradients(fuses: false, .f32)
    let narrow = try graph.gradients(fuses: fuses, .bf16)
    for (own, wanted) in zip(narrow, wanted) { #expect(relativeDistance(own, wanted) < 0.25) }
  }

  @Test(arguments: Precision.allCases)
  func `one, two and three threads leave the same bits`(_ precision: Precision) throws {
    let graph = try blocks(encoding: true)
    let states = try [1, 2, 3].map {
      try graph.gradients(fuses: true, precision, threads: $0).map { $0.map(\.bitPattern) }
    }
    #expect(states[0] == states[1])
    #expect(states[0] == states[2])
  }

  @Test
  func `a position encoding adds its input by its weights, in f32`() throws {
    let graph = try blocks(encoding: true)
    let lowered = graph.lowered(for: .training, precision: .f32)
    let encoding = try #require(lowered.nodes.first { $0.name == "encoding1" })
    #expect(encoding.operation.fusedKind == "DepthwiseConvolution + Add")
    let narrow = graph.lowered(for: .training, precision: .bf16)
    #expect(narrow.nodes.contains { $0.name == "encoded1" && $0.operation is Add })
    let fused = try graph.gradients(fuses: true, .f32)
    let plain = try graph.gradients(fuses: false, .f32)
    for (own, wanted) in zip(fused, plain) { #expect(relativeDistance(own, wanted) < 1e-4) }
  }

  @Test
  func `convolutions that see no middle, or not their own pixel, keep the sum behind them`() throws
  {
    let builder = GraphBuilder(inputShape: .map(height: 6, width: 6, channels: 4))
    var value = try builder.relu(builder.input)
    for top in [0, 2] {
      let window = Window(
        size: 3,
        padding: Window.Padding(
          top: top,
          left: 1,
          bottom: 2 - top,
          right: 1
        )
      )
      let inner = try builder.depthwiseConvolution(value, "shifted\(top)", window: window)
      value = try builder.add(value, inner, "sum\(top)")
    }
    let whole = try builder.convolution(value, "whole", channels: 4, kernel: 3, padding: 1)
    value = try builder.add(whole, value, "sum")
    value = try builder.globalAveragePooling(value)
    let graph = builder.graph(output: try builder.dense(value, "fc", features: 3))
    let lowered = graph.lowered(for: .training, precision: .f32)
    #expect(lowered.nodes.filter { $0.operation is Add }.count == 3)
  }

  @Test
  func `the other branch gets its gradient where the sum's was`() throws {
    let plan = Plan(
      graph: try blocks(encoding: false).lowered(for: .training, precision: .f32),
      mode: .training,
      batchSizes: [4]
    )
    let index = try #require(plan.graph.nodes.firstIndex { $0.name == "narrow1" })
    let place = plan.nodes[index]
    #expect(place.inputGradients[1]?.storage == place.outputGradient)
    #expect(place.inputGradients[0]?.storage != place.outputGradient)
  }

  @Test
  func `where results are computed again, an activation stays one of them`() throws {
    let lowered = try blocks(encoding: false)
      .lowered(for: .training, precision: .f32, recomputes: true)
    #expect(lowered.nodes.contains { $0.name == "gelu1" })
  }

  /// Two blocks of a layer normalisation and two dense layers beside a shortcut, the second one
  /// rectified, each behind a position encoding if wanted.
  private func blocks(encoding: Bool) throws -> Graph {
    let builder = GraphBuilder(inputShape: .map(height: 5, width: 6, channels: 3))
    var value = try builder.convolution(builder.input, "stem", channels: 20, kernel: 1)
    for block in 1...2 {
      if encoding {
        let window = Window(size: 3, padding: .even(1))
        let inner = try builder.depthwiseConvolution(value, "encoding\(block)", window: window)
        value = try builder.add(value, inner, "encoded\(block)")
      }
      var inner = try builder.layerNormalization(value, "norm\(block)")
      inner = try builder.dense(inner, "wide\(block)", features: 50)
      inner =
        try block == 1
        ? builder.gelu(inner, "gelu\(block)") : builder.swish(inner, "swish\(block)")
      inner = try builder.dense(inner, "narrow\(block)", features: 20)
      value = try builder.add(value, inner, "sum\(block)")
    }
    value = try builder.globalAveragePooling(builder.relu(value))
    return builder.graph(output: try builder.dense(value, "fc", features: 3))
  }

  /// A dense layer with an activation that two others read.
  private func twiceRead() throws -> Graph {
    let builder = GraphBuilder(inputShape: .map(height: 5, width: 6, channels: 3))
    let wide = try builder.gelu(builder.dense(builder.input, "wide", features: 18))
    let first = try builder.dense(wide, "first", features: 7)
    let second = try builder.dense(wide, "second", features: 7)
    let value = try builder.globalAveragePooling(builder.add(first, second))
    return builder.graph(output: try builder.dense(value, "fc", features: 3))
  }
}
