import Engine
import TestSupport
import Testing
import Weights

/// Whole small networks against stored PyTorch values: output, loss, every gradient, running
/// statistics, and the weights after three optimizer steps.
@Suite
struct GoldenNetworkTests {
  struct OptimizerCase: Sendable, CustomTestStringConvertible {
    let name: String
    let optimizer: Optimizer
    let learningRate: Double
    let tolerance: Double

    /// Whether steps are as large for a gradient of mere rounding noise as for any other.
    var isAdaptive: Bool { name != "sgd" && name != "nesterov" }

    var testDescription: String { name }
  }

  static let optimizers = [
    OptimizerCase(
      name: "sgd",
      optimizer: .sgd(momentum: 0.9, weightDecay: 5e-4, nesterov: false),
      learningRate: 0.05,
      tolerance: 2e-6
    ),
    OptimizerCase(
      name: "nesterov",
      optimizer: .sgd(momentum: 0.9, weightDecay: 5e-4, nesterov: true),
      learningRate: 0.05,
      tolerance: 2e-6
    ),
    OptimizerCase(
      name: "adam",
      optimizer: .adam(weightDecay: 0),
      learningRate: 1e-3,
      tolerance: 5e-5
    ),
    OptimizerCase(
      name: "adamw",
      optimizer: .adam(weightDecay: 1e-2, isDecoupled: true),
      learningRate: 1e-3,
      tolerance: 5e-5
    ),
    OptimizerCase(
      name: "nadam",
      optimizer: .nadam(weightDecay: 0),
      learningRate: 1e-3,
      tolerance: 5e-5
    ),
    OptimizerCase(
      name: "rmsprop",
      optimizer: .rmsprop(weightDecay: 0),
      learningRate: 1e-3,
      tolerance: 5e-5
    ),
  ]

  @Test(arguments: GoldenNetwork.allCases)
  func `output, loss and every gradient are PyTorch's`(_ network: GoldenNetwork) throws {
    let fixture = try Fixture(network.rawValue)
    let small = try loaded(network, fixture)
    var clock = StepClock()
    _ = small.forward()
    #expect(
      Closeness.relativeError(outputs(of: small, .training), try fixture.doubles("out")) < 1e-5
    )
    let result = small.model.computeGradients(
      batch: small.batch,
      seed: 1,
      step: 0,
      clock: &clock
    )
    #expect(abs(result.meanLossOfAll / (try fixture.doubles("loss"))[0] - 1) < 1e-5)
    for parameter in small.model.plan.graph.parameters where parameter.isTrainable {
      let expected = try fixture.doubles("grad.\(parameter.name)")
      let error = absoluteError(gradients(of: small, parameter.name), expected)
      #expect(error < 1e-5, "gradient of \(parameter.name)")
    }
    let images = Array(try #require(small.model.inputGradient(batch: small.batch)))
    let error = absoluteError(
      ChannelOrder.channelsFirst(images, batch: small.batch, channels: 3),
      try fixture.doubles("grad.x")
    )
    #expect(error < 1e-5, "gradient of the images")
  }

  @Test(arguments: GoldenNetwork.allCases)
  func `running statistics and evaluation are PyTorch's`(_ network: GoldenNetwork) throws {
    let fixture = try Fixture(network.rawValue)
    let small = try loaded(network, fixture)
    _ = small.forward()
    for parameter in small.model.plan.graph.parameters where !parameter.isTrainable {
      let expected = try fixture.doubles("buf1.\(parameter.name)")
      #expect(
        absoluteError(values(of: small, parameter.name), expected) < 1e-5,
        "\(parameter.name)"
      )
    }
    small.setImages(
      ChannelOrder.channelsLast(try fixture.floats("x"), batch: small.batch, channels: 3),
      mode: .evaluation
    )
    _ = small.model.evaluate(batch: small.batch)
    let logits = outputs(of: small, .evaluation)
    #expect(Closeness.relativeError(logits, try fixture.doubles("eval_out")) < 1e-5)
  }

  @Test(arguments: GoldenNetwork.allCases, optimizers)
  func `three optimizer steps are PyTorch's`(
    _ network: GoldenNetwork,
    _ optimizer: OptimizerCase
  ) throws {
    let fixture = try Fixture(network.rawValue)
    let small = try loaded(network, fixture, optimizer: optimizer.optimizer)
    var clock = StepClock()
    let losses = try fixture.doubles("\(optimizer.name).losses")
    let noise = optimizer.isAdaptive ? fixture.noise : [:]
    for step in 0..<3 {
      let result = small.model.computeGradients(
        batch: small.batch,
        seed: 1,
        step: step,
        clock: &clock
      )
      #expect(abs(result.meanLossOfAll - losses[step]) < 2e-5 * losses[step] + 1e-5)
      small.model.update(learningRate: optimizer.learningRate, clock: &clock)
    }
    for parameter in small.model.plan.graph.parameters where parameter.isTrainable {
      var expected = try fixture.doubles("\(optimizer.name).w.\(parameter.name)")
      var weights = values(of: small, parameter.name)
      for range in noise[parameter.name, default: []].reversed() {
        expected.removeSubrange(range.relative(to: expected))
        weights.removeSubrange(range.relative(to: weights))
      }
      #expect(absoluteError(weights, expected) < optimizer.tolerance, "\(parameter.name)")
    }
  }

  private func loaded(
    _ network: GoldenNetwork,
    _ fixture: Fixture,
    optimizer: Optimizer = .sgd(momentum: 0, weightDecay: 0, nesterov: false)
  ) throws -> SmallModel {
    let batch = fixture.shape("x")[0]
    let side = try network.inputSide
    let small = try SmallModel(
      input: .map(height: side, width: side, channels: 3),
      batch: batch,
      optimizer: optimizer,
      network.build
    )
    for parameter in small.model.plan.graph.parameters where parameter.isTrainable {
      load(try fixture.floats("w.\(parameter.name)"), into: small, parameter.name)
    }
    small.setImages(
      ChannelOrder.channelsLast(try fixture.floats("x"), batch: batch, channels: 3)
    )
    small.setLabels(try fixture.labels("y"))
    return small
  }

  /// The logits, and behind them, sample by sample, those of the auxiliary outputs.
  private func outputs(of small: SmallModel, _ mode: Mode) -> [Float] {
    let all = (0...small.model.plan.graph.auxiliaries.count).map {
      Array(small.model.logits(mode: mode, batch: small.batch, output: $0))
    }
    return (0..<small.batch).flatMap { sample in
      all.flatMap { logits in
        let width = logits.count / small.batch
        return logits[sample * width..<(sample + 1) * width]
      }
    }
  }

  private func absoluteError(_ actual: [Float], _ expected: [Double]) -> Double {
    guard actual.count == expected.count else { return .infinity }
    return zip(actual, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
  }
}

extension BatchResult {
  /// The mean loss, the auxiliary outputs' part included.
  fileprivate var meanLossOfAll: Double { meanLoss + auxiliaryLossSum / Double(count) }
}
