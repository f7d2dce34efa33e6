/// The sizes of a convolution of images [batch][inputHeight][inputWidth][inputChannels] with
/// weights [kernelHeight][kernelWidth][inputChannels / groups][outputChannels].
package struct ConvolutionShape: Sendable, Hashable {
  package var batch: Int
  package var inputHeight: Int
  package var inputWidth: Int
  package var inputChannels: Int
  package var outputChannels: Int
  package var kernelHeight: Int
  package var kernelWidth: Int
  package var strideY: Int
  package var strideX: Int
  package var padTop: Int
  package var padLeft: Int
  package var padBottom: Int
  package var padRight: Int
  package var dilationY: Int
  package var dilationX: Int
  package var groups: Int

  package init(
    batch: Int,
    inputHeight: Int,
    inputWidth: Int,
    inputChannels: Int,
    outputChannels: Int,
    kernelHeight: Int,
    kernelWidth: Int,
    strideY: Int,
    strideX: Int,
    padTop: Int,
    padLeft: Int,
    padBottom: Int,
    padRight: Int,
    dilationY: Int,
    dilationX: Int,
    groups: Int
  ) {
    self.batch = batch
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.strideY = strideY
    self.strideX = strideX
    self.padTop = padTop
    self.padLeft = padLeft
    self.padBottom = padBottom
    self.padRight = padRight
    self.dilationY = dilationY
    self.dilationX = dilationX
    self.groups = groups
  }

  /// Rows of the result.
  package var outputHeight: Int {
    let reach = (kernelHeight - 1) * dilationY + 1
    return (inputHeight + padTop + padBottom - reach) / strideY + 1
  }

  /// Columns of the result.
  package var outputWidth: Int {
    let reach = (kernelWidth - 1) * dilationX + 1
    return (inputWidth + padLeft + padRight - reach) / strideX + 1
  }

  /// Input channels each output channel sees.
  package var groupInputs: Int { inputChannels / groups }
  /// Output channels of one group.
  package var groupOutputs: Int { outputChannels / groups }

  package var inputCount: Int { batch * inputHeight * inputWidth * inputChannels }
  package var outputCount: Int { batch * outputHeight * outputWidth * outputChannels }
  package var weightsCount: Int { kernelHeight * kernelWidth * groupInputs * outputChannels }
  /// Multiply-adds of one pass.
  package var multiplyAdds: Int { outputCount * kernelHeight * kernelWidth * groupInputs }

  var isDepthwise: Bool { groups == inputChannels && groups == outputChannels && groups > 1 }

  func check() {
    require(
      batch >= 1 && inputHeight >= 1 && inputWidth >= 1 && kernelHeight >= 1 && kernelWidth >= 1
        && strideY >= 1 && strideX >= 1 && dilationY >= 1 && dilationX >= 1 && groups >= 1
        && inputChannels % groups == 0 && outputChannels % groups == 0 && outputHeight >= 1
        && outputWidth >= 1,
      "a convolution that cannot be: \(self)"
    )
  }
}
