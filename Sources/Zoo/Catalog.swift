/// Every architecture there is, in the order lists show them.
package enum Catalog {
  package static let architectures: [Architecture] =
    [dnn, cnn, lectureCNN, leNet5]
    + kerasCNNs
    + [alexNetMini, googLeNet280]
    + resNets
    + cifarResNets
    + kerasResNets
    + kerasEfficientNets
    + nasNets
    + visionTransformers
    + daViTs

  /// The architecture of this name; nil if there is none.
  package static func architecture(named name: String) -> Architecture? {
    architectures.first { $0.name == name }
  }
}
