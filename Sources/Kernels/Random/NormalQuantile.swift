#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension Random {
  /// The point below which the standard normal distribution has the mass 0.5 + `offset`, to about
  /// seven digits.
  ///
  /// Rational approximations in three ranges (M. J. Wichura, "Algorithm AS 241: The percentage
  /// points of the normal distribution", Applied Statistics 37, 1988, function PPND7).
  ///
  /// - Parameter offset: -0.5 < offset < 0.5.
  /// - Returns: the point, in deviations.
  static func normalQuantile(offset: Double) -> Double {
    if abs(offset) <= 0.425 {
      let r = 0.180625 - offset * offset
      let numerator = polynomial(r, 3.3871327179, 50.434271938, 159.29113202, 59.109374720)
      return offset * numerator / polynomial(r, 1, 17.895169469, 78.757757664, 67.187563600)
    }
    let tail = 0.5 - abs(offset)
    let r = (-log(tail)).squareRoot()
    let magnitude: Double
    if r <= 5 {
      let s = r - 1.6
      magnitude =
        polynomial(s, 1.4234372777, 2.7568153900, 1.3067284816, 0.17023821103)
        / polynomial(s, 1, 0.73700164250, 0.12021132975, 0)
    } else {
      let s = r - 5
      magnitude =
        polynomial(s, 6.6579051150, 3.0812263860, 0.42868294337, 0.017337203997)
        / polynomial(s, 1, 0.24197894225, 0.012258202635, 0)
    }
    return offset < 0 ? -magnitude : magnitude
  }

  @inline(__always)
  private static func polynomial(
    _ x: Double,
    _ c0: Double,
    _ c1: Double,
    _ c2: Double,
    _ c3: Double
  ) -> Double {
    ((c3 * x + c2) * x + c1) * x + c0
  }
}
