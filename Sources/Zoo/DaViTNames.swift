import Engine

/// The names of DaViT's layers in the two libraries that have it.
enum DaViTNames {
  case timm
  /// `keras_cv_attention_models`.
  case kecam

  /// Names of a block's layers, without the block's scope.
  struct Block {
    let isSpatial: Bool
    let encoding1: String
    let encodingSum1: String
    let normalization1: String
    let queryKeyValue: String
    let attention: String
    let projection: String
    let sum1: String
    let encoding2: String
    let encodingSum2: String
    let normalization2: String
    let dense1: String
    let activation: String
    let dense2: String
    let sum2: String
  }

  var stemConvolution: String { self == .timm ? "stem.conv" : "stem_conv" }
  var stemNormalization: String { self == .timm ? "stem.norm" : "stem_ln" }

  func downsampleNormalization(stage: Int) -> String {
    self == .timm ? "stages.\(stage).downsample.norm" : "stack\(stage + 1)_downsample_ln"
  }

  func downsampleConvolution(stage: Int) -> String {
    self == .timm ? "stages.\(stage).downsample.conv" : "stack\(stage + 1)_downsample_conv"
  }

  /// What the weights of a depthwise convolution are called.
  var depthwiseMeaning: ParameterSpec.Meaning {
    self == .timm ? .kernel : .named("depthwise_kernel")
  }

  /// In front of a block's names; stages and blocks count from 0.
  func scope(stage: Int, block: Int) -> String {
    switch self {
    case .timm: "stages.\(stage).blocks.\(block / 2).\(block % 2)"
    case .kecam: "stack\(stage + 1)_block\(block + 1)"
    }
  }

  func block(isSpatial: Bool) -> Block {
    switch self {
    case .timm:
      return Block(
        isSpatial: isSpatial,
        encoding1: "cpe1.proj",
        encodingSum1: "cpe1",
        normalization1: "norm1",
        queryKeyValue: "attn.qkv",
        attention: "attn",
        projection: "attn.proj",
        sum1: "add1",
        encoding2: "cpe2.proj",
        encodingSum2: "cpe2",
        normalization2: "norm2",
        dense1: "mlp.fc1",
        activation: "mlp.act",
        dense2: "mlp.fc2",
        sum2: "add2"
      )
    case .kecam:
      let attention = isSpatial ? "attn" : "channel_attn"
      return Block(
        isSpatial: isSpatial,
        encoding1: "pre_attn_cpe_dw_conv",
        encodingSum1: "pre_attn_cpe_output",
        normalization1: "attn_ln",
        queryKeyValue: attention + "_qkv",
        attention: attention,
        projection: attention + "_output",
        sum1: "1_output",
        encoding2: "pre_ffn_cpe_dw_conv",
        encodingSum2: "pre_ffn_cpe_output",
        normalization2: "mlp_ln",
        dense1: "mlp_Dense_0",
        activation: "mlp_gelu",
        dense2: "mlp_Dense_1",
        sum2: "2_output"
      )
    }
  }
}
