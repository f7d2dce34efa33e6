/// Which step of a run lies where in its epochs, also where the batch size has changed on the way.
nonisolated package struct EpochGrid: Sendable {
  private struct Anchor: Sendable {
    var step: Int
    var epochs: Double
    /// From here on.
    var stepsPerEpoch: Int
  }

  /// Ascending; never empty.
  private var anchors = [Anchor(step: 0, epochs: 0, stepsPerEpoch: 1)]

  package init() {}

  /// Steps of the epoch under way.
  package var stepsPerEpoch: Int { anchors.last?.stepsPerEpoch ?? 1 }

  /// The run is known: how many steps its epochs have as long as nothing else is said.
  package mutating func begin(stepsPerEpoch: Int) {
    guard anchors.count == 1 else { return }
    anchors[0].stepsPerEpoch = max(1, stepsPerEpoch)
  }

  /// Epochs have so many steps from here on.
  package mutating func change(atStep step: Int, stepsPerEpoch: Int) {
    let stepsPerEpoch = max(1, stepsPerEpoch)
    guard stepsPerEpoch != self.stepsPerEpoch else { return }
    let epochs = position(ofStep: step)
    anchors.removeAll { $0.step >= step && step > 0 }
    if step == 0 { anchors = [] }
    anchors.append(Anchor(step: step, epochs: epochs, stepsPerEpoch: stepsPerEpoch))
  }

  /// So many epochs are done after the step: what was taken for their length may have been wrong.
  package mutating func epochEnded(_ epoch: Int, atStep step: Int) {
    guard abs(position(ofStep: step) - Double(epoch)) > 1e-6, step > anchors.last?.step ?? 0 else {
      return
    }
    anchors.append(Anchor(step: step, epochs: Double(epoch), stepsPerEpoch: stepsPerEpoch))
  }

  package mutating func rewind(toStep step: Int) {
    anchors.removeAll { $0.step > step }
  }

  /// Epochs, and parts of one, after so many steps.
  package func position(ofStep step: Int) -> Double {
    let anchor = anchors.last { $0.step <= step } ?? anchors[0]
    return anchor.epochs + Double(step - anchor.step) / Double(anchor.stepsPerEpoch)
  }

  /// The steps after so many epochs.
  package func step(at epochs: Double) -> Double {
    let anchor = anchors.last { $0.epochs <= epochs } ?? anchors[0]
    return Double(anchor.step) + (epochs - anchor.epochs) * Double(anchor.stepsPerEpoch)
  }
}
