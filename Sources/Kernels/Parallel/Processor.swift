import CIntrinsics

/// The processor this program runs on, against the one its kernels were compiled for.
package enum Processor {
  /// The first vector extension the kernels use and this processor lacks; nil if it has all.
  ///
  /// Ask before any kernel runs: one that uses a missing extension ends the process.
  package static var missingFeature: String? {
    missing_processor_feature().map { String(cString: $0) }
  }
}
