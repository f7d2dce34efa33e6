/// What is done at random to every training image each time it is seen.
package struct AugmentationSettings: Hashable, Sendable {
  /// One thing that is done, spelled as on the command line.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Black around the image, from which a window of the image's size is cut out.
    case crop
    /// Mirrored left to right.
    case flip
    /// Mirrored top to bottom.
    case verticalFlip = "flip-vertical"
    case rotate
    case shift
    case zoom
    case shear
    case brightness
    case contrast
    /// A square is blanked out.
    case cutout

    /// The amount where none is said: a share of a side, degrees, or a share of the images.
    package var defaultAmount: Double {
      switch self {
      case .crop: 0.125
      case .flip, .verticalFlip: 0.5
      case .rotate: 15
      case .shift, .zoom: 0.1
      case .shear: 10
      case .brightness, .contrast: 0.2
      case .cutout: 0.25
      }
    }

    /// The largest amount; none may be zero or less.
    fileprivate var largest: Double {
      switch self {
      case .crop, .shift, .cutout: 1024
      case .flip, .verticalFlip, .brightness, .contrast: 1
      case .rotate: 180
      case .zoom: 0.9
      case .shear: 60
      }
    }
  }

  /// How much of each; what is not there is not done.
  package private(set) var amounts: [Kind: Double]

  /// Nothing is done where no amount is given.
  package init(_ amounts: [Kind: Double] = [:]) {
    self.amounts = amounts
  }

  package subscript(kind: Kind) -> Double { amounts[kind] ?? 0 }

  package var isNone: Bool { amounts.isEmpty }
}

extension AugmentationSettings: CustomStringConvertible {
  /// What can be written.
  package static let spellings = """
    'none', or some of \(Kind.allCases.map(\.rawValue).joined(separator: ", ")), each perhaps with \
    an amount, as crop:4,flip,rotate:10
    """

  /// The command line's spelling, in one order: `crop,flip,rotate:10`, or `none`.
  ///
  /// Amounts that are the default are left out.
  package var description: String { text(separator: ",") }

  /// The same with another sign between, for places where a comma means something else.
  package func text(separator: String) -> String {
    let parts = Kind.allCases.compactMap { kind in
      amounts[kind].map { amount in
        amount == kind.defaultAmount ? kind.rawValue : "\(kind.rawValue):\(short(amount))"
      }
    }
    return parts.isEmpty ? "none" : parts.joined(separator: separator)
  }

  private func short(_ amount: Double) -> String {
    amount == amount.rounded() ? "\(Int(amount))" : "\(amount)"
  }

  /// Reads the command line's spelling, with commas or plus signs; nil where it is none.
  package init?(text: String) {
    self.init()
    if text == "none" { return }
    let parts = text.split(omittingEmptySubsequences: false) { $0 == "," || $0 == "+" }
    for part in parts {
      let words = part.split(separator: ":", omittingEmptySubsequences: false)
        .map { word in String(word.drop { $0 == " " }) }
      guard words.count <= 2, let kind = Kind(rawValue: words[0]), amounts[kind] == nil else {
        return nil
      }
      let amount = words.count == 2 ? Double(words[1]) : kind.defaultAmount
      guard let amount, amount > 0, amount <= kind.largest else { return nil }
      amounts[kind] = amount
    }
  }
}

extension AugmentationSettings: Codable {
  /// Stored as it is written.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let settings = AugmentationSettings(text: text) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "'\(text)' is no augmentation"
      )
    }
    self = settings
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
