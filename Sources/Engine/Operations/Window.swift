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
