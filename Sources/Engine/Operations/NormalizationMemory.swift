import Kernels

/// Where the backward pass of a normalisation works: it needs the sums that are the gradients of
/// scale and shift also where those are frozen and have none, and then keeps them at its
/// workspace's end.
struct NormalizationMemory {
  let scaleGradient: Floats
  let shiftGradient: Floats
  let workspace: Floats

  /// Floats that the backward pass' workspace has beyond its kernel's.
  static func spareCount(channels: Int) -> Int { 2 * aligned(channels) }

  /// `binding` has the gradients of scale and shift first.
  init(_ binding: Binding) {
    let channels = binding.outputShape.channels
    let whole = binding.backwardWorkspace
    let spare = NormalizationMemory.aligned(channels)
    let end = whole.count - 2 * spare
    scaleGradient = binding.parameterGradients[0] ?? whole[end..<end + channels]
    shiftGradient =
      binding.parameterGradients[1] ?? whole[end + spare..<end + spare + channels]
    workspace = whole[0..<end]
  }

  /// Whole vectors, so that the arrays do not share one.
  private static func aligned(_ channels: Int) -> Int { (channels + 15) / 16 * 16 }
}
