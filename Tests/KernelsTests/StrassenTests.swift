import Testing

@testable import Kernels

/// Products of sums instead of plain ones: where they are taken, and how near they stay.
///
/// `MatrixMultiplyTests` and `ProductEndingTests` have shapes that go through them.
@Suite(.enabled(if: wideTileRows > 0, "for processors with wide tiles"))
struct StrassenTests {
  private func isTaken(
    _ rows: Int,
    _ depth: Int,
    _ columns: Int,
    _ element: ElementType = .f32
  ) -> Bool {
    StrassenProduct(
      rows: rows,
      columns: columns,
      depth: depth,
      transposed: false,
      element: element
    ) != nil
  }

  @Test
  func `products of a vision transformer's tokens are taken, small and odd ones are not`() {
    #expect(isTaken(1576, 768, 2304) && isTaken(1576, 768, 768) && isTaken(1576, 3072, 768))
    #expect(isTaken(775, 384, 128) && isTaken(773, 896, 256))
    #expect(isTaken(1576, 768, 2304, .bf16) && !isTaken(1576, 3072, 768, .bf16))
    #expect(!isTaken(200, 768, 2304) && !isTaken(1576, 192, 768))
    #expect(!isTaken(1576, 770, 768) && !isTaken(1576, 768, 1000) && !isTaken(1576, 832, 768))
  }

  @Test
  func `the error is within three times that of plain products`() throws {
    let rows = 768
    let columns = 128
    let depth = 768
    var noise = Noise(3)
    let a = noise.values(rows * depth)
    let b = noise.values(depth * columns)
    let left = GuardedFloats(a)
    let right = GuardedFloats(b)
    let result = GuardedFloats(count: rows * columns)
    let pool = WorkerPool(threads: 1)
    let operands = DenseOperands(
      a: Elements(left.floats),
      b: UnsafePointer(right.floats.base),
      bias: nil,
      activation: .none,
      accumulate: false,
      result: Elements(result.floats),
      ending: ProductEnding()
    )
    func error() -> Double {
      let own = result.values
      var squares = 0.0
      for row in stride(from: 0, to: rows, by: 67) {
        for column in 0..<columns {
          var exact = 0.0
          for k in 0..<depth {
            exact += Double(a[row * depth + k]) * Double(b[k * columns + column])
          }
          let difference = Double(own[row * columns + column]) - exact
          squares += difference * difference
        }
      }
      return squares.squareRoot()
    }
    func shape<Product>(_ make: (Int, Int, Int, Bool, ElementType) -> Product) -> Product {
      make(rows, columns, depth, false, .f32)
    }
    try #require(shape(StrassenProduct.init)).run(operands, pool: pool)
    let sums = error()
    try #require(shape(ColumnGroupProduct.init)).run(operands, pool: pool)
    let plain = error()
    #expect(sums > 0 && plain > 0 && sums < 3 * plain, "\(sums) and \(plain)")
  }
}
