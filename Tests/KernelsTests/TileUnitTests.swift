import CIntrinsics
import Testing

@testable import Kernels

/// The matrix unit itself, simulated and real.
@Suite
struct TileUnitTests {
  @Test
  func `the simulation passes the check of the first use`() {
    #expect(MatrixTiles.computesCheck(on: .simulation))
  }

  @Test(arguments: 0..<4)
  func `a unit that is wrong in one value of one shape fails the check`(shape: Int) {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: simulated_tile_bytes, alignment: 64)
    defer { memory.deallocate() }
    let passes = MatrixTiles.computesCheck { product, rows, columns in
      var tiles = ReadyTiles(.simulation, registers: memory)
      tiles.multiply(&product, columns: columns)
      tiles.end()
      let last = (16 * rows - 1) * product.c_stride + 16 * columns - 1
      if rows == 1 + shape / 2, columns == 1 + shape % 2 { product.c[last] += 1 }
    }
    #expect(!passes)
  }

  @Test
  func `tiles are never used where the processor has none`() {
    let isNeither = !MatrixTiles.isAvailable && !MatrixTiles.hasVectors
    #expect((MatrixTiles.unit == nil) == isNeither)
    #expect(request_matrix_tiles() != 0 || !MatrixTiles.isAvailable)
    #expect(MatrixTiles.hasPairs || !MatrixTiles.hasVectors)
  }

  @Test(arguments: 0..<20)
  func `a product of tiles is that of plain loops, and leaves the rest of the sums`(seed: Int) {
    let product = TileProduct(seed: seed)
    let sums = product.sums(on: .simulation)
    let expected = product.plainSums()
    for (index, (value, wanted)) in zip(sums, expected).enumerated() {
      #expect(abs(Double(value) - wanted) <= 2e-6 * (1 + abs(wanted)), "sum \(index)")
    }
  }

  @Test(
    .enabled(if: MatrixTiles.isAvailable, "needs a processor with matrix tiles"),
    arguments: 0..<20
  )
  func `the processor computes what the simulation does`(seed: Int) {
    let product = TileProduct(seed: seed)
    let pairs = zip(product.sums(on: .processor), product.sums(on: .simulation))
    #expect(pairs.allSatisfy { abs($0 - $1) <= 1e-5 * (1 + abs($1)) })
  }

  @Test(
    .enabled(if: MatrixTiles.hasPairs, "needs vectors of bf16 pairs"),
    arguments: 0..<60
  )
  func `vectors compute the wanted rows, and leave the others`(seed: Int) {
    #expect(MatrixTiles.computesCheck(on: .vectors))
    var product = TileProduct(seed: seed)
    product.wanted = 16 * (product.rows - 1) + 1 + seed % 16
    let sums = product.sums(on: .vectors)
    let whole = product.plainSums()
    for (index, value) in sums.enumerated() {
      let isWanted = index / product.sumStride < product.wanted
      let expected = isWanted ? whole[index] : Double(product.start[index])
      #expect(abs(Double(value) - expected) <= 2e-6 * (1 + abs(expected)), "sum \(index)")
    }
  }

  @Test
  func `numbers too small for a full significand count as zero`() {
    var product = TileProduct(seed: 3)
    product.a = product.a.map { _ in BFloat16(bits: 0x007F) }
    product.b = product.b.map { _ in BFloat16(rounding: 1e30) }
    product.adds = false
    #expect(product.sums(on: .simulation).prefix(16).allSatisfy { $0 == 0 })
  }
}

/// A product of up to two by two tiles, drawn from a seed.
private struct TileProduct {
  var rows: Int
  /// Rows that are asked for, at most those of the tiles.
  var wanted: Int
  var columns: Int
  var adds: Bool
  var steps: [Int]
  var stride: Int
  var sumStride: Int
  var a: [BFloat16]
  var b: [BFloat16]
  var start: [Float]

  init(seed: Int) {
    var noise = Noise(seed)
    rows = noise.pick(1...2)
    wanted = 16 * rows
    columns = noise.pick(1...2)
    adds = noise.pick(0...1) == 1
    let count = noise.pick(1...5)
    steps = (0..<count).map { _ in noise.pick(0...50) }
    stride = noise.pick(32...70)
    sumStride = noise.pick(32...40)
    a = noise.values(32 * stride + 90).map { BFloat16(rounding: $0) }
    b = noise.values(steps.count * 1024).map { BFloat16(rounding: $0) }
    start = noise.values(32 * sumStride)
  }

  /// The sums with the product, in f64 by plain loops.
  func plainSums() -> [Double] {
    var sums = start.map { Double($0) }
    for row in 0..<16 * rows {
      for column in 0..<16 * columns {
        var sum = adds ? sums[row * sumStride + column] : 0
        for (step, offset) in steps.enumerated() {
          for k in 0..<32 {
            let tile = step * 1024 + column / 16 * 512
            let value = b[tile + k / 2 * 32 + column % 16 * 2 + k % 2]
            sum += Double(a[offset + row * stride + k].float) * Double(value.float)
          }
        }
        sums[row * sumStride + column] = sum
      }
    }
    return sums
  }

  func sums(on unit: MatrixTiles.Unit) -> [Float] {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: simulated_tile_bytes, alignment: 64)
    defer { memory.deallocate() }
    var sums = start
    a.withUnsafeBytes { a in
      b.withUnsafeBytes { b in
        steps.withUnsafeBufferPointer { steps in
          sums.withUnsafeMutableBufferPointer { sums in
            var product = matrix_tile_product(
              a: a.bindMemory(to: UInt16.self).baseAddress,
              a_stride: stride,
              steps: steps.baseAddress,
              count: steps.count,
              pairs: 16,
              b: b.bindMemory(to: UInt16.self).baseAddress,
              c: sums.baseAddress,
              c_stride: sumStride,
              accumulate: adds ? 1 : 0,
              rows: wanted,
              ahead: 0
            )
            var tiles = ReadyTiles(unit, registers: memory)
            tiles.multiply(&product, columns: columns)
            tiles.end()
          }
        }
      }
    }
    return sums
  }
}
