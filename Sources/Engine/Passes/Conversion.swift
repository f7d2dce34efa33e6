import Kernels

/// The same values as numbers of another type, rounded to the nearest.
///
/// Passes put it where an operation reads what another one keeps in fewer bits; nobody builds it.
struct Conversion: Operation {
  let kind = "Conversion"
  let elementTypes = Set(ElementType.allCases)

  func outputShape(_ inputs: [Shape]) throws(ShapeError) -> Shape { inputs[0] }

  func memory(_ site: OperationSite) -> MemoryNeeds { MemoryNeeds() }

  func forward(_ binding: Binding, _ step: StepContext) {
    Elementwise.convert(
      binding.inputs[0],
      into: binding.output,
      accumulate: false,
      pool: step.pool
    )
  }

  func backward(_ binding: Binding, _ step: StepContext) {
    guard let gradient = binding.inputGradients[0] else { return }
    Elementwise.convert(
      binding.outputGradient,
      into: gradient.values,
      accumulate: gradient.accumulate,
      pool: step.pool
    )
  }
}
