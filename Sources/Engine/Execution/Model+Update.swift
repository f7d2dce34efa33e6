import Kernels

/// The last part of a training step, and what a run may change about it on the way.
extension Model {
  /// Moves the weights against the gradients of the last step, and the running mean of the weights,
  /// where the plan has one, after them.
  package func update(learningRate: Double, clock: inout StepClock) {
    var watch = Stopwatch()
    clock.start()
    updates += 1
    var list = trainables
    list.valueLimit = clipping.value.map(Float.init) ?? .infinity
    if measuresGradientNorm || clipping.norm != nil {
      let norm = list.gradientNorm(pool)
      gradientNorm = norm
      list.gradientScale = Float(clipping.scale(norm: norm))
    } else {
      gradientNorm = nil
    }
    // The mean begins with the weights of the first update, as PyTorch's.
    list.averageShare = updates == 1 ? 1 : Float(1 - (plan.averageDecay ?? 0))
    optimizer.update(list, learningRate: learningRate, step: updates, pool: pool)
    clock.end(\.update)
    profile?.update.append(watch.lap())
  }

  /// The running mean of a parameter's weights; nil where none is kept.
  package func average(of index: Int) -> UnsafeMutableBufferPointer<Float>? {
    binder.average(of: index)?.buffer
  }

  /// Makes the running means equal to the weights: after weights were read from elsewhere.
  package func restartAverages() {
    for index in plan.graph.parameters.indices {
      guard let average = average(of: index) else { continue }
      _ = average.update(from: values(of: index))
    }
  }

  /// The arrays that an update works on, but for those of frozen parameters.
  static func trainables(_ binder: Binder, frozen: Set<Int>) -> UpdateList {
    UpdateList(
      binder.plan.graph.parameters.indices.compactMap { index in
        guard !frozen.contains(index), let gradient = binder.gradient(of: index),
          let slots = binder.slots(of: index)
        else { return nil }
        return UpdateList.Parameter(
          weights: binder.values(of: index),
          gradient: gradient,
          slots: slots,
          average: binder.average(of: index)
        )
      }
    )
  }
}

extension Graph {
  /// What stands between a layer's name and that of its weight: PyTorch's, and Keras's.
  private static let separators = [UInt8(ascii: "."), UInt8(ascii: "/")]

  /// The trainable parameters that a pattern means: a parameter's name or a layer's, where `*`
  /// stands for any letters.
  ///
  /// `layer1` means all weights in it, and `*.bias` every bias.
  package func trainableParameters(matching pattern: String) -> [Int] {
    let pattern = Array(pattern.utf8)
    return parameters.indices.filter { index in
      guard parameters[index].isTrainable else { return false }
      let name = Array(parameters[index].name.utf8)
      return Glob.matches(pattern[...], name[...])
        || name.indices.contains { end in
          Graph.separators.contains(name[end]) && Glob.matches(pattern[...], name[..<end])
        }
    }
  }
}

/// Patterns with `*` for any letters.
private enum Glob {
  static func matches(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
    guard let first = pattern.first else { return name.isEmpty }
    let rest = pattern.dropFirst()
    if first == UInt8(ascii: "*") {
      return (name.startIndex...name.endIndex).contains { matches(rest, name[$0...]) }
    }
    return name.first == first && matches(rest, name.dropFirst())
  }
}
