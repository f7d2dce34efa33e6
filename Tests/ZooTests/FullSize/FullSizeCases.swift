import Testing

/// One stored reference and the architecture that must equal it.
struct FullSizeCase: CustomTestStringConvertible, Sendable {
  /// The file's name without its ending.
  let file: String
  let architecture: String
  var translation = Translation.sameNames
  /// Beginnings of names of parameters that the reference leaves as they are at first.
  var constants: [String] = []

  var testDescription: String { "\(architecture) as \(file)" }

  init(
    _ file: String,
    _ architecture: String,
    _ translation: Translation = .sameNames,
    constants: [String] = []
  ) {
    self.file = file
    self.architecture = architecture
    self.translation = translation
    self.constants = constants
  }

  /// Those that take about a second each: part of every test run.
  static let quick = [
    FullSizeCase("lecture_dnn.torch", "dnn"),
    FullSizeCase("lecture_cnn.torch", "cnn-lecture"),
    FullSizeCase("lecture_resnet.torch", "resnet-lecture"),
    FullSizeCase("custom_resnet.torch", "resnet-custom"),
    FullSizeCase("custom_resnet_wide.torch", "resnet-custom-wide"),
    FullSizeCase("seed002_v3.keras", "cnn-v3", .sameKerasNames),
    FullSizeCase("alexnet_mini.keras", "alexnet-mini", .sameKerasNames),
    FullSizeCase("resnet18.torch", "resnet18"),
    FullSizeCase("googlenet_seed.keras", "googlenet-280", .sameKerasNames),
    FullSizeCase("googlenet.torch", "googlenet"),
    FullSizeCase("efficientnet_b0.torch", "efficientnet-b0"),
    FullSizeCase(
      "efficientnet_b0.keras",
      "efficientnet-b0-keras",
      .sameKerasNames,
      constants: ["normalization"]
    ),
    FullSizeCase("nasnet_mobile.keras", "nasnet-mobile", .sameKerasNames),
    FullSizeCase("densenet121.torch", "densenet121"),
    FullSizeCase("densenet121.keras", "densenet121", .kerasDenseNet),
  ]

  /// The others, with 100 to 500 megabytes of weights.
  static let slow = [
    FullSizeCase("resnet50.torch", "resnet50"),
    FullSizeCase("resnet50.keras", "resnet50-keras", .sameKerasNames),
    FullSizeCase("davit_t.kecam", "davit-t-keras", .kecamDaViT),
    FullSizeCase("vit_b16.keras", "vit-b16", .kerasVisionTransformer),
    FullSizeCase("alexnet.torch", "alexnet"),
    FullSizeCase("vgg16.keras", "vgg16", .kerasVGG16),
  ]
}
