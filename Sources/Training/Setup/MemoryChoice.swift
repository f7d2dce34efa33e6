package import Datasets
package import Engine
package import Telemetry

/// The bytes of a training process, by purpose, as they are known before it begins.
package struct ProcessMemoryPlan: Hashable, Sendable {
  /// Weights, gradients, optimizer, activations, and what the compute threads pack their operands
  /// in.
  package let model: Int
  /// The images as they were read, and their labels.
  package let data: Int

  /// The program itself with its libraries, store and buffers, as measured.
  package static let program = 40 << 20

  /// The whole process.
  package var total: Int { model + data + ProcessMemoryPlan.program }

  package init(_ plan: ModelPlan, images: ImageSet, threads: Int) {
    model = plan.mostByteCount(threads: threads)
    data = images.byteCount
  }
}

extension ImageSet {
  /// Bytes of pixels, labels and splits in memory.
  fileprivate var byteCount: Int {
    let indices = (train.count + validation.count + test.count) * MemoryLayout<Int>.stride
    let pixelBytes =
      switch pixels {
      case .bytes(let bytes): bytes.count
      case .floats(let floats): floats.count * MemoryLayout<Float>.stride
      }
    return pixelBytes + labels.count * MemoryLayout<Int32>.stride + indices
  }
}

/// Finds how a run can be trained within a limit on its memory.
package enum MemoryChoice {
  /// The recipe with what has to be given up, and what it then takes: nothing, if it fits as it
  /// is; else cheap results are computed again; else the batch goes through in halves, quarters
  /// and so on, with or without that.
  ///
  /// - Throws: `MemoryLimitError` where nothing fits.
  package static func fit(
    _ recipe: Recipe,
    limit: Int,
    images: ImageSet,
    graph: Graph,
    threads: Int
  ) throws(MemoryLimitError) -> Recipe {
    var least = Int.max
    var size = recipe.batchSize
    while true {
      for recomputes in [false, true] {
        var tried = recipe
        tried.memory = MemorySettings(
          limit: limit,
          microBatch: size < recipe.batchSize ? size : nil,
          recomputes: recomputes
        )
        let plan = RunPlan.modelPlan(recipe: tried, images: images, graph: graph)
        let needed = ProcessMemoryPlan(plan, images: images, threads: threads).total
        if needed <= limit { return tried }
        least = min(least, needed)
      }
      if size == 1 { throw MemoryLimitError(limit: limit, least: least) }
      size = (size + 1) / 2
    }
  }
}

/// A limit that no way of training keeps.
package struct MemoryLimitError: Error, Hashable, Sendable, CustomStringConvertible {
  package let limit: Int
  /// Bytes of the way that takes the least.
  package let least: Int

  package var description: String {
    // Rounded up, so that the limit it names is enough.
    "--memory-limit \(limit >> 20)MiB is too little: the way of training that takes the least "
      + "memory takes \((least >> 20) + 1)MiB"
  }
}
