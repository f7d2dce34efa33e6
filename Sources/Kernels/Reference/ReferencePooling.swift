extension Pooling {
  /// Plain loops that say what the fast ones must give.
  package enum Reference {
    /// The output and the winners' places in their windows.
    package static func maximum(
      _ shape: PoolingShape,
      input: [Float]
    ) -> (output: [Float], indices: [UInt8]) {
      var output: [Float] = []
      var indices: [UInt8] = []
      forEachOutput(shape) { window in
        var best = -Float.infinity
        var winner: UInt8?
        forEachCell(shape, window) { cell, place in
          let value = input[cell]
          if winner == nil || value > best || value.isNaN {
            best = value
            winner = UInt8(place)
          }
        }
        output.append(best)
        indices.append(winner ?? 0)
      }
      return (output, indices)
    }

    package static func maximumBackward(
      _ shape: PoolingShape,
      outputGradient: [Float],
      indices: [UInt8]
    ) -> [Double] {
      var inputGradient = [Double](repeating: 0, count: shape.inputCount)
      var output = 0
      forEachOutput(shape) { window in
        forEachCell(shape, window) { cell, place in
          if place == Int(indices[output]) { inputGradient[cell] += Double(outputGradient[output]) }
        }
        output += 1
      }
      return inputGradient
    }

    package static func average(_ shape: PoolingShape, input: [Float]) -> [Double] {
      var output: [Double] = []
      forEachOutput(shape) { window in
        var sum = 0.0
        forEachCell(shape, window) { cell, _ in sum += Double(input[cell]) }
        output.append(sum * share(shape, window))
      }
      return output
    }

    package static func averageBackward(
      _ shape: PoolingShape,
      outputGradient: [Float]
    ) -> [Double] {
      var inputGradient = [Double](repeating: 0, count: shape.inputCount)
      var output = 0
      forEachOutput(shape) { window in
        let gradient = Double(outputGradient[output]) * share(shape, window)
        forEachCell(shape, window) { cell, _ in inputGradient[cell] += gradient }
        output += 1
      }
      return inputGradient
    }

    private struct Window {
      let image: Int
      let row: Int
      let column: Int
      let channel: Int
    }

    private static func forEachOutput(_ shape: PoolingShape, _ body: (Window) -> Void) {
      for image in 0..<shape.batch {
        for row in 0..<shape.outputHeight {
          for column in 0..<shape.outputWidth {
            for channel in 0..<shape.channels {
              body(Window(image: image, row: row, column: column, channel: channel))
            }
          }
        }
      }
    }

    /// Calls `body(index of the cell in the input, place in the window)`.
    private static func forEachCell(
      _ shape: PoolingShape,
      _ window: Window,
      _ body: (Int, Int) -> Void
    ) {
      for ky in 0..<shape.kernelHeight {
        for kx in 0..<shape.kernelWidth {
          let y = window.row * shape.strideY - shape.padTop + ky
          let x = window.column * shape.strideX - shape.padLeft + kx
          guard y >= 0, y < shape.inputHeight, x >= 0, x < shape.inputWidth else { continue }
          let position = (window.image * shape.inputHeight + y) * shape.inputWidth + x
          body(position * shape.channels + window.channel, ky * shape.kernelWidth + kx)
        }
      }
    }

    private static func share(_ shape: PoolingShape, _ window: Window) -> Double {
      var cells = 0
      for ky in 0..<shape.kernelHeight {
        for kx in 0..<shape.kernelWidth {
          let y = window.row * shape.strideY - shape.padTop + ky
          let x = window.column * shape.strideX - shape.padLeft + kx
          let inside = y >= 0 && y < shape.inputHeight && x >= 0 && x < shape.inputWidth
          let padded =
            y < shape.inputHeight + shape.padBottom && x < shape.inputWidth + shape.padRight
          if inside || (shape.countIncludesPadding && padded) { cells += 1 }
        }
      }
      return cells == 0 ? 0 : 1 / Double(cells)
    }
  }
}
