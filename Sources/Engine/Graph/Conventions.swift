/// What a library means where a call says nothing: names and layouts of weights, how they start,
/// and the constants of batch normalisation.
///
/// An architecture sets `GraphBuilder.conventions` to its library's and changes what it does
/// differently.
package struct Conventions: Hashable, Sendable {
  package enum Library: Hashable, Sendable {
    /// Names `layer1.0.conv1.weight`, kernels [out][in][height][width].
    case pytorch
    /// Names `conv1_conv/kernel`, kernels [height][width][in][out].
    case keras
  }

  package let library: Library
  package var convolutionWeights: WeightRule
  package var denseWeights: WeightRule
  package var biases: WeightRule
  /// BatchNorm's ε.
  package var normalizationEpsilon: Float
  /// BatchNorm's momentum in PyTorch's sense: the new statistics' share.
  package var normalizationMomentum: Float

  package static let pytorch = Conventions(
    library: .pytorch,
    convolutionWeights: .torchDefault,
    denseWeights: .torchDefault,
    biases: .torchDefault,
    normalizationEpsilon: 1e-5,
    normalizationMomentum: 0.1
  )

  package static let keras = Conventions(
    library: .keras,
    convolutionWeights: .glorotUniform,
    denseWeights: .glorotUniform,
    biases: .zeros,
    normalizationEpsilon: 1e-3,
    normalizationMomentum: 0.01
  )

  /// The array's name in files.
  func name(of meaning: ParameterSpec.Meaning, in layer: String) -> String {
    let word: String? =
      switch (meaning, library) {
      case (.layer, _): nil
      case (.named(let name), _): name
      case (.bias, _): "bias"
      case (.kernel, .pytorch), (.scale, .pytorch): "weight"
      case (.shift, .pytorch): "bias"
      case (.mean, .pytorch): "running_mean"
      case (.variance, .pytorch): "running_var"
      case (.kernel, .keras): "kernel"
      case (.scale, .keras): "gamma"
      case (.shift, .keras): "beta"
      case (.mean, .keras): "moving_mean"
      case (.variance, .keras): "moving_variance"
      }
    guard let word else { return layer }
    return layer + (library == .keras ? "/" : ".") + word
  }

  /// The array's layout in files.
  func fileLayout(of spec: ParameterSpec) -> FileLayout {
    library == .keras ? spec.fileLayout.keras(spec.shape) : spec.fileLayout
  }

  /// Between a scope and what is in it.
  var scopeSeparator: String { library == .keras ? "_" : "." }

  /// The fans of a convolution, which the libraries count differently for depthwise ones: by the
  /// dimensions of their own layout.
  func fans(window: Window, inputs: Int, outputs: Int, groups: Int, isDepthwise: Bool) -> Fans {
    let area = window.height * window.width
    if isDepthwise, library == .keras {
      return Fans(inputs: area * inputs, outputs: area * (outputs / max(inputs, 1)))
    }
    return Fans(inputs: area * (inputs / max(groups, 1)), outputs: area * outputs)
  }
}
