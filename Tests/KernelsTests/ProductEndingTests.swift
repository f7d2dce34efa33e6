import Testing

@testable import Kernels

/// What a product does at its end is what passes of their own would do.
@Suite
struct ProductEndingTests {
  /// Few rows, many rows, columns that fill no vector, a depth in parts, Strassen's products.
  static let sizes = [
    Sizes(rows: 1, depth: 3, columns: 1),
    Sizes(rows: 64, depth: 300, columns: 33),
    Sizes(rows: 130, depth: 17, columns: 5),
    Sizes(rows: 201, depth: 2100, columns: 48),
    Sizes(rows: 401, depth: 90, columns: 300),
    Sizes(rows: 775, depth: 384, columns: 128),
  ]

  struct Sizes: CustomTestStringConvertible {
    let rows: Int
    let depth: Int
    let columns: Int

    var testDescription: String { "\(rows) x \(depth) x \(columns)" }
  }

  @Test(arguments: sizes, ElementType.allCases)
  func `a smooth activation gives the bits, and keeps the slopes, of passes behind the product`(
    sizes: Sizes,
    type: ElementType
  ) {
    let functions = sizes.depth < 9999 ? ActivationFunction.allCases : [.gelu]
    for (index, function) in functions.enumerated() {
      let product = Product(sizes, type, seed: index)
      product.run()
      let fused = Product(sizes, type, seed: index)
      let kept = GuardedElements(count: sizes.rows * sizes.columns, type)
      fused.run(.function(function), ProductEnding(kept: kept.elements))
      let passes = Passes(function, product.result, outputGradient: product.spare)
      #expect(isSame(fused.result, passes.output))
      let gradient = GuardedElements(product.spare.values, type)
      Elementwise.multiply(
        gradient.elements,
        by: KeptSlopes(function, kept.elements),
        pool: WorkerPool(threads: 2)
      )
      // Where the pass knows the slope by the output, that one is rounded in 16 bits.
      if type == .f32 || function.slopeNeedsInput {
        #expect(isSame(gradient, passes.inputGradient))
      }
      let evaluated = Product(sizes, type, seed: index)
      evaluated.run(.function(function))
      #expect(isSame(evaluated.result, fused.result))
      #expect(fused.isIntact && evaluated.isIntact && kept.isIntact && gradient.isIntact)
    }
  }

  @Test(arguments: sizes, ElementType.allCases)
  func `a gradient is multiplied with slopes to the bits of a pass behind the product`(
    sizes: Sizes,
    type: ElementType
  ) {
    for function in [ActivationFunction.gelu, .hardSwish, .tanh] {
      let product = Product(sizes, type, seed: 5)
      let slopes = KeptSlopes(function, product.spare.elements)
      product.run()
      Elementwise.multiply(product.result.elements, by: slopes, pool: WorkerPool(threads: 2))
      for threads in 1...3 {
        let fused = Product(sizes, type, seed: 5)
        let slopes = KeptSlopes(function, fused.spare.elements)
        fused.run(.none, ProductEnding(slopes: slopes), threads: threads)
        #expect(fused.isIntact && isSame(fused.result, product.result))
      }
    }
  }

  @Test(arguments: sizes, ElementType.allCases)
  func `a second matrix is added before the activation`(sizes: Sizes, type: ElementType) {
    for activation in [Activation.none, .relu, .function(.gelu)] {
      let product = Product(sizes, .f32, seed: 8)
      product.run()
      let fused = Product(sizes, type, seed: 8)
      fused.run(activation, ProductEnding(added: fused.spare.elements))
      let sums = zip(product.result.values, fused.spare.values).map { Double($0 + $1) }
      for (value, sum) in zip(fused.result.values, sums) {
        let wanted = activation.reference(sum)
        let tolerance = type == .f32 ? 1e-4 : 0x1p-6
        #expect(abs(Double(value) - wanted) <= tolerance * (1 + abs(sum)))
      }
      #expect(fused.isIntact)
    }
  }

