/// Brings images to another size, rows and columns one after the other.
///
/// Each new pixel is a mean of the old ones around its centre, weighted by a triangle that is as
/// wide as the distance of the coarser grid's pixels: linear interpolation where images grow, and
/// without aliasing where they shrink; Pillow's BILINEAR, and PyTorch's with `antialias`.
struct Resizing: Sendable {
  let rows: ResizingAxis
  let columns: ResizingAxis
  let channels: Int

  init(height: Int, width: Int, toHeight: Int, toWidth: Int, channels: Int) {
    rows = ResizingAxis(from: height, to: toHeight)
    columns = ResizingAxis(from: width, to: toWidth)
    self.channels = channels
  }

  /// Elements of the working memory that `resize` wants: old height, new width, channels.
  var workspace: Int { rows.inputs * columns.outputs * channels }

  /// Writes the image of the new size.
  ///
  /// `source` and `target` are rows, then pixels, then channels, of the old and the new size;
  /// `workspace` has as many elements as that property says, and holds the old rows at their new
  /// width. None of the three overlap.
  func resize(
    _ source: UnsafePointer<Float>,
    to target: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutablePointer<Float>
  ) {
    let line = columns.outputs * channels
    for row in 0..<rows.inputs {
      columns.mix(
        source + row * columns.inputs * channels,
        stride: channels,
        to: workspace + row * line
      )
    }
    rows.mix(workspace, stride: line, to: target)
  }
}

/// The weights of one axis.
struct ResizingAxis: Sendable {
  let inputs: Int
  let outputs: Int
  /// The first input of each output.
  private let first: [Int]
  /// `taps` weights for each output, their sum 1; zeros behind the last that counts.
  private let weights: [Float]
  private let taps: Int

  init(from inputs: Int, to outputs: Int) {
    self.inputs = inputs
    self.outputs = outputs
    let ratio = Double(inputs) / Double(outputs)
    let reach = max(ratio, 1)
    var first: [Int] = []
    var rows: [[Double]] = []
    for output in 0..<outputs {
      let centre = (Double(output) + 0.5) * ratio
      let start = max(0, Int(centre - reach + 0.5))
      let end = min(inputs, Int(centre + reach + 0.5))
      let row = (start..<max(end, start + 1)).map { input in
        max(0, 1 - abs(Double(input) + 0.5 - centre) / reach)
      }
      let sum = row.reduce(0, +)
      first.append(start)
      rows.append(row.map { $0 / sum })
    }
    let taps = rows.map(\.count).max() ?? 1
    self.first = first
    self.taps = taps
    weights = rows.flatMap { row in
      row.map { Float($0) } + Array(repeating: 0, count: taps - row.count)
    }
  }

  /// Weighs runs of `stride` elements, one run a place of the axis.
  fileprivate func mix(
    _ source: UnsafePointer<Float>,
    stride: Int,
    to target: UnsafeMutablePointer<Float>
  ) {
    weights.withUnsafeBufferPointer { weights in
      for output in 0..<outputs {
        let sum = target + output * stride
        sum.update(repeating: 0, count: stride)
        for tap in 0..<min(taps, inputs - first[output]) {
          let weight = weights[output * taps + tap]
          let run = source + (first[output] + tap) * stride
          for element in 0..<stride { sum[element] += weight * run[element] }
        }
      }
    }
  }
}
