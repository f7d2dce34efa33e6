package import Kernels

/// One kind of layer: its shape rule, its parameters, its cost, what memory it needs, and its
/// forward and backward passes in terms of kernels.
///
/// An operation is a value that holds hyper-parameters only. The planner asks it what it needs,
/// the model hands it memory. See docs/ADDING_AN_OPERATION.md.
package protocol Operation: Sendable {
  /// The layer's type as tables show it, such as `Convolution`.
  var kind: String { get }

  /// The shape of the result; throws where the inputs do not fit.
  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape

  /// The parameters for these inputs, in the order `Binding.parameters` has them.
  func parameters(_ inputs: [Shape]) -> [ParameterSpec]

  /// Multiply-adds of one sample's forward pass, as the field counts them: products of weights
  /// and activations; normalisation, pooling and activations count nothing.
  func multiplyAdds(_ inputs: [Shape], _ output: Shape) -> Int

  /// The types of numbers its inputs and its output may have, all of them the same one.
  var elementTypes: Set<ElementType> { get }

  /// The memory one pass over `site.batch` samples needs beside inputs and output.
  func memory(_ site: OperationSite) -> MemoryNeeds

  /// Computes `binding.output`.
  func forward(_ binding: Binding, _ step: StepContext)

  /// Computes `binding.output` once more, in the backward pass, to the same bits.
  func recompute(_ binding: Binding, _ step: StepContext)

  /// Computes the gradients of the inputs that want one and of the parameters.
  /// `binding.outputGradient` may be overwritten: nobody reads it afterwards.
  func backward(_ binding: Binding, _ step: StepContext)
}

extension Operation {
  package func parameters(_ inputs: [Shape]) -> [ParameterSpec] { [] }
  package func multiplyAdds(_ inputs: [Shape], _ output: Shape) -> Int { 0 }
  package var elementTypes: Set<ElementType> { [.f32] }

  package func recompute(_ binding: Binding, _ step: StepContext) {
    forward(binding, step)
  }
}

/// Whether a pass trains (batch statistics, dropout, backward) or evaluates.
package enum Mode: Hashable, Sendable {
  case training
  case evaluation
}

/// Where an operation stands, as far as its memory depends on it.
package struct OperationSite: Sendable {
  package let inputs: [Shape]
  package let output: Shape
  package let batch: Int
  package let mode: Mode
  /// The type of the output, and of the inputs but for a conversion's.
  package let element: ElementType
}

/// What an operation asks of the planner.
package struct MemoryNeeds: Sendable {
  /// The result is the input's memory under another shape: no pass runs at all.
  package var isView = false
  /// The result is never written: its readers apply the operation's `transform` to the input.
  package var isDeferred = false
  /// Whether `backward` reads the inputs, and the output, of `forward`.
  package var backwardReadsInputs = false
  /// Of the inputs, `backward` reads the first one only.
  package var backwardReadsFirstInput = false
  package var backwardReadsOutput = false
  /// The forward pass may write its output over its first input.
  package var forwardInPlace = false
  /// The backward pass may write an input's gradient over the output's: the first one's, or
  /// another one's.
  package var backwardInPlace = false
  package var backwardInPlaceInput = 0
  /// Bytes kept from forward to backward, one entry an array.
  package var saved: [Int] = []
  /// Floats of sums of the result's channels, which `forward` leaves for a normalisation behind it.
  package var sums = 0
  /// Floats that live during the forward, or the backward, pass only.
  package var forwardWorkspace = 0
  package var backwardWorkspace = 0

  package init() {}

  /// Whether `backward` reads an input.
  func backwardReads(input position: Int) -> Bool {
    backwardReadsInputs || (backwardReadsFirstInput && position == 0)
  }
}

/// The memory of one operation at one batch size.
///
/// Arrays are row-major, batch first.
package struct Binding: Sendable {
  package let batch: Int
  package let inputShapes: [Shape]
  package let outputShape: Shape
  package internal(set) var inputs: [Elements]
  /// What is to be applied to an input as it is read; nil where it is what stands in memory.
  package internal(set) var transforms: [ChannelTransform?]
  package internal(set) var output: Elements
  /// In the order of `Operation.parameters`.
  package internal(set) var parameters: [Floats]
  package internal(set) var saved: [SavedArray]
  /// Where `forward` leaves sums of the output's channels; nil where nobody takes them.
  package internal(set) var sums: ChannelSums?
  /// Sums of the first input's channels, or of its last ones, forward; nil where there are none.
  package internal(set) var inputSums: ChannelSums?
  /// Mean and inverse deviation of the channels before those of `inputSums`; nil where there are
  /// none.
  package internal(set) var inheritedStatistics: (mean: Floats, inverseDeviation: Floats)?
  /// Slopes that the first input's gradient is to be multiplied with; nil where whoever made the
  /// input does that.
  package internal(set) var inputSlopes: KeptSlopes?
  package internal(set) var forwardWorkspace: Floats
  package internal(set) var backwardWorkspace: Floats
  /// Empty in evaluation.
  package internal(set) var outputGradient: Elements
  /// Nil where the input wants no gradient: the images.
  package internal(set) var inputGradients: [InputGradient?]
  /// Nil for statistics.
  package internal(set) var parameterGradients: [Floats?]
}

/// Where an input's gradient goes.
package struct InputGradient: Sendable {
  package let values: Elements
  /// Another consumer has written its part already: add to it.
  package let accumulate: Bool
}

/// Memory that an operation keeps from its forward to its backward pass.
package struct SavedArray: Sendable {
  package let floats: Floats
  package let bytes: Bytes

  /// The array as values of the same type, and as many, as others.
  func elements(like others: Elements) -> Elements {
    Elements(
      base: UnsafeMutableRawPointer(bytes.base),
      count: others.count,
      type: others.type
    )
  }
}

/// What changes from step to step.
package struct StepContext: Sendable {
  package let mode: Mode
  /// Key of the run's random numbers.
  package let seed: UInt64
  /// Steps done before this one: a dropout's draws depend on it.
  package let step: UInt64
  package let pool: WorkerPool
  /// The share that dropout layers drop instead of their own; nil for their own.
  package var dropoutRate: Float?
}

/// The images: what every graph starts from.
struct Input: Operation {
  let kind = "Input"

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape { Shape([]) }
  func memory(_ site: OperationSite) -> MemoryNeeds { MemoryNeeds() }
  func forward(_ binding: Binding, _ step: StepContext) {}
  func backward(_ binding: Binding, _ step: StepContext) {}
}
