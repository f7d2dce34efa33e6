package import Terminal

/// Colours by role.
///
/// Widgets ask for roles, never for colours.
nonisolated package struct Theme: Hashable, Sendable {
  package var name: String
  /// A role without a colour shows in the terminal's own.
  package var colors: [ThemeRole: Color]
  /// Colours of runs drawn together, told apart by colour-blind eyes too; never empty.
  package var palette: [Color]
  /// Draws with weights of text only, for screens without colours.
  package var isMonochrome: Bool

  package init(
    name: String,
    colors: [ThemeRole: Color],
    palette: [Color],
    isMonochrome: Bool = false
  ) {
    self.name = name
    self.colors = colors
    self.palette = palette
    self.isMonochrome = isMonochrome
  }

  /// The style of a role, on the theme's background.
  ///
  /// `selection` and `selectionText` both give the style of selected text.
  package func style(_ role: ThemeRole, _ attributes: Style.Attributes = []) -> Style {
    if isMonochrome {
      return Style(attributes: attributes.union(Theme.monochromeAttributes(of: role)))
    }
    switch role {
    case .selection, .selectionText:
      return Style(
        foreground: colors[.selectionText],
        background: colors[.selection],
        attributes: attributes
      )
    case .background:
      return Style(
        foreground: colors[.text],
        background: colors[.background],
        attributes: attributes
      )
    default:
      return Style(
        foreground: colors[role],
        background: colors[.background],
        attributes: attributes
      )
    }
  }

  /// The style of the run with this place in the order of runs; colours repeat after the last.
  package func runStyle(_ index: Int) -> Style {
    guard !isMonochrome, !palette.isEmpty else { return Style() }
    let place = ((index % palette.count) + palette.count) % palette.count
    return Style(foreground: palette[place], background: colors[.background])
  }

  /// The style, moved to the background, most of the way as a rule: for what stands behind a curve.
  package func faded(_ style: Style, share: Double = 0.62) -> Style {
    guard !isMonochrome, let color = style.foreground else {
      return Style(background: style.background, attributes: style.attributes.union(.dim))
    }
    // Without a background of its own the theme's text tells whether the terminal is dark.
    let isDark = (colors[.text] ?? Color(hex: 0xFFFFFF)).luminance > 0.4
    let behind = style.background ?? Color(hex: isDark ? 0x101216 : 0xFFFFFF)
    var faded = style
    faded.foreground = color.mixed(with: behind, share: share)
    return faded
  }

  /// The theme as a screen with so many colours can show it.
  package func adapted(to depth: ColorDepth) -> Theme {
    var theme = self
    theme.isMonochrome = depth == .none
    return theme
  }

  private static func monochromeAttributes(of role: ThemeRole) -> Style.Attributes {
    switch role {
    case .selection, .selectionText, .paused, .error: .reverse
    case .accent, .best, .warning, .key: .bold
    case .muted, .faint, .event: .dim
    default: []
    }
  }
}
