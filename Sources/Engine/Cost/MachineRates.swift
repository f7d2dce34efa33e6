/// What a machine gives at best: the ceilings that predicted times stand against.
package struct MachineRates: Hashable, Sendable {
  /// A cache, or the memory behind the caches.
  package struct Level: Hashable, Sendable {
    package let name: String
    /// Bytes that fit, over all threads; what the last level holds has no limit.
    package let byteCount: Int
    /// Bytes a second that all threads read and write together.
    package let bytesPerS: Double

    package init(name: String, byteCount: Int, bytesPerS: Double) {
      self.name = name
      self.byteCount = byteCount
      self.bytesPerS = bytesPerS
    }
  }

  /// Multiply-adds a second of all threads together, in f32: operands of products are widened to
  /// f32 where activations are bf16.
  package let multiplyAddsPerS: Double
  /// The smallest first; there is at least one.
  package let levels: [Level]

  package init(multiplyAddsPerS: Double, levels: [Level]) {
    precondition(!levels.isEmpty, "a machine without memory")
    self.multiplyAddsPerS = multiplyAddsPerS
    self.levels = levels
  }

  /// The level a working set fits in.
  package func level(of byteCount: Int) -> Level {
    levels.first { byteCount <= $0.byteCount } ?? levels[levels.count - 1]
  }

  /// The time in which no machine of these rates can do better: the longer one of computing and of
  /// moving the bytes.
  package func seconds(for cost: PassCost) -> Double {
    max(
      Double(cost.computedMultiplyAdds) / multiplyAddsPerS,
      Double(cost.byteCount) / level(of: cost.workingSet).bytesPerS
    )
  }

  /// Fixed rates, for plans that are read without measuring anything.
  ///
  /// They are those of one machine: a Xeon of the Sapphire Rapids class with 48 KiB L1 and 2 MiB
  /// L2 a core, an L3 shared with other machines, and two cores on one memory.
  /// `descent bench peak` measures them.
  package static func assumed(threads: Int) -> MachineRates {
    MachineRates(
      multiplyAddsPerS: 100e9 * Double(threads),
      levels: [
        Level(name: "L1", byteCount: threads * (32 << 10), bytesPerS: 500e9 * Double(threads)),
        Level(name: "L2", byteCount: threads * (1 << 20), bytesPerS: 110e9 * Double(threads)),
        Level(name: "L3", byteCount: 128 << 20, bytesPerS: 30e9 * Double(threads)),
        Level(name: "memory", byteCount: .max, bytesPerS: threads == 1 ? 15e9 : 27e9),
      ]
    )
  }
}
