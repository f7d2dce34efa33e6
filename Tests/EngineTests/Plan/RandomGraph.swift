import TestSupport

@testable import Engine

/// Networks nobody would train: layers of random kinds that read random earlier values.
enum RandomGraph {
  static func make(layers: Int, seed: UInt64) throws -> Graph {
    var numbers = SeededValues(seed: seed)
    let builder = GraphBuilder(inputShape: Shape([6, 5, 3]))
    var values = [try builder.convolution(builder.input, "first", channels: 4, kernel: 1)]
    for layer in 0..<layers {
      // Mostly recent values, now and then an old one.
      let reach = numbers.below(8) == 0 ? values.count : min(values.count, 4)
      let value = values[values.count - 1 - numbers.below(reach)]
      let other = values[values.count - 1 - numbers.below(reach)]
      values.append(
        try add(layer, numbers.below(8), reading: value, other, to: builder, &numbers)
      )
    }
    let flat = try builder.flatten(builder.concatenate(values.suffix(3), "all"))
    if layers % 2 == 0 {
      let side = try builder.globalAveragePooling(values[values.count / 2], "side_pool")
      builder.auxiliary(try builder.dense(side, "side", features: 3), lossWeight: 0.3)
    }
    return builder.graph(output: try builder.dense(flat, "last", features: 3))
  }

  private static func add(
    _ layer: Int,
    _ kind: Int,
    reading value: Value,
    _ other: Value,
    to builder: GraphBuilder,
    _ numbers: inout SeededValues
  ) throws -> Value {
    let name = "\(layer)"
    let channels = builder.shape(of: value).channels
    switch kind {
    case 0: return try builder.batchNormalization(value, name)
    case 1, 2: return try builder.relu(value, name)
    case 3: return try builder.maxPooling(value, name, size: 3, stride: 1, padding: 1)
    case 4: return try builder.dropout(value, name, rate: 0.5)
    case 5 where channels + builder.shape(of: other).channels < 24:
      return try builder.concatenate([value, other], name)
    case 6 where builder.shape(of: other).channels == channels:
      return try builder.add(value, other, name)
    default:
      let outputs = 1 + numbers.below(9)
      let kernel = 1 + 2 * numbers.below(2)
      return try builder.convolution(
        value,
        name,
        channels: outputs,
        kernel: kernel,
        padding: kernel / 2
      )
    }
  }
}

extension SeededValues {
  fileprivate mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
