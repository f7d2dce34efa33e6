/// What happens to a run's checkpoint files, for whoever keeps an index of them.
package enum CheckpointNotice: Hashable, Sendable {
  /// Why a checkpoint is kept.
  package enum Reason: Hashable, Sendable {
    /// To go on from.
    case last
    /// The lowest validation loss so far.
    case best
    /// Its user asked for it.
    case user
  }

  /// A file is whole on disk: steps and epochs done in it, its name, and seconds since 1970.
  case written(step: Int, epoch: Int, name: String, reason: Reason, time: Double)
  case removed(name: String)
}
