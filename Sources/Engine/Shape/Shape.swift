/// The dimensions of one sample's values; the batch is not among them.
///
/// A feature map is [height, width, channels], channels last; a vector is [features].
package struct Shape: Hashable, Sendable, CustomStringConvertible {
  package let dimensions: [Int]

  package init(_ dimensions: [Int]) {
    self.dimensions = dimensions
  }

  package static func map(height: Int, width: Int, channels: Int) -> Shape {
    Shape([height, width, channels])
  }

  package static func vector(_ features: Int) -> Shape {
    Shape([features])
  }

  /// Elements of one sample.
  package var count: Int { dimensions.reduce(1, *) }
  package var isMap: Bool { dimensions.count == 3 }
  /// The last dimension: what normalisation and bias run over.
  package var channels: Int { dimensions.last ?? 1 }
  /// The first and second dimension of a map.
  package var height: Int { dimensions[0] }
  package var width: Int { dimensions[1] }
  /// Elements of one sample in one channel.
  package var positions: Int { channels == 0 ? 0 : count / channels }

  package var description: String { dimensions.map(String.init).joined(separator: "x") }
}

/// Why an operation cannot stand where it was put: the facts, worded by `description`.
package enum ShapeError: Error, Hashable, Sendable {
  case wantsMap(Shape)
  case wantsTokens(Shape)
  case wantsShape(Shape, wanted: Shape)
  /// The window, as its dilation spreads it, is larger than the padded input.
  case windowTooLarge(height: Int, width: Int, input: Shape)
  case channelsNotDivisible(channels: Int, groups: Int)
  case noSuchChannels(start: Int, count: Int, input: Shape)
  case shapesDiffer(Shape, Shape)
  case notPositive(what: String, value: Int)
  /// `chunks` is 3 where query, key and value come in one input.
  case headsDoNotDivide(channels: Int, chunks: Int, heads: Int)
  case headTooWide(Int)
  case tooManyTokens(Int)
  case noSuchToken(Int, tokens: Int)
}

extension ShapeError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .wantsMap(let shape): "wants height x width x channels, but its input is \(shape)"
    case .wantsTokens(let shape): "wants tokens x channels, but its input is \(shape)"
    case .wantsShape(let shape, let wanted): "wants \(wanted), but its input is \(shape)"
    case .windowTooLarge(let height, let width, let input):
      "has a window of \(height)x\(width), but its input is only "
        + input.dimensions.prefix(2).map(String.init).joined(separator: "x")
    case .channelsNotDivisible(let channels, let groups):
      "has \(channels) channels, which \(groups) groups do not divide"
    case .noSuchChannels(let start, let count, let input):
      "takes \(count) channels from \(start) on, but its input \(input) has \(input.channels)"
    case .shapesDiffer(let first, let second): "has inputs of unlike shape: \(first) and \(second)"
    case .notPositive(let what, let value): "has \(what) \(value), which must be at least 1"
    case .headsDoNotDivide(let channels, let chunks, let heads):
      "has \(channels) channels, which \(heads) heads do not divide"
        + (chunks == 1 ? "" : " into a query, a key and a value each")
    case .headTooWide(let width): "has heads of \(width) channels, more than it can compute"
    case .tooManyTokens(let count): "has sequences of \(count) tokens, more than it can compute"
    case .noSuchToken(let index, let tokens): "takes token \(index) of \(tokens)"
    }
  }
}
