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
  func maskGradient(_ binding: Binding, _ step: StepContext) {
    guard self == .relu else { return }
    Elementwise.reluBackward(
      output: binding.output,
      outputGradient: binding.outputGradient,
      inputGradient: binding.outputGradient,
      accumulate: false,
      pool: step.pool
    )
  }
}
