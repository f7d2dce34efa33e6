/// What is applied to a normalised value while it is in a register, and what its gradient becomes
/// on the way back.
protocol NormalizedActivation {
  static func value(_ normal: Lanes) -> Lanes
  /// The gradient before the activation, whose input was `normal`.
  static func gradient(_ gradient: Lanes, at normal: Lanes) -> Lanes
}

enum Unchanged: NormalizedActivation {
  @inline(__always)
  static func value(_ normal: Lanes) -> Lanes { normal }

  @inline(__always)
  static func gradient(_ gradient: Lanes, at normal: Lanes) -> Lanes { gradient }
}

enum Rectified: NormalizedActivation {
  @inline(__always)
  static func value(_ normal: Lanes) -> Lanes { Elementwise.rectified(normal) }

  @inline(__always)
  static func gradient(_ gradient: Lanes, at normal: Lanes) -> Lanes {
    Elementwise.masked(gradient, by: normal)
  }
}

/// The rectifier, clipped at six.
enum RectifiedToSix: NormalizedActivation {
  @inline(__always)
  static func value(_ normal: Lanes) -> Lanes { ReLU6.value(normal) }

  @inline(__always)
  static func gradient(_ gradient: Lanes, at normal: Lanes) -> Lanes {
    Elementwise.masked(Elementwise.masked(gradient, by: normal), by: 6 - normal)
  }
}

/// A function whose slope is one of its input.
enum ByInput<Function: LaneFunction>: NormalizedActivation {
  @inline(__always)
  static func value(_ normal: Lanes) -> Lanes { Function.value(normal) }

  @inline(__always)
  static func gradient(_ gradient: Lanes, at normal: Lanes) -> Lanes {
    gradient * Function.slope(normal)
  }
}

/// A function whose slope is one of its output.
enum ByOutput<Function: LaneFunction>: NormalizedActivation {
  @inline(__always)
  static func value(_ normal: Lanes) -> Lanes { Function.value(normal) }

  @inline(__always)
  static func gradient(_ gradient: Lanes, at normal: Lanes) -> Lanes {
    gradient * Function.slope(Function.value(normal))
  }
}

/// A pass over activations that is compiled for every type and every activation behind it.
protocol ActivatedPass {
  func run<Kind: Element, Function: NormalizedActivation>(_ kind: Kind.Type, _: Function.Type)
}

extension ActivatedPass {
  func run(_ type: ElementType, _ activation: Activation) {
    switch type {
    case .f32: run(Float.self, activation)
    case .bf16: run(BFloat16.self, activation)
    }
  }

  private func run<Kind: Element>(_ kind: Kind.Type, _ activation: Activation) {
    switch activation {
    case .none: run(kind, Unchanged.self)
    case .relu: run(kind, Rectified.self)
    case .function(.swish): run(kind, ByInput<Swish>.self)
    case .function(.hardSwish): run(kind, ByInput<HardSwish>.self)
    case .function(.gelu): run(kind, ByInput<GELU>.self)
    case .function(.sigmoid): run(kind, ByOutput<Sigmoid>.self)
    case .function(.hardSigmoid): run(kind, ByOutput<HardSigmoid>.self)
    case .function(.relu6): run(kind, RectifiedToSix.self)
    case .function(.tanh): run(kind, ByOutput<Tanh>.self)
    }
  }
}
