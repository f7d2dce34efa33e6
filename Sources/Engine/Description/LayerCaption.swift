/// What a diagram says of a layer, short and in the words of papers: `3x3 conv, 64, /2`.
enum LayerCaption {
  static func text(of node: Node) -> String {
    switch node.operation {
    case let convolution as Convolution:
      let kind = convolution.isDepthwise ? "depthwise" : "conv"
      let groups =
        convolution.groups > 1 && !convolution.isDepthwise ? ", \(convolution.groups) groups" : ""
      return text(of: convolution.window, kind, ", \(convolution.channels)" + groups)
    case let pooling as MaxPooling: return text(of: pooling.window, "max pool")
    case let pooling as AveragePooling: return text(of: pooling.window, "average pool")
    case is GlobalAveragePooling: return "global average pool"
    case is Dense: return "dense, \(node.shape.channels)"
    case let pooling as AdaptiveAveragePooling:
      return "average pool to \(pooling.height)x\(pooling.width)"
    case let attention as Attention: return "attention, \(attention.heads) heads"
    case let attention as ChannelAttention: return "channel attention, \(attention.heads) heads"
    case let windows as WindowPartition: return "windows of \(windows.window)x\(windows.window)"
    case is WindowMerge: return "merged windows"
    case let slice as SliceChannels:
      return "channels \(slice.start) to \(slice.start + slice.count - 1)"
    case let dropout as Dropout: return "dropout \(dropout.rate)"
    default: return words(of: node.operation.kind)
    }
  }

  private static func text(of window: Window, _ kind: String, _ more: String = "") -> String {
    var text = "\(window.height)x\(window.width) \(kind)" + more
    if window.strideY != window.strideX {
      text += ", /\(window.strideY)x\(window.strideX)"
    } else if window.strideY > 1 {
      text += ", /\(window.strideY)"
    }
    if window.dilationY > 1 { text += ", dilation \(window.dilationY)" }
    return text
  }

  /// `HardSwish` as `hard swish`; words that are capitals throughout, and the norms' names, stay.
  static func words(of kind: String) -> String {
    let usual = ["ReLU": "ReLU", "ReLU6": "ReLU6", "GELU": "GELU"]
    if let word = usual[kind] { return word }
    if kind.hasSuffix("Normalization"), kind != "Normalization" {
      return kind.replacing("Normalization", with: "Norm")
    }
    var text = ""
    for letter in kind {
      if letter.isUppercase, !text.isEmpty { text += " " }
      text += letter.lowercased()
    }
    return text
  }
}

extension Node {
  /// Whether a diagram says it on the line of the layer before: it changes values one by one, or
  /// only their shape.
  func isMinor(in graph: Graph) -> Bool {
    guard inputs.count == 1, let input = inputShapes(in: graph).first else { return false }
    if operation is MaxPooling || operation is AveragePooling || operation is AdaptiveAveragePooling
    {
      return false
    }
    if operation is Flatten || operation is Reshape { return true }
    return input == shape && operation.multiplyAdds([input], shape) == 0
  }
}
