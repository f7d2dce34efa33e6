import Testing

@testable import Engine

/// Many layers' names in one.
@Suite
struct LayerNamesTests {
  @Test(arguments: [
    (["layer1.0.conv1", "layer1.0.bn1", "layer1.0.downsample.0"], "layer1.0"),
    (["layer1.10.conv1", "layer1.11.conv1"], "layer1"),
    (["conv2_block1_1_conv", "conv2_block1_2_conv", "conv2_block1_add"], "conv2_block1"),
    (["inception3a.branch1.conv", "inception3a.concat"], "inception3a"),
    (["blocks.0", "blocks.0.attn.qkv"], "blocks.0"),
    (["only.one"], "only.one"),
  ])
  func `layers of one block have its name`(_ names: [String], _ common: String) {
    #expect(LayerNames.common(names) == common)
  }

  @Test
  func `layers of no block have no common name`() {
    #expect(LayerNames.common(["conv1", "relu"]) == nil)
    #expect(LayerNames.common(["conv1", "conv2"]) == nil)
    #expect(LayerNames.common([]) == nil)
  }

  @Test(arguments: [
    ("layer1.1", "layer1.5", "layer1.1 … 5"),
    ("layer1.10", "layer1.12", "layer1.10 … 12"),
    ("features.0", "features.0", "features.0"),
    ("normal_1", "normal_4", "normal_1 … 4"),
    ("a", "b", "a … b"),
  ])
  func `a range says only once what both ends begin with`(
    _ first: String,
    _ last: String,
    _ range: String
  ) {
    #expect(LayerNames.range(first, last) == range)
  }
}
