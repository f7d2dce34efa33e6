import Engine
import Kernels

/// An operation with a shape it has in a network, measured inside the smallest network around it.
struct KernelCase: Sendable {
  let name: String
  let input: Shape
  let batch: Int
  /// Adds the operation, under the name `measured`, behind a value.
  let build: @Sendable (GraphBuilder, Value) throws -> Value

  static let all: [KernelCase] = depthwise + pooling + normalization + tokens

  /// The forward and the backward pass.
  ///
  /// - Throws: `GraphError`, `OutOfMemory`.
  func rows(
    _ precision: Precision,
    threads: Int,
    _ seconds: Double,
    _ rates: MachineRates
  ) throws -> [KernelRow] {
    let builder = GraphBuilder(inputShape: input)
    let value = try build(builder, builder.input)
    let graph = builder.graph(output: try builder.globalAveragePooling(value))
    let plan = ModelPlan(
      graph: graph,
      optimizer: .sgd(momentum: 0, weightDecay: 0, nesterov: false),
      trainingBatches: [batch],
      evaluationBatches: [],
      precision: precision,
      wantsInputGradient: true
    )
    let operations = plan.trainingOperations(batch: batch)
    let profile = try StepBenchmark(
      plan: plan,
      batch: batch,
      classes: graph.outputShape.count,
      threads: threads
    ).run(seconds: seconds, profiling: operations.count).profile
    guard let index = operations.firstIndex(where: { $0.name == KernelCase.measured }), let profile
    else { preconditionFailure("\(name) has no operation of its name") }
    let operation = operations[index]
    func row(_ pass: String, _ times: [Double], _ cost: PassCost) -> KernelRow {
      let title = "\(name) \(input) b\(batch)"
      return KernelRow(
        title,
        pass: pass,
        "\(operation.element)",
        threads: threads,
        times,
        cost,
        rates
      )
    }
    return [row("forward", profile.forward[index], operation.forward)]
      + (operation.backward.map { [row("backward", profile.backward[index], $0)] } ?? [])
  }

  /// The update of as many weights as ResNet-50 has, by each of two optimizers.
  ///
  /// - Throws: `GraphError`, `OutOfMemory`.
  static func updateRows(
    threads: Int,
    _ seconds: Double,
    _ rates: MachineRates
  ) throws -> [KernelRow] {
    let optimizers: [(String, Optimizer)] = [
      ("SGD, momentum", .sgd(momentum: 0.9, weightDecay: 5e-4, nesterov: false)),
      ("Adam", .adam(weightDecay: 0)),
    ]
    return try optimizers.map { name, optimizer in
      let builder = GraphBuilder(inputShape: .vector(5000))
      let graph = builder.graph(output: try builder.dense(builder.input, "fc", features: 5000))
      let plan = ModelPlan(
        graph: graph,
        optimizer: optimizer,
        trainingBatches: [1],
        evaluationBatches: []
      )
      let count = plan.trainingOperations(batch: 1).count
      let profile = try StepBenchmark(plan: plan, batch: 1, classes: 5000, threads: threads)
        .run(seconds: seconds, profiling: count).profile
      let title = "\(name), 25 M weights"
      let times = profile?.update ?? []
      return KernelRow(
        title,
        pass: "update",
        "f32",
        threads: threads,
        times,
        plan.updateCost,
        rates
      )
    }
  }

  private static let measured = "measured"

  private static func map(
    _ name: String,
    _ side: Int,
    _ channels: Int,
    batch: Int = 16,
    _ build: @escaping @Sendable (GraphBuilder, Value) throws -> Value
  ) -> KernelCase {
    let input = Shape.map(height: side, width: side, channels: channels)
    return KernelCase(name: name, input: input, batch: batch, build: build)
  }

  // MARK: - Cases

  /// Of EfficientNet-B0.
  private static let depthwise = [
    (112, 32, 3, 1), (112, 96, 3, 2), (56, 144, 5, 2), (28, 240, 3, 2), (14, 480, 5, 1),
    (7, 1152, 5, 1),
  ].map { side, channels, kernel, stride in
    map("depthwise \(kernel)x\(kernel)/\(stride)", side, channels) {
      try $0.depthwiseConvolution(
        $1,
        measured,
        window: Window(size: kernel, stride: stride, padding: .even(kernel / 2)),
        bias: false
      )
    }
  }

  private static let pooling = [
    map("max pooling 3x3/2", 112, 64) {
      try $0.maxPooling($1, measured, size: 3, stride: 2, padding: 1)
    },
    map("max pooling 2x2/2", 32, 32, batch: 64) { try $0.maxPooling($1, measured, size: 2) },
    map("average pooling 2x2/2", 56, 128) { try $0.averagePooling($1, measured, size: 2) },
  ]

  private static let normalization = [(112, 64, 16), (56, 256, 16), (14, 1024, 16), (8, 64, 64)]
    .flatMap { side, channels, batch in
      [
        map("batch norm", side, channels, batch: batch) { try $0.batchNormalization($1, measured) },
        map("batch norm, ReLU", side, channels, batch: batch) {
          try $0.relu($0.batchNormalization($1, measured))
        },
      ]
    }

  /// Of ViT-B/16 and EfficientNet-B0.
  private static let tokens = [
    KernelCase(name: "layer norm", input: Shape([197, 768]), batch: 8) {
      try $0.layerNormalization($1, measured)
    },
    KernelCase(name: "attention, 12 heads", input: Shape([197, 2304]), batch: 8) {
      try $0.attention(queryKeyValue: $1, measured, heads: 12)
    },
    KernelCase(name: "GELU", input: Shape([197, 3072]), batch: 8) { try $0.gelu($1, measured) },
    map("swish", 112, 96) { try $0.swish($1, measured) },
    map("sum", 56, 256) { try $0.add($1, $0.relu($1), measured) },
  ]
}
