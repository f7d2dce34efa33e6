import CIntrinsics

/// What is done to gradients before an optimizer's rule: cut, then multiplied.
struct TreatedGradients {
  let limit: Lanes
  let scale: Lanes

  @inline(__always)
  func lanes(_ run: UpdateList.Run, _ offset: Int, count: Int) -> Lanes {
    run.gradient.lanes(offset, count: count).cut(to: limit) * scale
  }
}

/// What is done to weights behind an optimizer's rule: they are stored, and their running mean
/// follows them.
struct Averaging {
  let share: Lanes
  /// Whether the mean becomes the weights themselves, whatever it was.
  let copies: SIMDMask<SIMD16<Int32>>

  @inline(__always)
  func store(_ weights: Lanes, _ run: UpdateList.Run, _ offset: Int, count: Int) {
    run.weights.setLanes(offset, weights, count: count)
    guard let average = run.average else { return }
    let old = average.lanes(offset, count: count)
    let moved = multiply_add_16(weights - old, share, old)
    average.setLanes(offset, moved.replacing(with: weights, where: copies), count: count)
  }
}

extension UpdateList.Run {
  /// Of the gradients, cut to `limit`.
  func sumOfSquares(_ limit: Lanes) -> Double {
    var total = 0.0
    var start = 0
    while start < count {
      let end = min(start + 4096, count)
      var sum = Lanes.zero
      sweep(start..<end) { offset, lanes in
        let value = gradient.lanes(offset, count: lanes).cut(to: limit)
        sum = multiply_add_16(value, value, sum)
      }
      for lane in sum.indices { total += Double(sum[lane]) }
      start = end
    }
    return total
  }
}

extension Lanes {
  /// Between -limit and limit; NaN stays.
  @inline(__always)
  fileprivate func cut(to limit: Lanes) -> Lanes {
    replacing(with: limit, where: self .> limit).replacing(with: -limit, where: self .< -limit)
  }
}
