import CIntrinsics

/// A smooth activation, or the slopes of one, on results that have just been written: a tile's,
/// which the nearest cache still has.
///
/// It reads what was written, so that a result of 16 bits is what it would be if the activation
/// had a pass of its own.
struct ResultPass<Kind: Element> {
  private let result: UnsafeMutablePointer<Kind>
  private let stride: Int
  private let function: ActivationFunction?
  private let kept: UnsafeMutablePointer<Kind>?
  private let slopes: UnsafeMutablePointer<Kind>?
  private let slopesFunction: ActivationFunction?

  /// - Parameters:
  ///   - result: the first value.
  ///   - stride: values from a row to the next.
  ///   - activation: the rectifier is not one of the pass': tiles apply it.
  ///   - ending: what else is laid out as the result.
  init(
    _ result: UnsafeMutablePointer<Kind>,
    stride: Int,
    _ activation: Activation,
    _ ending: ProductEnding
  ) {
    self.result = result
    self.stride = stride
    if case .function(let function) = activation {
      self.function = function
    } else {
      function = nil
    }
    kept = ending.kept?.of(Kind.self)
    slopes = ending.slopes?.values.of(Kind.self)
    slopesFunction = ending.slopes?.function
  }

  var isNeeded: Bool { function != nil || slopes != nil }

  /// Has the other arrays' lines of some rows fetched, while the rows are computed.
  @inline(__always)
  func fetch(at first: Int, rows: Int, columns: Int) {
    guard let other = kept ?? slopes else { return }
    fetchLines(other + first, stride: stride, rows: rows, columns: columns)
  }

  /// Passes over `columns` columns of `rows` rows, the first of which begins `first` values behind
  /// the result's start.
  func run(at first: Int, rows: Int, columns: Int) {
    switch function {
    case nil: multiply(first, rows, columns)
    case .swish: apply(Swish.self, first, rows, columns)
    case .hardSwish: apply(HardSwish.self, first, rows, columns)
    case .gelu: apply(GELU.self, first, rows, columns)
    case .sigmoid: apply(Sigmoid.self, first, rows, columns)
    case .hardSigmoid: apply(HardSigmoid.self, first, rows, columns)
    case .relu6: apply(ReLU6.self, first, rows, columns)
    case .tanh: apply(Tanh.self, first, rows, columns)
    }
  }

  @inline(__always)
  private func apply<Function: LaneFunction>(
    _ function: Function.Type,
    _ first: Int,
    _ rows: Int,
    _ columns: Int
  ) {
    for row in 0..<rows {
      let start = first + row * stride
      sweep(start..<start + columns) { offset, lanes in
        let input = result.lanes(offset, count: lanes)
        guard let kept else {
          return result.setLanes(offset, function.value(input), count: lanes)
        }
        let (value, slope) = function.valueAndSlope(input)
        result.setLanes(offset, value, count: lanes)
        kept.setLanes(offset, Kind.type == .f32 ? slope : input, count: lanes)
      }
    }
  }

  private func multiply(_ first: Int, _ rows: Int, _ columns: Int) {
    guard let slopes else { return }
    if Kind.type == .f32 {
      for row in 0..<rows {
        let start = first + row * stride
        sweep(start..<start + columns) { offset, lanes in
          let slope = slopes.lanes(offset, count: lanes)
          result.setLanes(offset, result.lanes(offset, count: lanes) * slope, count: lanes)
        }
      }
      return
    }
    switch slopesFunction {
    case nil: return
    case .swish: multiply(Swish.self, slopes, first, rows, columns)
    case .hardSwish: multiply(HardSwish.self, slopes, first, rows, columns)
    case .gelu: multiply(GELU.self, slopes, first, rows, columns)
    case .sigmoid: multiply(Sigmoid.self, slopes, first, rows, columns)
    case .hardSigmoid: multiply(HardSigmoid.self, slopes, first, rows, columns)
    case .relu6: multiply(ReLU6.self, slopes, first, rows, columns)
    case .tanh: multiply(Tanh.self, slopes, first, rows, columns)
    }
  }

  /// Slopes of kept inputs.
  @inline(__always)
  private func multiply<Function: LaneFunction>(
    _ function: Function.Type,
    _ inputs: UnsafeMutablePointer<Kind>,
    _ first: Int,
    _ rows: Int,
    _ columns: Int
  ) {
    for row in 0..<rows {
      let start = first + row * stride
      sweep(start..<start + columns) { offset, lanes in
        let slope = function.valueAndSlope(inputs.lanes(offset, count: lanes)).slope
        result.setLanes(offset, result.lanes(offset, count: lanes) * slope, count: lanes)
      }
    }
  }
}

/// Has `columns` values of each of some rows fetched, whose starts are `stride` values apart.
@inline(__always)
func fetchLines<Kind: Element>(
  _ values: UnsafePointer<Kind>,
  stride: Int,
  rows: Int,
  columns: Int
) {
  for row in 0..<rows {
    let start = values + row * stride
    for column in Swift.stride(from: 0, to: columns, by: Kind.lineCount) {
      prefetch_line(start + column)
    }
    prefetch_line(start + (columns - 1))
  }
}
