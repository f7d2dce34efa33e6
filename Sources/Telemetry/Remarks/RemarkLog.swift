/// Which remarks a run has had, and which hold now.
///
/// A remark is said when it begins, not again while it holds, and once more only if it begins anew
/// after it had ended. What is said follows from the histories that were looked at, in their order:
/// a log that is stored at a checkpoint and taken up after a resume says what an undisturbed one
/// would.
package struct RemarkLog: Hashable, Sendable, Codable {
  /// Epochs in a row without it after which a remark has ended; fewer are flicker about a
  /// threshold.
  static let rest = 3
  /// The same for a remark that names the learning rate, while that is what it was: the advice
  /// was given, and not taken.
  static let longRest = 15

  /// All remarks said so far, oldest first.
  package private(set) var said: [Saying] = []
  /// Where each rule saw its remark, by kind; rules that never did are not there.
  private var sightings: [Sightings] = []
  /// The last epoch that was looked at; nil before the first look.
  private var lastLook: Int?

  package init() {}

  /// A remark and the epoch at whose end it was said.
  package struct Saying: Hashable, Sendable, Codable {
    package var epoch: Int
    package var remark: Remark
  }

  /// The epochs at whose end a rule saw its remark, ascending.
  private struct Sightings: Hashable, Codable {
    var kind: Remark.Kind
    var seen: [Sighting] = []
  }

  private struct Sighting: Hashable, Codable {
    var epoch: Int
    /// Since when it held.
    var since: Int
  }

  /// Looks at a run before its first epoch and at the end of each; answers what is to be said now.
  ///
  /// Says nothing of an epoch that was already looked at.
  package mutating func look(
    at history: RunHistory,
    with rules: [any RemarkRule] = RemarkRules.all
  ) -> [Remark] {
    let epoch = history.lastEpoch
    guard lastLook.map({ $0 < epoch }) ?? true else { return [] }
    lastLook = epoch
    let remarks = rules.compactMap { rule in
      rule.look(at: history).flatMap { note($0, at: epoch, patience: rule.patience) }
    }
    said += remarks.map { Saying(epoch: epoch, remark: $0) }
    return remarks
  }

  /// Forgets what was seen and said after the given number of epochs, which have been undone.
  package mutating func rewind(toEpoch epoch: Int) {
    said.removeAll { $0.epoch > epoch }
    for index in sightings.indices { sightings[index].seen.removeAll { $0.epoch > epoch } }
    sightings.removeAll { $0.seen.isEmpty }
    lastLook = lastLook.map { min($0, epoch) }
  }

  /// Notes that a remark was seen, and answers it if it is to be said.
  private mutating func note(_ remark: Remark, at epoch: Int, patience: Int) -> Remark? {
    if !sightings.contains(where: { $0.kind == remark.kind }) {
      sightings.append(Sightings(kind: remark.kind))
    }
    guard let index = sightings.firstIndex(where: { $0.kind == remark.kind }) else { return nil }
    sightings[index].seen.append(Sighting(epoch: epoch, since: remark.epoch))
    let seen = sightings[index].seen
    let start = RemarkLog.streak(of: seen)
    guard seen.count - start >= patience,
      isNew(remark, streak: seen[start...], after: seen[..<start])
    else { return nil }
    var begun = remark
    begun.epoch = seen[seen.count - patience].since
    return begun
  }

  /// Where the latest run of epochs without a gap begins.
  private static func streak(of seen: [Sighting]) -> Int {
    var start = seen.count - 1
    while start > 0, seen[start - 1].epoch == seen[start].epoch - 1 { start -= 1 }
    return start
  }

  /// Whether it was not said before, or had ended for long enough and is not about epochs of then.
  private func isNew(
    _ remark: Remark,
    streak: ArraySlice<Sighting>,
    after earlier: ArraySlice<Sighting>
  ) -> Bool {
    guard let last = said.last(where: { $0.remark.kind == remark.kind }) else { return true }
    guard let begin = streak.first?.epoch, let end = earlier.last?.epoch, last.epoch <= end else {
      return false
    }
    let rate = remark.numbers["learning_rate"]
    let isUnchanged = rate != nil && rate == last.remark.numbers["learning_rate"]
    let rest = isUnchanged ? RemarkLog.longRest : RemarkLog.rest
    return begin - end > rest && remark.epoch > end
  }
}
