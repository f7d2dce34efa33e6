import CNcurses

/// Styles as curses writes them: attributes and a colour pair, made when first needed.
struct CursesColors {
  struct Rendition {
    var attributes: attr_t
    var pair: Int32
  }

  private struct PairKey: Hashable {
    var foreground: Int32
    var background: Int32
  }

  let depth: ColorDepth
  private let colorCount: Int
  private let pairLimit: Int
  private var pairs: [PairKey: Int32] = [:]
  private var renditions: [Style: Rendition] = [:]

  /// Starts colours on the current screen, unless there are none or none are wanted.
  init(wanted: Bool) {
    guard wanted, has_colors(), start_color() == OK else {
      depth = .none
      colorCount = 0
      pairLimit = 0
      return
    }
    use_default_colors()
    colorCount = Int(curses_colors())
    pairLimit = Int(curses_pairs())
    depth =
      colorCount > 256 ? .full : colorCount == 256 ? .indexed : colorCount >= 8 ? .sixteen : .none
  }

  /// Whether this many more styles may ask for more pairs than the terminal has.
  func isNearlyFull(adding count: Int) -> Bool {
    depth != .none && pairs.count + count >= pairLimit
  }

  /// Forgets all pairs.
  ///
  /// Whatever is on the screen must be drawn again.
  mutating func reset() {
    pairs.removeAll(keepingCapacity: true)
    renditions.removeAll(keepingCapacity: true)
  }

  mutating func rendition(of style: Style) -> Rendition {
    if let known = renditions[style] { return known }
    var attributes: attr_t = 0
    if style.attributes.contains(.bold) { attributes |= curses_bold() }
    if style.attributes.contains(.dim) { attributes |= curses_dim() }
    if style.attributes.contains(.underline) { attributes |= curses_underline() }
    if style.attributes.contains(.reverse) { attributes |= curses_reverse() }
    let rendition = Rendition(attributes: attributes, pair: pair(for: style))
    renditions[style] = rendition
    return rendition
  }

  private mutating func pair(for style: Style) -> Int32 {
    guard depth != .none else { return 0 }
    let key = PairKey(
      foreground: style.foreground.map(index) ?? -1,
      background: style.background.map(index) ?? -1
    )
    if key.foreground == -1, key.background == -1 { return 0 }
    if let known = pairs[key] { return known }
    let number = Int32(pairs.count + 1)
    guard Int(number) < pairLimit,
      init_extended_pair(number, key.foreground, key.background) == OK
    else { return 0 }
    pairs[key] = number
    return number
  }

  /// The number the terminal knows the colour by.
  private func index(of color: Color) -> Int32 {
    switch depth {
    case .none: return -1
    case .sixteen: return Int32(color.nearestOfSixteen(count: min(16, colorCount)))
    case .indexed: return Int32(color.nearestOf256)
    case .full:
      let value = Int32(color.red) << 16 | Int32(color.green) << 8 | Int32(color.blue)
      // Terminal descriptions with direct colours keep the first eight values for the terminal's
      // own colours.
      return value < 8 ? 0x01_01_01 : value
    }
  }
}
