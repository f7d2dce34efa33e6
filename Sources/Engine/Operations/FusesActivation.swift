import Kernels

/// An operation that can apply the activation behind it while its result is still in registers.
protocol FusesActivation: Operation {
  var activation: Activation { get set }
  func fuses(_ activation: Activation) -> Bool
}

extension FusesActivation {
  /// Most apply the rectifier only.
  func fuses(_ activation: Activation) -> Bool { activation == .relu }
}

extension Activation {
  /// Turns the gradient of the activation's result into the gradient before it, in place.
  ///
  /// A smooth one's slopes are in the first saved array.
  func maskGradient(_ binding: Binding, _ step: StepContext) {
    switch self {
    case .none: return
    case .relu:
      Elementwise.reluBackward(
        output: binding.output,
        outputGradient: binding.outputGradient,
        inputGradient: binding.outputGradient,
        accumulate: false,
        pool: step.pool
      )
    case .function(let function):
      let slopes = KeptSlopes(function, binding.saved[0].elements(like: binding.output))
      Elementwise.multiply(binding.outputGradient, by: slopes, pool: step.pool)
    }
  }
}
