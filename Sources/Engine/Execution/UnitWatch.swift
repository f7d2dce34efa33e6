import Kernels

/// Which units of rectified layers have been above zero for any image so far.
///
/// A unit is a channel of a map or a neuron of a dense layer. A unit that was seen alive is looked
/// at no more, so that watching a healthy network costs next to nothing.
package struct UnitWatch: Sendable {
  private struct Layer {
    let units: Int
    /// Units not seen above zero yet.
    var silent: [Int]
  }

  private var layers: [String: Layer] = [:]
  /// The layers' names in the order of the network.
  private var names: [String] = []

  package init() {}

  /// A layer with the number of its units, and of those that were zero at every position of every
  /// image that was looked at.
  package struct Count: Hashable, Sendable {
    package let layer: String
    package let units: Int
    package let dead: Int
  }

  /// Of every rectified layer whose result is written down, in the order of the network.
  package var counts: [Count] {
    names.compactMap { name in
      layers[name].map { Count(layer: name, units: $0.units, dead: $0.silent.count) }
    }
  }

  /// Looks at a result that was just computed.
  mutating func look(at bound: BoundOperation) {
    guard bound.isRectified else { return }
    let units = bound.binding.outputShape.channels
    if layers[bound.name] == nil {
      layers[bound.name] = Layer(units: units, silent: Array(0..<units))
      names.append(bound.name)
    }
    guard let layer = layers[bound.name], !layer.silent.isEmpty else { return }
    let output = bound.binding.output
    let silent =
      switch output.type {
      case .f32: UnitWatch.silent(layer, in: output.of(Float.self), output.count)
      case .bf16: UnitWatch.silent(layer, in: output.of(BFloat16.self), output.count)
      }
    layers[bound.name]?.silent = silent
  }

  /// The layer's silent units that are silent in `values` [positions × units] too.
  private static func silent<Kind: Element>(
    _ layer: Layer,
    in values: UnsafeMutablePointer<Kind>,
    _ count: Int
  ) -> [Int] {
    var silent = layer.silent
    for row in stride(from: 0, to: count, by: layer.units) {
      silent.removeAll { values[row + $0].float != 0 }
      if silent.isEmpty { break }
    }
    return silent
  }
}
