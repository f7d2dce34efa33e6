import CIntrinsics

extension DepthwiseProduct {
  /// The rows of an image where taps or steps are not the usual ones: dilated, or more than two
  /// pixels apart.
  func computeOneByOne<Kind: Element>(
    _ kind: Kind.Type,
    _ image: Int,
    _ rows: Range<Int>,
    from source: Elements,
    into result: Elements
  ) {
    let pixels = DepthwisePixels(
      product: self,
      source: UnsafePointer(source.of(kind)),
      result: result.of(kind)
    )
    for row in rows { pixels.computeRow(image: image, y: row) }
  }
}

/// A product whose results are computed one by one, or four neighbours at once.
private struct DepthwisePixels<Kind: Element> {
  let product: DepthwiseProduct
  let source: UnsafePointer<Kind>
  let result: UnsafeMutablePointer<Kind>

  private var grid: PatchGrid { product.grid }
  private var channels: Int { product.channels }

  func computeRow(image: Int, y: Int) {
    let top = y * grid.strideY + grid.originY
    let rows = inside(top, grid.tapRowStep, grid.tapRows, grid.sourceHeight)
    let target = result + (image * grid.resultImage + y * grid.resultRow + grid.resultOffset)
    let line = source + (image * grid.sourceHeight + top) * grid.sourceWidth * channels
    var x = 0
    while x < grid.width {
      let left = x * grid.strideX + grid.originX
      let patch = line + left * channels
      let last = left + 3 * grid.strideX + (grid.tapColumns - 1) * grid.tapColumnStep
      if left >= 0 && last < grid.sourceWidth && x + 4 <= grid.width {
        computeFour(rows, patch, target + x * grid.resultPixel)
        x += 4
        continue
      }
      let columns = inside(left, grid.tapColumnStep, grid.tapColumns, grid.sourceWidth)
      computePixel(rows, columns, patch, target + x * grid.resultPixel)
      x += 1
    }
  }

  /// Four pixels side by side that have all their tap columns: each weight is read once.
  private func computeFour(
    _ rows: Range<Int>,
    _ patch: UnsafePointer<Kind>,
    _ target: UnsafeMutablePointer<Kind>
  ) {
    let sourceRow = grid.tapRowStep * grid.sourceWidth * channels
    let sourceColumn = grid.tapColumnStep * channels
    let next = grid.strideX * channels
    let resultPixel = grid.resultPixel
    var channel = 0
    while channel < channels {
      let count = min(16, channels - channel)
      let to = target + channel
      var first = initial(channel, to, count)
      var second = initial(channel, to + resultPixel, count)
      var third = initial(channel, to + 2 * resultPixel, count)
      var fourth = initial(channel, to + 3 * resultPixel, count)
      for i in rows {
        var from = patch + (i * sourceRow + channel)
        var weight = product.weights + (i * product.weightsRow + channel)
        for _ in 0..<grid.tapColumns {
          let factor = load_part_16(weight, count)
          first = multiply_add_16(Kind.lanes(at: from, count: count), factor, first)
          second = multiply_add_16(Kind.lanes(at: from + next, count: count), factor, second)
          third = multiply_add_16(Kind.lanes(at: from + 2 * next, count: count), factor, third)
          fourth = multiply_add_16(Kind.lanes(at: from + 3 * next, count: count), factor, fourth)
          from += sourceColumn
          weight += product.weightsColumn
        }
      }
      finish(first, to, count)
      finish(second, to + resultPixel, count)
      finish(third, to + 2 * resultPixel, count)
      finish(fourth, to + 3 * resultPixel, count)
      channel += 16
    }
  }

  private func computePixel(
    _ rows: Range<Int>,
    _ columns: Range<Int>,
    _ patch: UnsafePointer<Kind>,
    _ target: UnsafeMutablePointer<Kind>
  ) {
    let sourceRow = grid.tapRowStep * grid.sourceWidth * channels
    let sourceColumn = grid.tapColumnStep * channels
    var channel = 0
    while channel < channels {
      let count = min(16, channels - channel)
      var sum = initial(channel, target + channel, count)
      for i in rows {
        for j in columns {
          let value = Kind.lanes(
            at: patch + (i * sourceRow + j * sourceColumn + channel),
            count: count
          )
          let weight = load_part_16(
            product.weights + (i * product.weightsRow + j * product.weightsColumn + channel),
            count
          )
          sum = multiply_add_16(value, weight, sum)
        }
      }
      finish(sum, target + channel, count)
      channel += 16
    }
  }

  @inline(__always)
  private func initial(
    _ channel: Int,
    _ target: UnsafePointer<Kind>,
    _ count: Int
  ) -> Vector {
    if product.accumulate { return Kind.lanes(at: target, count: count) }
    if let bias = product.bias { return load_part_16(bias + channel, count) }
    return .zero
  }

  @inline(__always)
  private func finish(_ sum: Vector, _ target: UnsafeMutablePointer<Kind>, _ count: Int) {
    Kind.setLanes(
      sum.replacing(with: product.floor, where: sum .< product.floor),
      at: target,
      count: count
    )
  }

  /// The taps that fall inside a source of `size` positions.
  private func inside(_ origin: Int, _ step: Int, _ taps: Int, _ size: Int) -> Range<Int> {
    let first = origin < 0 ? min(taps, (-origin + step - 1) / step) : 0
    let end = origin < size ? min(taps, (size - origin + step - 1) / step) : 0
    return first..<max(first, end)
  }
}
