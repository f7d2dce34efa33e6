import Foundation
import TestSupport

/// A whole network's forward pass as its own library computed it in f64, with weights and input
/// that follow from their names (`HashedValues`): logits, and four numbers of every layer.
struct ReferenceNetwork: Decodable {
  let layout: String
  /// Height, width and channels of the image, in the order of `layout`.
  let input: [Int]
  let inputKey: String
  let inputValue: String
  let classes: Int
  /// The network's own, then the auxiliary outputs'.
  let logits: [[Double]]
  let weights: [Weight]
  /// Mean, root mean square, first and last element of each layer's result.
  let layers: [String: [Double]]

  struct Weight: Decodable {
    let key: String
    let shape: [Int]
    let kind: String
    let fanIn: Int

    /// The name without the network's in front.
    var name: String { String(key.drop { $0 != "/" }.dropFirst()) }

    /// The layer's name, which the array's own word follows.
    var layer: String {
      let end = name.lastIndex { $0 == "/" || $0 == "." } ?? name.endIndex
      return String(name[..<end])
    }

    var values: [Float] {
      let count = shape.reduce(1, *)
      let (scale, offset) =
        switch kind {
        case "kernel": ((3 / Double(fanIn)).squareRoot(), 0.0)
        case "scale", "variance": (0.2, 1.0)
        default: (0.1, 0.0)
        }
      return HashedValues.values(key, count: count, scale: scale, offset: offset)
    }

    enum CodingKeys: String, CodingKey {
      case key
      case shape
      case kind
      case fanIn = "fan_in"
    }
  }

  enum CodingKeys: String, CodingKey {
    case layout
    case input
    case inputKey = "input_key"
    case inputValue = "input_value"
    case classes
    case logits
    case weights
    case layers = "layer_stats_mean_rms_first_last"
  }

  /// Reads `Fixtures/FullSize/NAME.json`.
  init(_ name: String) throws {
    let path = Bundle.module.bundlePath + "/Fixtures/FullSize/\(name).json"
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    self = try JSONDecoder().decode(ReferenceNetwork.self, from: data)
  }

  /// Channels stand first, as in PyTorch.
  var isChannelsFirst: Bool { layout.hasPrefix("NCHW") }

  /// Height, width, channels.
  var inputShape: [Int] { isChannelsFirst ? [input[1], input[2], input[0]] : input }

  /// The image [height][width][channels].
  var image: [Float] {
    let half = inputValue == "255*u" ? 127.5 : 1
    let offset = inputValue == "255*u" ? 127.5 : 0
    let count = input.reduce(1, *)
    let values = HashedValues.values(inputKey, count: count, scale: half, offset: offset)
    guard isChannelsFirst else { return values }
    return ChannelOrder.channelsLast(values, batch: 1, channels: input[0])
  }

  func summary(of layer: String) -> ArraySummary? {
    guard let numbers = layers[layer], numbers.count == 4 else { return nil }
    return ArraySummary(
      mean: numbers[0],
      rootMeanSquare: numbers[1],
      first: numbers[2],
      last: numbers[3]
    )
  }
}
