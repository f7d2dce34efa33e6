import Telemetry
import Terminal

/// How long the run in the form takes, if there is the memory for it: two lines that are there from
/// the first figure on, so that nothing moves when the times become known.
nonisolated func timeLines(
  _ model: NewRunModel,
  _ isTimed: Bool,
  _ width: Int
) -> [NewRunLines.Line] {
  guard case .cost(let cost, _) = model.standing, cost.fits, let epochs = model.form?.epochs else {
    return []
  }
  let (epoch, total) = ("an epoch", epochs == 1 ? "1 epoch" : "\(NumberText.count(epochs)) epochs")
  func lines(_ first: String, _ second: String) -> [NewRunLines.Line] {
    [.figure(label: epoch, value: first), .figure(label: total, value: second)]
  }
  let question = model.timeQuestion
  if let times = question.flatMap(model.times.times) {
    let room = width - displayWidth(of: epoch) - 1
    let sum = times.total(epochs: epochs).median
    return lines(text(of: times.epoch, in: room), NumberText.duration(sum))
  }
  guard isTimed else {
    let reason = wrapped("Times are not measured while a run trains here.", to: width)
    return lines("–", "–") + reason.map { .text($0) }
  }
  if let reason = question.flatMap(model.times.failure) {
    return lines("–", "–") + wrapped("Not timed: \(reason)", to: width).map { .text($0) }
  }
  return model.firstProblem == nil ? lines("timing…", "…") : lines("–", "–")
}

/// The seconds of an epoch with their spread: as a range, or shorter where that has no room.
nonisolated private func text(of span: RunTimes.Span, in room: Int) -> String {
  let median = NumberText.duration(span.median)
  let range = NumberText.durations(from: span.low, to: span.high)
  guard range != median else { return median }
  let whole = "\(median) (\(range))"
  guard displayWidth(of: whole) > room else { return whole }
  let spread = max(span.high - span.median, span.median - span.low) / max(span.median, 1e-9)
  let short = "\(median) ± \(Int((spread * 100).rounded(.up))) %"
  return displayWidth(of: short) <= room ? short : median
}
