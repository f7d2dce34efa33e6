/// The nearest of few colours, by a distance that weighs channels as eyes do.
extension Color {
  /// The usual values of a terminal's sixteen own colours; themes of terminals differ.
  package static let sixteen: [Color] = [
    Color(red: 0, green: 0, blue: 0), Color(red: 205, green: 0, blue: 0),
    Color(red: 0, green: 205, blue: 0), Color(red: 205, green: 205, blue: 0),
    Color(red: 0, green: 0, blue: 238), Color(red: 205, green: 0, blue: 205),
    Color(red: 0, green: 205, blue: 205), Color(red: 229, green: 229, blue: 229),
    Color(red: 95, green: 95, blue: 95), Color(red: 255, green: 85, blue: 85),
    Color(red: 85, green: 255, blue: 85), Color(red: 255, green: 255, blue: 85),
    Color(red: 92, green: 92, blue: 255), Color(red: 255, green: 85, blue: 255),
    Color(red: 85, green: 255, blue: 255), Color(red: 255, green: 255, blue: 255),
  ]

  private static let cubeSteps: [UInt8] = [0, 95, 135, 175, 215, 255]

  /// The colour of an index of the 256-colour palette, from 0 to 255.
  package static func indexed(_ index: Int) -> Color {
    switch index {
    case ..<16: return sixteen[max(0, index)]
    case ..<232:
      let cube = index - 16
      return Color(
        red: cubeSteps[cube / 36],
        green: cubeSteps[cube / 6 % 6],
        blue: cubeSteps[cube % 6]
      )
    default:
      let level = UInt8(8 + 10 * min(23, index - 232))
      return Color(red: level, green: level, blue: level)
    }
  }

  /// The nearest index of the 256-colour palette, from 16 up.
  ///
  /// Those are its cube and its greys, which terminals do not let their themes change.
  package var nearestOf256: Int {
    let steps = Color.cubeSteps
    func nearestStep(_ value: UInt8) -> Int {
      steps.indices.min { abs(Int(steps[$0]) - Int(value)) < abs(Int(steps[$1]) - Int(value)) } ?? 0
    }
    let cube = 16 + 36 * nearestStep(red) + 6 * nearestStep(green) + nearestStep(blue)
    let mean = (Int(red) + Int(green) + Int(blue)) / 3
    let grey = 232 + min(23, max(0, (mean - 3) / 10))
    return distance(to: .indexed(cube)) <= distance(to: .indexed(grey)) ? cube : grey
  }

  /// The nearest of a terminal's own colours, among the first `count` of the sixteen.
  package func nearestOfSixteen(count: Int = 16) -> Int {
    let candidates = Color.sixteen.indices.prefix(count)
    return candidates.min {
      distance(to: Color.sixteen[$0]) < distance(to: Color.sixteen[$1])
    } ?? 0
  }

  /// A weighted square distance, cheap and near enough to how different two colours look
  /// (the "redmean" approximation, compuphase.com/cmetric.htm).
  package func distance(to other: Color) -> Int {
    let mean = (Int(red) + Int(other.red)) / 2
    let r = Int(red) - Int(other.red)
    let g = Int(green) - Int(other.green)
    let b = Int(blue) - Int(other.blue)
    return (((512 + mean) * r * r) >> 8) + 4 * g * g + (((767 - mean) * b * b) >> 8)
  }
}
