/// Every architecture there is, in the order lists show them.
package enum Catalog {
  package static let architectures: [Architecture] =
    [dnn, cnn, lectureCNN, leNet5]
    + kerasCNNs
    + [alexNetMini, alexNet]
    + vggs
    + [googLeNet280, googLeNet]
    + resNets
    + cifarResNets
    + kerasResNets
    + denseNets
    + [squeezeNet, shuffleNet, mobileNetV2]
    + mobileNetV3s
    + [mnasNet]
    + efficientNets
    + kerasEfficientNets
    + [efficientNetLite]
    + nasNets
    + [convNeXt]
    + visionTransformers
    + daViTs

  /// The architecture of this name; nil if there is none.
  package static func architecture(named name: String) -> Architecture? {
    architectures.first { $0.name == name }
  }
}
