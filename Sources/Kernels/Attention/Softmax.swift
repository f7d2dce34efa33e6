import CIntrinsics

/// e to the power of sixteen values that are not positive; what is below -64 counts as -64, where
/// e to its power is 1.6e-28.
///
/// That is nothing beside the one of the highest score, and its products are still numbers with a
/// full significand: processors take a hundred times longer over smaller ones.
///
/// Right to 1.5 units in the last place: 2ⁿ times a polynomial for e^r with |r| <= ln 2 / 2.
@inline(__always)
func exponentialBelowOne(_ value: Lanes) -> Lanes {
  let x = at_least_16(value, -64)
  // Added to a number of moderate size, 1.5 · 2²³ leaves no digits behind the point.
  let magic = Lanes(repeating: 12_582_912)
  let shifted = multiply_add_16(x, Lanes(repeating: 1.442_695_04), magic)
  let n = shifted - magic
  // ln 2 in two parts, the first with so few digits that n times it is exact.
  var r = multiply_add_16(n, Lanes(repeating: -0.693_359_375), x)
  r = multiply_add_16(n, Lanes(repeating: 2.121_944_4e-4), r)
  // e^r = 1 + r + r² · p(r), Cephes' coefficients (Moshier 1989).
  var p = Lanes(repeating: 1.987_569_15e-4)
  p = multiply_add_16(p, r, Lanes(repeating: 1.398_199_95e-3))
  p = multiply_add_16(p, r, Lanes(repeating: 8.333_452e-3))
  p = multiply_add_16(p, r, Lanes(repeating: 4.166_579_6e-2))
  p = multiply_add_16(p, r, Lanes(repeating: 1.666_666_5e-1))
  p = multiply_add_16(p, r, Lanes(repeating: 0.5))
  p = multiply_add_16(p, r * r, r + 1)
  return scale_by_power_16(p, n)
}

/// The sum of sixteen values, halves added to halves: four additions deep instead of fifteen.
@inline(__always)
func sumOfLanes(_ value: Lanes) -> Float {
  let eight = value.lowHalf + value.highHalf
  let four = eight.lowHalf + eight.highHalf
  let two = four.lowHalf + four.highHalf
  return two[0] + two[1]
}

/// The highest of sixteen values.
@inline(__always)
func highestLane(_ value: Lanes) -> Float {
  let eight = value.lowHalf.replacing(
    with: value.highHalf,
    where: value.highHalf .> value.lowHalf
  )
  let four = eight.lowHalf.replacing(
    with: eight.highHalf,
    where: eight.highHalf .> eight.lowHalf
  )
  let two = four.lowHalf.replacing(with: four.highHalf, where: four.highHalf .> four.lowHalf)
  return two[1] > two[0] ? two[1] : two[0]
}

/// Rows of scores that become shares of one.
///
/// Rows have room for a multiple of sixteen values; what is behind the last score is set to
/// almost nothing.
enum Softmax {
  /// Puts e^((score - peak) · scale) in the place of every score, and returns the peak, which is
  /// the highest score, and the sum.
  static func exponentiate(
    _ row: UnsafeMutablePointer<Float>,
    count: Int,
    scale: Float
  ) -> (peak: Float, sum: Float) {
    let last = (count - 1) / 16 * 16
    // In registers: scalars written here would hold up the load of the vector they are in.
    let ending = ending(row + last, count: count - last)
    var highest = ending
    for column in stride(from: 0, to: last, by: 16) {
      let scores = load_16(row + column)
      highest = highest.replacing(with: scores, where: scores .> highest)
    }
    let peak = highestLane(highest)
    var sum = exponentialBelowOne((ending - peak) * scale)
    store_16(sum, row + last)
    for column in stride(from: 0, to: last, by: 16) {
      let share = exponentialBelowOne((load_16(row + column) - peak) * scale)
      store_16(share, row + column)
      sum += share
    }
    return (peak, sumOfLanes(sum))
  }

  /// The last `count` scores, then minus infinity.
  @inline(__always)
  private static func ending(_ scores: UnsafePointer<Float>, count: Int) -> Lanes {
    let place = SIMD16<Int32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    return load_16(scores).replacing(with: -.infinity, where: place .>= Int32(count))
  }

  /// Puts e^((score - peak) · scale) · factor in the place of every score: the shares again.
  static func repeated(
    _ row: UnsafeMutablePointer<Float>,
    count: Int,
    scale: Float,
    peak: Float,
    factor: Float
  ) {
    for column in stride(from: 0, to: BlockProducts.padded(count), by: 16) {
      // Scores behind the last one are zero and may lie above the peak.
      let below = (load_16(row + column) - peak) * scale
      let capped = below.replacing(with: Lanes.zero, where: below .> Lanes.zero)
      store_16(exponentialBelowOne(capped) * factor, row + column)
    }
  }

  /// The gradient of the scores in the place of the gradient of the shares:
  /// share · (gradient - Σ share · gradient) · scale.
  static func backward(
    _ gradients: UnsafeMutablePointer<Float>,
    shares: UnsafePointer<Float>,
    count: Int,
    scale: Float
  ) {
    var sum = Lanes.zero
    rowVectors(count) { column, lanes in
      let own = load_part_16(shares + column, lanes)
      sum = multiply_add_16(own, load_part_16(gradients + column, lanes), sum)
    }
    let mean = sumOfLanes(sum)
    rowVectors(count) { column, lanes in
      let own = load_part_16(shares + column, lanes) * scale
      store_part_16(
        own * (load_part_16(gradients + column, lanes) - mean),
        gradients + column,
        lanes
      )
    }
  }
}
