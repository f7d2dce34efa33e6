/// The window of a convolution or pooling layer: size, step, spread and zero border, in pixels.
package struct Window: Hashable, Sendable {
  /// The border on each side.
  package struct Padding: Hashable, Sendable {
    package var top: Int
    package var left: Int
    package var bottom: Int
    package var right: Int

    package init(top: Int, left: Int, bottom: Int, right: Int) {
      self.top = top
      self.left = left
      self.bottom = bottom
      self.right = right
    }

    /// The same on every side.
    package static func even(_ amount: Int) -> Padding {
      Padding(top: amount, left: amount, bottom: amount, right: amount)
    }

    /// TensorFlow's 'same': as many outputs as ⌈input / stride⌉, and where the border is odd,
    /// the larger part at the bottom and the right.
    ///
    /// - Parameters:
    ///   - window: the window's height and width.
    ///   - stride: how far it moves.
    ///   - input: a map.
    ///   - dilation: how far the window's cells are apart.
    /// - Returns: the border for a square window over `input`.
    package static func same(
      window: Int,
      stride: Int,
      input: Shape,
      dilation: Int = 1
    ) -> Padding {
      func total(_ size: Int) -> Int {
        let outputs = (size + stride - 1) / stride
        return max((outputs - 1) * stride + dilation * (window - 1) + 1 - size, 0)
      }
      let vertical = total(input.height)
      let horizontal = total(input.width)
      return Padding(
        top: vertical / 2,
        left: horizontal / 2,
        bottom: vertical - vertical / 2,
        right: horizontal - horizontal / 2
      )
    }

    /// The border that keras.applications puts around a map before an unpadded convolution with
    /// stride 2 (`correct_pad`): half the kernel, one less at top and left where a side is even.
    package static func correct(kernel: Int, input: Shape) -> Padding {
      let half = kernel / 2
      return Padding(
        top: half - (1 - input.height % 2),
        left: half - (1 - input.width % 2),
        bottom: half,
        right: half
      )
    }
  }

  package var height: Int
  package var width: Int
  package var strideY: Int
  package var strideX: Int
  package var padding: Padding
  package var dilationY: Int
  package var dilationX: Int

  package init(
    height: Int,
    width: Int,
    strideY: Int = 1,
    strideX: Int = 1,
    padding: Padding = .even(0),
    dilationY: Int = 1,
    dilationX: Int = 1
  ) {
    self.height = height
    self.width = width
    self.strideY = strideY
    self.strideX = strideX
    self.padding = padding
    self.dilationY = dilationY
    self.dilationX = dilationX
  }

  /// A square window.
  package init(size: Int, stride: Int = 1, padding: Padding = .even(0), dilation: Int = 1) {
    self.init(
      height: size,
      width: size,
      strideY: stride,
      strideX: stride,
      padding: padding,
      dilationY: dilation,
      dilationX: dilation
    )
  }

  /// Height and width of the result over `input`.
  func outputSize(
    of input: Shape,
    ceilMode: Bool
  ) throws(ShapeError) -> (height: Int, width: Int) {
    guard input.isMap else { throw .wantsMap(input) }
    for (what, value) in [
      ("window height", height), ("window width", width), ("stride", strideY), ("stride", strideX),
      ("dilation", dilationY), ("dilation", dilationX),
    ] {
      guard value >= 1 else { throw .notPositive(what: what, value: value) }
    }
    let spreadHeight = dilationY * (height - 1) + 1
    let spreadWidth = dilationX * (width - 1) + 1
    let freeY = input.height + padding.top + padding.bottom - spreadHeight
    let freeX = input.width + padding.left + padding.right - spreadWidth
    guard freeY >= 0, freeX >= 0 else {
      throw .windowTooLarge(height: spreadHeight, width: spreadWidth, input: input)
    }
    return (
      outputs(free: freeY, stride: strideY, input: input.height + padding.top, ceilMode),
      outputs(free: freeX, stride: strideX, input: input.width + padding.left, ceilMode)
    )
  }

  /// PyTorch's rule: rounding up may add a last window, but not one that starts in the far border.
  private func outputs(free: Int, stride: Int, input: Int, _ ceilMode: Bool) -> Int {
    guard ceilMode else { return free / stride + 1 }
    let count = (free + stride - 1) / stride + 1
    return (count - 1) * stride >= input ? count - 1 : count
  }
}
