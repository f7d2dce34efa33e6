import Datasets
import Engine
import Foundation
import Telemetry
import Training

/// Whether the machine has the memory for a plan, and what it would have it for.
enum MemoryFit {
  /// The largest batch below the recipe's whose plan needs at most `available` bytes; nil if not
  /// even a batch of 1 does.
  static func largestBatch(
    recipe: Recipe,
    images: ImageSet,
    graph: Graph,
    threads: Int,
    available: Int
  ) -> Int? {
    var (fits, fails) = (0, recipe.batchSize)
    // A larger batch never needs less: halving finds the border.
    while fails - fits > 1 {
      var tried = recipe
      tried.batchSize = fits + (fails - fits) / 2
      let plan = RunPlan.modelPlan(recipe: tried, images: images, graph: graph)
      let needed = plan.residentByteCount(threads: threads)
      if needed <= available { fits = tried.batchSize } else { fails = tried.batchSize }
    }
    return fits > 0 ? fits : nil
  }
}

/// What the system says of its memory.
enum SystemMemory {
  /// Bytes that can be had without swapping; nil where the system does not say.
  static func available() -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else {
      return nil
    }
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
  }
}
