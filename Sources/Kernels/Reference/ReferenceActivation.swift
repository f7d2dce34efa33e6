#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension ActivationFunction {
  /// The function in f64, from the C library.
  package func referenceValue(_ x: Double) -> Double {
    switch self {
    case .swish: x / (1 + exp(-x))
    case .hardSwish: x * min(max(x + 3, 0), 6) / 6
    case .gelu: x * 0.5 * erfc(-x / 2.0.squareRoot())
    case .sigmoid: 1 / (1 + exp(-x))
    case .hardSigmoid: min(max(x + 3, 0), 6) / 6
    case .relu6: min(max(x, 0), 6)
    case .tanh: tanhOf(x)
    }
  }

  /// The function's slope at `x`, in f64.
  package func referenceSlope(_ x: Double) -> Double {
    let sigmoid = 1 / (1 + exp(-x))
    switch self {
    case .swish: return sigmoid * (1 + x * (1 - sigmoid))
    case .hardSwish: return x < -3 ? 0 : x > 3 ? 1 : (2 * x + 3) / 6
    case .gelu:
      let mass = 0.5 * erfc(-x / 2.0.squareRoot())
      return mass + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
    case .sigmoid: return sigmoid * (1 - sigmoid)
    case .hardSigmoid: return abs(x) < 3 ? 1.0 / 6 : 0
    case .relu6: return x > 0 && x < 6 ? 1 : 0
    case .tanh: return 1 - tanhOf(x) * tanhOf(x)
    }
  }
}

/// The C library's function, whose name the case above hides.
private func tanhOf(_ x: Double) -> Double { tanh(x) }
