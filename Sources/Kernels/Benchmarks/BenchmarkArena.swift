/// The operands of one measurement, filled with small values.
struct BenchmarkArena {
  private let slab: Slab
  private let slices: [Elements]

  /// Arrays of f32 values.
  init(_ counts: [Int]) {
    self.init(counts.map { ($0, .f32) })
  }

  init(_ arrays: [(count: Int, type: ElementType)]) {
    let bytes = arrays.map { Slab.aligned($0.count * $0.type.stride) }
    guard let slab = Slab(byteCount: bytes.reduce(0, +)) else {
      fatalError("no memory for operands of \(bytes.reduce(0, +)) bytes")
    }
    var offset = 0
    var slices: [Elements] = []
    for (array, size) in zip(arrays, bytes) {
      let slice = slab.elements(at: offset, count: array.count, type: array.type)
      slice.fillWithSmallValues()
      slices.append(slice)
      offset += size
    }
    self.slab = slab
    self.slices = slices
  }

  /// An array of f32 values.
  subscript(index: Int) -> Floats { slices[index].floats }

  func elements(_ index: Int) -> Elements { slices[index] }
}

extension Elements {
  fileprivate func fillWithSmallValues() {
    switch type {
    case .f32:
      let values = of(Float.self)
      for index in 0..<count { values[index] = Float(index % 7) * 0.01 }
    case .bf16:
      let values = of(BFloat16.self)
      for index in 0..<count { values[index] = BFloat16(rounding: Float(index % 7) * 0.01) }
    }
  }
}
