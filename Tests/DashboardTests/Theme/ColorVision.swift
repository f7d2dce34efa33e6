import Foundation
import Terminal

/// Kinds of colour vision, to check that colours are told apart with each.
enum ColorVision: CaseIterable {
  case usual
  /// Without cones for red, and for green.
  case protanopia
  case deuteranopia

  /// From linear RGB to what is seen of it (Machado, Oliveira and Fernandes 2009, severity 1).
  private var matrix: [[Double]] {
    switch self {
    case .usual: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    case .protanopia:
      [
        [0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216],
        [-0.003_882, -0.048_116, 1.051_998],
      ]
    case .deuteranopia:
      [
        [0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413],
        [-0.011_820, 0.042_940, 0.968_881],
      ]
    }
  }

  /// The distance of two colours in CIELAB as seen; about 2 can just be told apart.
  func difference(_ first: Color, _ second: Color) -> Double {
    zip(lab(first), lab(second)).map { ($0 - $1) * ($0 - $1) }.reduce(0, +).squareRoot()
  }

  private func lab(_ color: Color) -> [Double] {
    let linear = [color.red, color.green, color.blue].map { channel in
      let share = Double(channel) / 255
      return share <= 0.040_45 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    let seen = matrix.map { row in max(0, zip(row, linear).map(*).reduce(0, +)) }
    let x = (0.4124 * seen[0] + 0.3576 * seen[1] + 0.1805 * seen[2]) / 0.9505
    let y = 0.2126 * seen[0] + 0.7152 * seen[1] + 0.0722 * seen[2]
    let z = (0.0193 * seen[0] + 0.1192 * seen[1] + 0.9505 * seen[2]) / 1.089
    func bend(_ value: Double) -> Double {
      value > 0.008_856 ? cbrt(value) : 7.787 * value + 16.0 / 116
    }
    return [116 * bend(y) - 16, 500 * (bend(x) - bend(y)), 200 * (bend(y) - bend(z))]
  }
}
