/// Measures the passes of convolutions.
package enum ConvolutionBenchmarks {
  /// The three passes of a convolution.
  package enum Pass: Sendable, CaseIterable {
    case forward
    case backwardInput
    case backwardWeights
  }

  /// A layer of a network, at the batch its figures are stated for.
  package struct Layer: Sendable {
    package let network: String
    package let shape: ConvolutionShape

    package var name: String { ConvolutionBenchmarks.name(of: shape) }
  }

  /// Such as `3x3/2 64-128 56x56 b16`.
  package static func name(of shape: ConvolutionShape) -> String {
    let kernel = "\(shape.kernelHeight)x\(shape.kernelWidth)"
    let stride = shape.strideY == 1 ? "" : "/\(shape.strideY)"
    let channels = "\(shape.inputChannels)-\(shape.outputChannels)"
    let groups = shape.groups == 1 ? "" : " g\(shape.groups)"
    return "\(kernel)\(stride) \(channels)\(groups) \(shape.inputHeight)x\(shape.inputWidth)"
      + " b\(shape.batch)"
  }

  /// One pass of a convolution with activations of a type, for about `seconds`.
  package static func measure(
    _ pass: Pass,
    _ shape: ConvolutionShape,
    element: ElementType,
    threads: Int,
    seconds: Double
  ) -> BenchmarkTiming {
    measure(pass, shape, element: element, pool: WorkerPool(threads: threads), seconds: seconds)
  }

  static func measure(
    _ pass: Pass,
    _ shape: ConvolutionShape,
    element: ElementType,
    pool: WorkerPool,
    seconds: Double
  ) -> BenchmarkTiming {
    let operands = ConvolutionOperands(shape, element)
    return .measure(seconds: seconds, operations: 2 * Double(shape.multiplyAdds)) {
      operands.run(pass, pool)
    }
  }
}

extension ConvolutionBenchmarks {
  /// Layers whose speed is stated in docs/KERNELS.md.
  package static let layers: [Layer] =
    layers(
      "resnet50",
      batch: 16,
      [
        (224, 3, 64, 7, 2), (56, 64, 64, 1, 1), (56, 64, 64, 3, 1), (56, 64, 256, 1, 1),
        (56, 256, 64, 1, 1), (56, 256, 128, 1, 1), (56, 128, 128, 3, 2), (28, 128, 512, 1, 1),
        (56, 256, 512, 1, 2), (28, 512, 128, 1, 1), (28, 128, 128, 3, 1), (28, 256, 256, 3, 2),
        (14, 256, 1024, 1, 1), (28, 512, 1024, 1, 2), (14, 1024, 256, 1, 1), (14, 256, 256, 3, 1),
        (14, 512, 512, 3, 2), (7, 512, 2048, 1, 1), (14, 1024, 2048, 1, 2), (7, 2048, 512, 1, 1),
        (7, 512, 512, 3, 1),
      ]
    )
    + layers(
      "vgg16",
      batch: 16,
      [
        (224, 3, 64, 3, 1), (224, 64, 64, 3, 1), (112, 64, 128, 3, 1), (112, 128, 128, 3, 1),
        (56, 128, 256, 3, 1), (56, 256, 256, 3, 1), (28, 256, 512, 3, 1), (28, 512, 512, 3, 1),
        (14, 512, 512, 3, 1),
      ]
    )
    + layers(
      "resnet18@32",
      batch: 64,
      [
        (32, 3, 64, 7, 2), (8, 64, 64, 3, 1), (8, 64, 128, 3, 2), (4, 128, 128, 3, 1),
        (4, 128, 256, 3, 2), (2, 256, 256, 3, 1), (2, 256, 512, 3, 2), (1, 512, 512, 3, 1),
        (2, 256, 512, 1, 2),
      ]
    )
    + layers("cnn@32", batch: 64, [(32, 3, 32, 3, 1), (16, 32, 64, 3, 1), (8, 64, 128, 3, 1)])
    + layers("alexnet@224", batch: 16, [(227, 3, 64, 11, 4), (32, 3, 64, 13, 3)])

  /// Square layers with half the kernel as padding, given as (size, inputs, outputs, kernel,
  /// stride).
  private static func layers(
    _ network: String,
    batch: Int,
    _ sizes: [(Int, Int, Int, Int, Int)]
  ) -> [Layer] {
    sizes.map { size, inputs, outputs, kernel, stride in
      Layer(
        network: network,
        shape: ConvolutionShape(
          batch: batch,
          square: size,
          inputs: inputs,
          outputs: outputs,
          kernel: kernel,
          stride: stride
        )
      )
    }
  }
}

extension ConvolutionShape {
  /// A convolution of square images with a square kernel and half of it as padding.
  init(
    batch: Int,
    square size: Int,
    inputs: Int,
    outputs: Int,
    kernel: Int,
    stride: Int = 1,
    groups: Int = 1
  ) {
    self.init(
      batch: batch,
      inputHeight: size,
      inputWidth: size,
      inputChannels: inputs,
      outputChannels: outputs,
      kernelHeight: kernel,
      kernelWidth: kernel,
      strideY: stride,
      strideX: stride,
      padTop: kernel / 2,
      padLeft: kernel / 2,
      padBottom: kernel / 2,
      padRight: kernel / 2,
      dilationY: 1,
      dilationX: 1,
      groups: groups
    )
  }
}
