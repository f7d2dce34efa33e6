import Kernels

/// Convolutions to try: odd sizes drawn from a seed, and small versions of real layers.
enum RandomShapes {
  static func convolution(seed: Int, largest: Int = 11) -> ConvolutionShape {
    var numbers = SeededNumbers(seed: seed)
    while true {
      let (inputs, outputs, groups) = channels(&numbers)
      let shape = ConvolutionShape(
        batch: numbers.integer(1...3),
        inputHeight: numbers.integer(1...largest),
        inputWidth: numbers.integer(1...largest),
        inputChannels: inputs,
        outputChannels: outputs,
        kernelHeight: numbers.integer(1...4),
        kernelWidth: numbers.integer(1...4),
        strideY: numbers.integer(1...3),
        strideX: numbers.integer(1...3),
        padTop: numbers.integer(0...3),
        padLeft: numbers.integer(0...3),
        padBottom: numbers.integer(0...3),
        padRight: numbers.integer(0...3),
        dilationY: numbers.integer(1...2),
        dilationX: numbers.integer(1...2),
        groups: groups
      )
      let reachY = (shape.kernelHeight - 1) * shape.dilationY + 1
      let reachX = (shape.kernelWidth - 1) * shape.dilationX + 1
      if shape.inputHeight + shape.padTop + shape.padBottom >= reachY
        && shape.inputWidth + shape.padLeft + shape.padRight >= reachX
      {
        return shape
      }
    }
  }

  private static func channels(_ numbers: inout SeededNumbers) -> (Int, Int, Int) {
    switch numbers.integer(0...5) {
    case 0:
      let channels = numbers.integer(1...70)
      return (channels, channels, channels)
    case 1:
      let channels = numbers.integer(2...20)
      return (channels, channels * 2, channels)
    case 2:
      let groups = numbers.integer(2...4)
      return (groups * numbers.integer(1...18), groups * numbers.integer(1...18), groups)
    case 3: return (32 * numbers.integer(1...2), 16 * numbers.integer(1...4), 1)
    default: return (numbers.integer(1...70), numbers.integer(1...70), 1)
    }
  }

  /// Few inputs, few outputs, or few of both a group, whose taps reach far.
  static func few(seed: Int) -> ConvolutionShape {
    var numbers = SeededNumbers(seed: seed)
    let groups = numbers.integer(0...2) == 0 ? numbers.integer(2...5) : 1
    let other = groups == 1 ? numbers.integer(1...70) : numbers.integer(1...9)
    let inputsAreFew = numbers.integer(0...1) == 0
    let few = numbers.integer(1...5)
    var shape = simple(
      batch: numbers.integer(1...4),
      size: numbers.integer(1...14),
      inputs: groups * (inputsAreFew ? few : other),
      outputs: groups * (inputsAreFew ? other : few),
      kernel: numbers.integer(1...7),
      stride: numbers.integer(1...3),
      groups: groups
    )
    shape.inputHeight = numbers.integer(1...14)
    if numbers.integer(0...3) == 0 && shape.inputWidth > 2 * shape.kernelWidth {
      shape.dilationX = 2
    }
    return shape
  }

  static func simple(
    batch: Int,
    size: Int,
    inputs: Int,
    outputs: Int,
    kernel: Int,
    stride: Int = 1,
    groups: Int = 1
  ) -> ConvolutionShape {
    let pad = kernel / 2
    return ConvolutionShape(
      batch: batch,
      inputHeight: size,
      inputWidth: size,
      inputChannels: inputs,
      outputChannels: outputs,
      kernelHeight: kernel,
      kernelWidth: kernel,
      strideY: stride,
      strideX: stride,
      padTop: pad,
      padLeft: pad,
      padBottom: pad,
      padRight: pad,
      dilationY: 1,
      dilationX: 1,
      groups: groups
    )
  }

  /// Layers whose work is cut into several blocks, chunks and ranges.
  static let named: [ConvolutionShape] = [
    simple(batch: 2, size: 32, inputs: 3, outputs: 32, kernel: 3),
    simple(batch: 5, size: 16, inputs: 32, outputs: 64, kernel: 3),
    simple(batch: 1, size: 56, inputs: 3, outputs: 64, kernel: 7, stride: 2),
    simple(batch: 1, size: 7, inputs: 256, outputs: 130, kernel: 3),
    simple(batch: 2, size: 8, inputs: 512, outputs: 96, kernel: 1),
    simple(batch: 2, size: 14, inputs: 64, outputs: 128, kernel: 1, stride: 2),
    simple(batch: 1, size: 48, inputs: 40, outputs: 20, kernel: 5),
    simple(batch: 9, size: 14, inputs: 96, outputs: 96, kernel: 3, groups: 96),
    simple(batch: 2, size: 28, inputs: 32, outputs: 32, kernel: 5, stride: 2, groups: 32),
    simple(batch: 1, size: 3, inputs: 700, outputs: 300, kernel: 3),
    simple(batch: 4, size: 1, inputs: 20, outputs: 30, kernel: 3, stride: 2),
    simple(batch: 3, size: 9, inputs: 35, outputs: 5, kernel: 2, groups: 5),
    simple(batch: 3, size: 40, inputs: 1, outputs: 24, kernel: 9, stride: 2),
    simple(batch: 3, size: 40, inputs: 130, outputs: 3, kernel: 5),
    simple(batch: 2, size: 20, inputs: 64, outputs: 1, kernel: 1),
    simple(batch: 2, size: 30, inputs: 12, outputs: 8, kernel: 7, groups: 4),
  ]
}
