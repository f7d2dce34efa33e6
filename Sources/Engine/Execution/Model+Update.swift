import Kernels

/// The last part of a training step, and what a run may change about it on the way.
extension Model {
  /// Moves the weights against the gradients of the last step, and the running mean of the weights,
  /// where the plan has one, after them.
  package func update(learningRate: Double, clock: inout StepClock) {
    var watch = Stopwatch()
    clock.start()
    updates += 1
    var list = bound.trainables
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
}
