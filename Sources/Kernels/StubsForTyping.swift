package enum Activation: Sendable, Hashable { case none, relu }
package enum MatrixMultiply {
  package static func packedCount(depth: Int, columns: Int) -> Int { fatalError() }
  package static func pack(
    _ b: Floats,
    depth: Int,
    columns: Int,
    transposed: Bool,
    into packed: Floats,
    pool: WorkerPool
  ) {}
  package static func multiply(
    _ a: Floats,
    packed: Floats,
    bias: Floats?,
    activation: Activation,
    into c: Floats,
    rows: Int,
    columns: Int,
    depth: Int,
    accumulate: Bool,
    pool: WorkerPool
  ) {}
  package static func multiplyTransposed(
    _ a: Floats,
    _ b: Floats,
    into c: Floats,
    columnSums: Floats?,
    rows: Int,
    columns: Int,
    depth: Int,
    workspace: Floats,
    pool: WorkerPool
  ) {}
  package static func transposedWorkspaceCount(rows: Int, columns: Int, depth: Int) -> Int { 0 }
}
package struct ConvolutionShape: Sendable, Hashable {
  package var batch, inputHeight, inputWidth, inputChannels, outputChannels, kernelHeight,
    kernelWidth, strideY, strideX, padTop, padLeft, padBottom, padRight, dilationY, dilationX,
    groups: Int
  package init(
    batch: Int,
    inputHeight: Int,
    inputWidth: Int,
    inputChannels: Int,
    outputChannels: Int,
    kernelHeight: Int,
    kernelWidth: Int,
    strideY: Int,
    strideX: Int,
    padTop: Int,
    padLeft: Int,
    padBottom: Int,
    padRight: Int,
    dilationY: Int,
    dilationX: Int,
    groups: Int
  ) { fatalError() }
}
package enum Convolution {
  package static func forwardWorkspaceCount(_ shape: ConvolutionShape) -> Int { 0 }
  package static func forward(
    _ shape: ConvolutionShape,
    input: Floats,
    weights: Floats,
    bias: Floats?,
    activation: Activation,
    output: Floats,
    workspace: Floats,
    pool: WorkerPool
  ) {}
  package static func backwardInputWorkspaceCount(_ shape: ConvolutionShape) -> Int { 0 }
  package static func backwardInput(
    _ shape: ConvolutionShape,
    outputGradient: Floats,
    weights: Floats,
    inputGradient: Floats,
    accumulate: Bool,
    workspace: Floats,
    pool: WorkerPool
  ) {}
  package static func backwardWeightsWorkspaceCount(_ shape: ConvolutionShape) -> Int { 0 }
  package static func backwardWeights(
    _ shape: ConvolutionShape,
    input: Floats,
    outputGradient: Floats,
    weightsGradient: Floats,
    biasGradient: Floats?,
    workspace: Floats,
    pool: WorkerPool
  ) {}
}
package enum Random {
  package enum Purpose: UInt32 {
    case initialization = 1, dropout, shuffle, stochasticDepth, augmentation
  }
  package struct Key: Hashable, Sendable {
    package init(seed: UInt64, purpose: Purpose, stream: UInt32, step: UInt64) {}
  }
  package static func fillUniform(_ key: Key, low: Float, high: Float, into: Floats) {}
  package static func fillNormal(_ key: Key, mean: Float, deviation: Float, into: Floats) {}
}
package enum Elementwise {
  package static func relu(_ input: Floats, into output: Floats, pool: WorkerPool) {}
  package static func reluBackward(
    output: Floats,
    outputGradient: Floats,
    inputGradient: Floats,
    accumulate: Bool,
    pool: WorkerPool
  ) {}
  package static func add(
    _ a: Floats,
    _ b: Floats,
    relu: Bool,
    into output: Floats,
    pool: WorkerPool
  ) {}
  package static func addBackward(
    output: Floats?,
    outputGradient: Floats,
    inputGradient: Floats,
    accumulate: Bool,
    pool: WorkerPool
  ) {}
  package static func copyRows(
    _ source: Floats,
    sourceStride: Int,
    sourceOffset: Int,
    into destination: Floats,
    destinationStride: Int,
    destinationOffset: Int,
    rows: Int,
    width: Int,
    accumulate: Bool,
    pool: WorkerPool
  ) {}
  package static func dropout(
    _ input: Floats,
    rate: Float,
    key: Random.Key,
    into output: Floats,
    pool: WorkerPool
  ) {}
  package static func dropoutBackward(
    outputGradient: Floats,
    rate: Float,
    key: Random.Key,
    inputGradient: Floats,
    accumulate: Bool,
    pool: WorkerPool
  ) {}
}
package struct PoolingShape: Sendable, Hashable {
  package init(
    batch: Int,
    inputHeight: Int,
    inputWidth: Int,
    channels: Int,
    kernelHeight: Int,
    kernelWidth: Int,
    strideY: Int,
    strideX: Int,
    padTop: Int,
    padLeft: Int,
    padBottom: Int,
    padRight: Int,
    ceilMode: Bool,
    countIncludesPadding: Bool
  ) {}
}
package enum Pooling {
  package static func maximum(
    _ shape: PoolingShape,
    input: Floats,
    output: Floats,
    indices: Bytes?,
    pool: WorkerPool
  ) {}
  package static func maximumBackward(
    _ shape: PoolingShape,
    outputGradient: Floats,
    indices: Bytes,
    inputGradient: Floats,
    accumulate: Bool,
    pool: WorkerPool
  ) {}
  package static func average(
    _ shape: PoolingShape,
    input: Floats,
    output: Floats,
    pool: WorkerPool
  ) {}
  package static func averageBackward(
    _ shape: PoolingShape,
    outputGradient: Floats,
    inputGradient: Floats,
    accumulate: Bool,
    pool: WorkerPool
  ) {}
  package static func globalAverage(
    batch: Int,
    positions: Int,
    channels: Int,
    input: Floats,
    output: Floats,
    pool: WorkerPool
  ) {}
  package static func globalAverageBackward(
    batch: Int,
    positions: Int,
    channels: Int,
    outputGradient: Floats,
    inputGradient: Floats,
    accumulate: Bool,
    pool: WorkerPool
  ) {}
}
package enum BatchNormalization {
  package static func workspaceCount(rows: Int, channels: Int) -> Int { 0 }
  package static func forwardTraining(
    rows: Int,
    channels: Int,
    input: Floats,
    scale: Floats,
    shift: Floats,
    runningMean: Floats,
    runningVariance: Floats,
    mean: Floats,
    inverseDeviation: Floats,
    epsilon: Float,
    momentum: Float,
    relu: Bool,
    output: Floats,
    workspace: Floats,
    pool: WorkerPool
  ) {}
  package static func forwardInference(
    rows: Int,
    channels: Int,
    input: Floats,
    scale: Floats,
    shift: Floats,
    runningMean: Floats,
    runningVariance: Floats,
    epsilon: Float,
    relu: Bool,
    output: Floats,
    pool: WorkerPool
  ) {}
  package static func backward(
    rows: Int,
    channels: Int,
    input: Floats,
    output: Floats?,
    outputGradient: Floats,
    scale: Floats,
    mean: Floats,
    inverseDeviation: Floats,
    inputGradient: Floats,
    accumulate: Bool,
    scaleGradient: Floats,
    shiftGradient: Floats,
    relu: Bool,
    workspace: Floats,
    pool: WorkerPool
  ) {}
}
package enum SoftmaxCrossEntropy {
  package static func evaluate(
    logits: Floats,
    labels: UnsafePointer<Int32>,
    batch: Int,
    classes: Int,
    gradient: Floats?
  ) -> (loss: Double, correct: Int) { fatalError() }
}
package enum SigmoidBinaryCrossEntropy {
  package static func evaluate(
    logits: Floats,
    labels: UnsafePointer<Int32>,
    batch: Int,
    gradient: Floats?
  ) -> (loss: Double, correct: Int) { fatalError() }
}
package enum Update {
  package static func sgd(
    weights: Floats,
    gradient: Floats,
    momentumBuffer: Floats?,
    learningRate: Float,
    momentum: Float,
    weightDecay: Float,
    nesterov: Bool,
    firstStep: Bool,
    pool: WorkerPool
  ) {}
  package static func adam(
    weights: Floats,
    gradient: Floats,
    first: Floats,
    second: Floats,
    learningRate: Double,
    beta1: Double = 0.9,
    beta2: Double = 0.999,
    epsilon: Double = 1e-8,
    weightDecay: Float,
    step: Int,
    pool: WorkerPool
  ) {}
}
