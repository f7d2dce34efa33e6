/// Keras references of networks that have PyTorch's names here.
extension Translation {
  /// `keras.applications`' VGG-16 as torchvision's: layers are numbered through there, and a
  /// convolution's ReLU has the next number.
  static let kerasVGG16 = keras(
    { vgg16Layer($0, offset: 0) },
    results: { vgg16Layer($0, offset: 1) }
  )

  private static func vgg16Layer(_ layer: String, offset: Int) -> String {
    if layer == "predictions" { return "classifier.6" }
    if let number = ["fc1": 0, "fc2": 3][layer] { return "classifier.\(number + offset)" }
    guard let match = layer.wholeMatch(of: /block(\d)_(?:conv(\d)|pool)/), let block = Int(match.1)
    else { return layer }
    let depths = [2, 2, 3, 3, 3]
    let before = depths.prefix(block - 1).reduce(0) { $0 + 2 * $1 + 1 }
    guard let place = match.2.flatMap({ Int($0) }) else {
      return "features.\(before + 2 * depths[block - 1])"
    }
    return "features.\(before + 2 * (place - 1) + offset)"
  }

  /// `keras.applications`' DenseNet as torchvision's.
  static let kerasDenseNet = keras({ layer in
    let fixed = [
      "conv1_conv": "features.conv0", "conv1_bn": "features.norm0", "conv1_relu": "features.relu0",
      "pool1": "features.pool0", "bn": "features.norm5", "predictions": "classifier",
    ]
    if let name = fixed[layer] { return name }
    if let match = layer.wholeMatch(of: /conv(\d)_block(\d+)_(\d)_(conv|bn|relu)/),
      let stage = Int(match.1), let place = Int(match.3)
    {
      let kind = match.4 == "bn" ? "norm" : String(match.4)
      let number = match.4 == "conv" ? place : place + 1
      return "features.denseblock\(stage - 1).denselayer\(match.2).\(kind)\(number)"
    }
    if let match = layer.wholeMatch(of: /pool(\d)_(conv|bn|relu|pool)/), let stage = Int(match.1) {
      let kind = match.2 == "bn" ? "norm" : String(match.2)
      return "features.transition\(stage - 1).\(kind)"
    }
    return layer
  })

  /// `vit_keras`' vision transformer as timm's, where query, key and value are one layer.
  static let kerasVisionTransformer = Translation(
    parameter: { name in
      var parts = name.split(separator: "/").map(String.init)
      guard let word = words[parts.removeLast()] ?? visionTransformerTables[name] else {
        return nil
      }
      let layer = visionTransformerLayer(parts[0])
      guard parts.count > 1 else { return (word.isEmpty ? layer : "\(layer).\(word)", .memory) }
      let block = "blocks." + (parts[0].split(separator: "_").last ?? "")
      if let place = ["query", "key", "value"].firstIndex(of: parts.last) {
        return ("\(block).attn.qkv.\(word)", .parts([place], of: 3))
      }
      let inner = [
        "out": "attn.proj", "\(parts[0])_Dense_0": "mlp.fc1", "\(parts[0])_Dense_1": "mlp.fc2",
        "LayerNorm_0": "norm1", "LayerNorm_2": "norm2",
      ]
      return inner[parts[parts.count - 1]].map { ("\(block).\($0).\(word)", .memory) }
    },
    layer: visionTransformerLayer,
    endings: activations
  )

  /// Tables that have their layer's name and no word of their own.
  private static let visionTransformerTables = [
    "class_token/cls": "", "Transformer_posembed_input/pos_embedding": "",
  ]

  @Sendable
  private static func visionTransformerLayer(_ layer: String) -> String {
    let fixed = [
      "embedding": "patch_embed.proj", "reshape": "patch_embed", "class_token": "cls_token",
      "Transformer_posembed_input": "pos_embed", "Transformer_encoder_norm": "norm",
    ]
    if let name = fixed[layer] { return name }
    guard let match = layer.wholeMatch(of: /Transformer_encoderblock_(\d+)/) else { return layer }
    return "blocks.\(match.1).add2"
  }

  /// `keras_cv_attention_models`' DaViT with the report's head, which is a layer of its own there.
  static let kecamDaViT = Translation(
    parameter: { name in
      (name.hasPrefix("head/") ? name.replacing("head/", with: "dense/") : name, .file)
    },
    layer: { $0 },
    endings: []
  )
}
