/// How long ago a time was, in its largest unit: `12 s ago`, `3 min ago`, `2 h ago`, `5 d ago`.
nonisolated func timeAgo(_ time: Double, now: Double) -> String {
  let seconds = now - time
  guard seconds.isFinite, seconds < 1e12 else { return "–" }
  switch max(0, seconds) {
  case ..<1: return "now"
  case ..<60: return "\(Int(seconds)) s ago"
  case ..<3600: return "\(Int(seconds / 60)) min ago"
  case ..<86_400: return "\(Int(seconds / 3600)) h ago"
  default: return "\(Int(seconds / 86_400)) d ago"
  }
}

/// Seconds as a bare number with about three digits, for columns whose title names the unit.
nonisolated func secondsText(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "–" }
  let decimals = seconds < 9.995 ? 2 : seconds < 99.95 ? 1 : 0
  var scaled = seconds
  for _ in 0..<decimals { scaled *= 10 }
  let digits = String(Int(scaled.rounded()))
  guard decimals > 0 else { return digits }
  let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
  return padded.dropLast(decimals) + "." + padded.suffix(decimals)
}
