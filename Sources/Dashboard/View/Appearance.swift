package import Terminal

/// How everything looks: colours, and the characters curves are drawn with.
nonisolated package struct Appearance: Sendable {
  package var theme: Theme
  package var symbols: SymbolSet

  package init(theme: Theme = .standard, symbols: SymbolSet = .braille) {
    self.theme = theme
    self.symbols = symbols
  }

  package func style(_ role: ThemeRole, _ attributes: Style.Attributes = []) -> Style {
    theme.style(role, attributes)
  }

  /// The style of a state's word and symbol.
  package func style(of state: RunState) -> Style {
    switch state {
    case .preparing: style(.muted)
    case .training, .validating, .testing, .trying: style(.accent)
    case .paused: style(.paused, .bold)
    case .finished: style(.success)
    case .stopped, .interrupted: style(.warning)
    case .failed: style(.error)
    }
  }

  /// The symbol of a state in the characters that may be used.
  package func symbol(of state: RunState) -> String {
    guard symbols == .ascii else { return state.symbol }
    switch state {
    case .preparing: return "."
    case .training, .validating, .testing, .trying: return ">"
    case .paused: return "="
    case .finished: return "+"
    case .stopped: return "-"
    case .failed: return "x"
    case .interrupted: return "!"
    }
  }
}