  @Test
  func `matrix tiles end as the portable products do`() {
    let sizes = Sizes(rows: 300, depth: 96, columns: 130)
    func ends(_ unit: MatrixTiles.Unit?) -> [[Float]] {
      MatrixTiles.$unit.withValue(unit) {
        let product = Product(sizes, .bf16, seed: 1)
        let kept = GuardedElements(count: sizes.rows * sizes.columns, .bf16)
        let ending = ProductEnding(added: product.spare.elements, kept: kept.elements)
        product.run(.function(.gelu), ending)
        let rectified = Product(sizes, .bf16, seed: 1)
        rectified.run(.relu, ProductEnding(added: rectified.spare.elements))
        return [product.result.values, kept.values, rectified.result.values]
      }
    }
    for (tiles, portable) in zip(ends(.simulation), ends(nil)) {
      for (own, wanted) in zip(tiles, portable) {
        #expect(abs(own - wanted) <= 0x1p-6 * (1 + abs(wanted)))
      }
    }
  }
}

/// Whether both have the same bits.
private func isSame(_ own: GuardedElements, _ wanted: GuardedElements) -> Bool {
  own.values.map(\.bitPattern) == wanted.values.map(\.bitPattern)
}

extension Activation {
  fileprivate func reference(_ x: Double) -> Double {
    switch self {
    case .none: x
    case .relu: max(x, 0)
    case .function(let function): function.referenceValue(x)
    }
  }
}

/// A product of values that bf16 can hold, and a matrix laid out as its result.
private struct Product {
  let sizes: ProductEndingTests.Sizes
  let a: GuardedElements
  let b: GuardedFloats
  let bias: GuardedFloats
  let spare: GuardedElements
  let result: GuardedElements
  let workspace: GuardedFloats

  init(_ sizes: ProductEndingTests.Sizes, _ type: ElementType, seed: Int) {
    self.sizes = sizes
    var noise = Noise(seed + sizes.rows)
    let scale = 3 / Float(sizes.depth).squareRoot()
    let left = noise.values(sizes.rows * sizes.depth).map { $0 * scale }
    a = GuardedElements(left.rounded, type)
    b = GuardedFloats(noise.values(sizes.depth * sizes.columns).rounded)
    bias = GuardedFloats(noise.values(sizes.columns).map { 3 * $0 })
    spare = GuardedElements(noise.values(sizes.rows * sizes.columns).rounded, type)
    result = GuardedElements(count: sizes.rows * sizes.columns, type)
    workspace = GuardedFloats(
      count: MatrixMultiply.workspaceCount(
        rows: sizes.rows,
        columns: sizes.columns,
        depth: sizes.depth
      )
    )
  }

  var isIntact: Bool {
    [a, spare, result].allSatisfy { $0.isIntact }
      && [b, bias, workspace].allSatisfy { $0.isIntact }
  }

  func run(
    _ activation: Activation = .none,
    _ ending: ProductEnding = ProductEnding(),
    threads: Int = 2
  ) {
    MatrixMultiply.multiply(
      a.elements,
      b.floats,
      transposed: false,
      bias: bias.floats,
      activation: activation,
      ending: ending,
      into: result.elements,
      rows: sizes.rows,
      columns: sizes.columns,
      depth: sizes.depth,
      accumulate: false,
      workspace: workspace.floats,
      pool: WorkerPool(threads: threads)
    )
  }
}

/// An activation's passes of their own.
private struct Passes {
  let output: GuardedElements
  let inputGradient: GuardedElements

  init(_ function: ActivationFunction, _ input: GuardedElements, outputGradient: GuardedElements) {
    let pool = WorkerPool(threads: 1)
    let type = input.elements.type
    output = GuardedElements(count: input.values.count, type)
    inputGradient = GuardedElements(count: input.values.count, type)
    Elementwise.activate(function, input.elements, into: output.elements, pool: pool)
    Elementwise.activateBackward(
      function,
      known: function.slopeNeedsInput ? input.elements : output.elements,
      outputGradient: outputGradient.elements,
      inputGradient: inputGradient.elements,
      accumulate: false,
      pool: pool
    )
  }
}
