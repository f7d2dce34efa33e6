import Terminal

extension Theme {
  /// The theme the program has without any file, the same as `themes/descent-dark.toml`.
  nonisolated package static let standard = Theme(
    name: "Descent dark",
    colors: [
      .background: Color(hex: 0x121418),
      .text: Color(hex: 0xD7DCE5),
      .muted: Color(hex: 0x949DAD),
      .faint: Color(hex: 0x3D4450),
      .accent: Color(hex: 0xAFAFFF),
      .train: Color(hex: 0x5FAFFF),
      .validation: Color(hex: 0xFFAF5F),
      .test: Color(hex: 0xD787D7),
      .learningRate: Color(hex: 0x5FD7AF),
      .best: Color(hex: 0xFFD75F),
      .event: Color(hex: 0x8787AF),
      .warning: Color(hex: 0xFFAF5F),
      .error: Color(hex: 0xFF6B6B),
      .success: Color(hex: 0x87D787),
      .paused: Color(hex: 0xFFD75F),
      .selection: Color(hex: 0x303848),
      .selectionText: Color(hex: 0xFFFFFF),
      .key: Color(hex: 0xAFAFFF),
    ],
    palette: [
      0x5FAFFF, 0xFFAF5F, 0x5FD7AF, 0xD75F87, 0x5F5FFF, 0xFFD700, 0xAF5F00, 0xD700AF, 0x87D7FF,
      0xD7875F,
    ].map(Color.init(hex:))
  )
}
