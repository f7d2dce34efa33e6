/// A recipe that comes with the program: the settings of the reports it was made to repeat.
struct IncludedRecipe {
  let name: String
  /// TOML.
  let text: String

  /// In the order in which they are listed.
  static let names = files.map(\.name)

  static func named(_ name: String) -> IncludedRecipe? {
    files.first { $0.name == name }.map {
      IncludedRecipe(name: name, text: String(decoding: $0.bytes, as: UTF8.self))
    }
  }

  private static let files: [(name: String, bytes: [UInt8])] = [
    ("lecture-dnn", PackageResources.lecture_dnn_toml),
    ("lecture-cnn", PackageResources.lecture_cnn_toml),
    ("lecture-resnet", PackageResources.lecture_resnet_toml),
    ("custom-resnet", PackageResources.custom_resnet_toml),
    ("alexnet-mini", PackageResources.alexnet_mini_toml),
    ("googlenet-280", PackageResources.googlenet_280_toml),
    ("plateau-davit", PackageResources.plateau_davit_toml),
    ("keras-cnn-v1", PackageResources.keras_cnn_v1_toml),
    ("keras-cnn-v2", PackageResources.keras_cnn_v2_toml),
    ("keras-cnn-v3", PackageResources.keras_cnn_v3_toml),
    ("vgg16-3-epochs", PackageResources.vgg16_3_epochs_toml),
    ("resnet50-3-epochs", PackageResources.resnet50_3_epochs_toml),
    ("efficientnet-b0-3-epochs", PackageResources.efficientnet_b0_3_epochs_toml),
    ("densenet121-3-epochs", PackageResources.densenet121_3_epochs_toml),
    ("nasnet-mobile-3-epochs", PackageResources.nasnet_mobile_3_epochs_toml),
    ("vit-b16-3-epochs", PackageResources.vit_b16_3_epochs_toml),
    ("alexnet-sgd-0.001", PackageResources.alexnet_sgd_0_001_toml),
    ("alexnet-adam-0.001", PackageResources.alexnet_adam_0_001_toml),
    ("vgg16-sgd-0.001", PackageResources.vgg16_sgd_0_001_toml),
    ("vgg16-adam-0.001", PackageResources.vgg16_adam_0_001_toml),
    ("resnet18-sgd-0.001-30-epochs", PackageResources.resnet18_sgd_0_001_30_epochs_toml),
    ("resnet18-adam-0.001", PackageResources.resnet18_adam_0_001_toml),
    ("resnet18-sgd-0.001", PackageResources.resnet18_sgd_0_001_toml),
    ("resnet18-sgd-0.1", PackageResources.resnet18_sgd_0_1_toml),
    ("resnet18-sgd-0.00001", PackageResources.resnet18_sgd_0_00001_toml),
    ("resnet18-sgd-0.001-momentum-0.45", PackageResources.resnet18_sgd_0_001_momentum_0_45_toml),
    ("resnet18-sgd-0.001-momentum-0", PackageResources.resnet18_sgd_0_001_momentum_0_toml),
    ("resnet18-sgd-0.001-batch-8", PackageResources.resnet18_sgd_0_001_batch_8_toml),
    ("resnet18-sgd-0.001-batch-32", PackageResources.resnet18_sgd_0_001_batch_32_toml),
    ("resnet18-sgd-0.001-batch-64", PackageResources.resnet18_sgd_0_001_batch_64_toml),
  ]
}
