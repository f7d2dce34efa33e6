import Engine
import Testing
import Zoo

/// How the weights of Keras' and timm's networks start, against what the libraries drew.
@Suite
struct ReportNetworkStartTests {
  struct Drawn: Sendable, CustomTestStringConvertible {
    let architecture: String
    let parameter: String
    let deviation: Double

    init(_ architecture: String, _ parameter: String, _ deviation: Double) {
      self.architecture = architecture
      self.parameter = parameter
      self.deviation = deviation
    }

    var testDescription: String { "\(architecture) \(parameter)" }
  }

  // Standard deviations of the arrays that Keras 3.15.1, keras_cv_attention_models 1.4.3 (from its
  // bounds) and timm 1.0.31 made; native inputs, five outputs.
  static let drawn = [
    Drawn("cnn-v3", "conv2d_3/kernel", 0.0589),
    Drawn("resnet50-keras", "conv1_conv/kernel", 0.0247),
    Drawn("resnet50-keras", "conv3_block1_2_conv/kernel", 0.0295),
    Drawn("resnet50-keras", "conv3_block1_2_conv/bias", 0),
    Drawn("resnet50-keras", "predictions/kernel", 0.0311),
    Drawn("efficientnet-b0-keras", "stem_conv/kernel", 0.0824),
    Drawn("efficientnet-b0-keras", "block2a_dwconv/kernel", 0.471),
    Drawn("efficientnet-b0-keras", "block6b_dwconv/kernel", 0.284),
    Drawn("efficientnet-b0-keras", "block6a_se_reduce/kernel", 0.267),
    Drawn("efficientnet-b0-keras", "predictions/kernel", 0.258),
    Drawn("nasnet-mobile", "stem_conv1/kernel", 0.271),
    Drawn("nasnet-mobile", "normal_conv_1_9/kernel", 0.0533),
    Drawn("nasnet-mobile", "separable_conv_1_normal_left1_9/depthwise_kernel", 0.0211),
    Drawn("nasnet-mobile", "separable_conv_1_normal_left1_9/pointwise_kernel", 0.0755),
    Drawn("vit-b16", "patch_embed.proj.weight", 0.0208),
    Drawn("vit-b16", "patch_embed.proj.bias", 0.0210),
    Drawn("vit-b16", "pos_embed", 0.02),
    Drawn("vit-b16", "cls_token", 9.6e-7),
    Drawn("vit-b16", "blocks.0.attn.qkv.weight", 0.02),
    Drawn("vit-b16", "blocks.0.mlp.fc2.bias", 0),
    Drawn("vit-b16", "head.weight", 0.0201),
    Drawn("davit-t", "stem.conv.weight", 0.0478),
    Drawn("davit-t", "stages.1.blocks.0.0.cpe1.proj.weight", 0.193),
    Drawn("davit-t", "stages.1.blocks.0.0.cpe1.proj.bias", 0.193),
    Drawn("davit-t", "stages.1.blocks.0.1.attn.qkv.weight", 0.02),
    Drawn("davit-t", "stages.1.blocks.0.1.attn.qkv.bias", 0),
    Drawn("davit-t", "head.fc.bias", 0),
    Drawn("davit-t-keras", "stem_conv/kernel", 0.0476),
    Drawn("davit-t-keras", "stem_conv/bias", 0),
    Drawn("davit-t-keras", "stack1_block1_pre_attn_cpe_dw_conv/depthwise_kernel", 0.0196),
  ]

  @Test(arguments: drawn)
  func `weights start with the reference's deviation`(_ drawn: Drawn) throws {
    let architecture = try #require(Catalog.architecture(named: drawn.architecture))
    let graph = try architecture.graph(inputShape: architecture.nativeInput, classes: 5)
    let parameter = try #require(graph.parameters.first { $0.name == drawn.parameter })
    let deviation = deviation(of: parameter.spec.initializer)
    #expect(abs(deviation - drawn.deviation) <= 0.05 * drawn.deviation)
  }

  private func deviation(of initializer: Initializer) -> Double {
    switch initializer {
    case .constant: 0
    case .uniform(let bound): bound / 3.0.squareRoot()
    case .normal(let deviation): deviation
    // Cut at two deviations, which is the only bound in use.
    case .truncatedNormal(let deviation, _): 0.8796 * deviation
    }
  }
}
