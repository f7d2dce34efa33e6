import Terminal

extension Theme {
  /// The theme the program has without any file, the same as `themes/descent-dark.toml`.
  nonisolated package static let standard = Theme(
    name: "Descent dark",
    colors: [
      .text: Color(hex: 0xD7DCE5), .muted: Color(hex: 0x8F98A8), .faint: Color(hex: 0x4A5261),
      .accent: Color(hex: 0x87AFFF), .train: Color(hex: 0x5FAFFF),
      .validation: Color(hex: 0xFFAF5F),
      .test: Color(hex: 0xAF87D7), .learningRate: Color(hex: 0x5FD7AF), .best: Color(hex: 0xFFD75F),
      .event: Color(hex: 0x878FA0), .warning: Color(hex: 0xFFAF5F), .error: Color(hex: 0xFF6B6B),
      .success: Color(hex: 0x87D787), .paused: Color(hex: 0xFFD75F),
      .selection: Color(hex: 0x303A4E), .selectionText: Color(hex: 0xFFFFFF),
      .key: Color(hex: 0x87AFFF),
    ],
    palette: [
      0x5FAFFF, 0xFFAF5F, 0x5FD7AF, 0xFF87AF, 0xD7D75F, 0xAF87FF, 0x5FD7FF, 0xFF875F, 0xAFAFAF,
      0x87D75F, 0xD787D7, 0xFFFFAF,
    ].map(Color.init(hex:))
  )
}
