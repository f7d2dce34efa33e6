import Telemetry
import Testing

/// Curves that this program drew, rounded: `descent train` with the arguments that stand beside
/// them, on `digits` where nothing else is said.
enum RecordedRuns {
  static let all = [
    rateTooLow, jumping, fewImages, settling, dropping, healthyDigits, healthyMNIST, soonEnded,
  ]

  /// Of `cnn --lr 1e-6 --schedule constant`.
  static let rateTooLow = RecordedRun(
    name: "cnn --lr 1e-6 --schedule constant",
    stepsPerEpoch: 20,
    validationCount: 216,
    rate: 1e-6,
    normalizationMomentum: 0.1,
    hasDropout: true,
    trainLoss: [
      2.369, 2.372, 2.367, 2.368, 2.371, 2.368, 2.373, 2.369, 2.358, 2.366, 2.365, 2.369,
    ],
    validationLoss: [
      2.309, 2.325, 2.331, 2.33, 2.33, 2.329, 2.328, 2.328, 2.327, 2.327, 2.326, 2.326,
    ],
    trainAccuracy: [
      0.098, 0.093, 0.108, 0.101, 0.098, 0.099, 0.094, 0.106, 0.115, 0.11, 0.111, 0.097,
    ],
    validationAccuracy: [
      0.093, 0.102, 0.097, 0.093, 0.097, 0.093, 0.093, 0.093, 0.088, 0.093, 0.097, 0.102,
    ],
    kinds: [.notLearning]
  ).run

  /// Of `cnn-lecture --lr 0.1 --schedule constant`.
  static let jumping = RecordedRun(
    name: "cnn-lecture --lr 0.1 --schedule constant",
    stepsPerEpoch: 20,
    validationCount: 216,
    rate: 0.1,
    hasDropout: true,
    trainLoss: [
      2.264, 1.752, 0.8092, 0.4534, 0.2789, 0.2379, 0.1159, 0.09206, 0.1774, 0.07123, 0.05441,
      0.1828, 0.1715, 0.07762, 0.04792, 0.0714, 0.03602, 0.03665, 0.01466, 0.02925,
    ],
    validationLoss: [
      2.052, 1.303, 0.7702, 0.2406, 0.2445, 0.2094, 0.1018, 0.2421, 0.3649, 0.1081, 0.2022,
      0.3928, 0.1799, 0.1721, 0.09066, 0.09694, 0.09174, 0.05088, 0.164, 0.0672,
    ],
    trainAccuracy: [
      0.178, 0.407, 0.707, 0.852, 0.912, 0.927, 0.966, 0.974, 0.949, 0.975, 0.984, 0.957, 0.962,
      0.982, 0.985, 0.984, 0.991, 0.989, 0.997, 0.991,
    ],
    validationAccuracy: [
      0.269, 0.495, 0.741, 0.917, 0.926, 0.944, 0.963, 0.94, 0.949, 0.968, 0.963, 0.931, 0.963,
      0.968, 0.981, 0.958, 0.972, 0.977, 0.972, 0.981,
    ],
    kinds: [.oscillation]
  ).run

  /// Of `dnn --validation-split 0.95 --optimizer adam --schedule constant`.
  static let fewImages = RecordedRun(
    name: "dnn --validation-split 0.95 --optimizer adam --schedule constant",
    stepsPerEpoch: 2,
    validationCount: 1365,
    rate: 1e-3,
    isAdaptive: true,
    trainLoss: [
      2.303, 2.209, 2.131, 2.025, 1.893, 1.745, 1.572, 1.367, 1.171, 0.9831, 0.7893, 0.6137,
      0.4958, 0.4169, 0.3325, 0.2629, 0.2039, 0.1698, 0.138, 0.1144, 0.08713, 0.06043, 0.05365,
      0.03863, 0.04242, 0.05118, 0.03437, 0.01671, 0.01718, 0.02068, 0.02037, 0.01417, 0.009594,
      0.007814, 0.007349, 0.00716, 0.006482, 0.005853, 0.005191, 0.004531,
    ],
    validationLoss: [
      2.232, 2.167, 2.078, 1.97, 1.843, 1.689, 1.513, 1.334, 1.175, 1.006, 0.8488, 0.7643,
      0.7439, 0.6677, 0.5857, 0.5081, 0.4675, 0.4384, 0.4406, 0.444, 0.434, 0.4418, 0.4312,
      0.4437, 0.4594, 0.4193, 0.381, 0.3959, 0.44, 0.4635, 0.46, 0.4338, 0.4155, 0.4151, 0.4201,
      0.4256, 0.4315, 0.4387, 0.4474, 0.4578,
    ],
    trainAccuracy: [
      0.111, 0.319, 0.611, 0.778, 0.792, 0.708, 0.625, 0.708, 0.847, 0.931, 0.944, 0.917, 0.931,
      0.944, 0.958, 0.944, 0.972, 1, 0.972, 1, 1, 1, 1, 1, 1, 0.986, 1, 1, 1, 1, 1, 1, 1, 1, 1,
      1, 1, 1, 1, 1,
    ],
    validationAccuracy: [
      0.284, 0.454, 0.685, 0.669, 0.591, 0.548, 0.605, 0.728, 0.778, 0.8, 0.817, 0.811, 0.78,
      0.77, 0.801, 0.838, 0.856, 0.862, 0.862, 0.861, 0.866, 0.853, 0.864, 0.862, 0.85, 0.868,
      0.879, 0.877, 0.871, 0.87, 0.87, 0.879, 0.88, 0.878, 0.875, 0.872, 0.867, 0.865, 0.864,
      0.861,
    ],
    kinds: [.overfitting]
  ).run

  /// Of `resnet-lecture --lr 0.1 --schedule constant`.
  static let settling = RecordedRun(
    name: "resnet-lecture --lr 0.1 --schedule constant",
    stepsPerEpoch: 20,
    validationCount: 216,
    rate: 0.1,
    normalizationMomentum: 0.1,
    trainLoss: [
      0.8095, 0.3874, 0.1447, 0.1019, 0.0413, 0.02483, 0.06901, 0.1361, 0.1825, 0.04296, 0.0163,
      0.01077,
    ],
    validationLoss: [
      2.729, 1.482, 0.289, 0.09306, 0.1323, 0.1737, 0.1638, 0.4843, 0.2085, 0.07792, 0.05893,
      0.1656,
    ],
    trainAccuracy: [
      0.745, 0.877, 0.954, 0.974, 0.989, 0.992, 0.982, 0.964, 0.945, 0.989, 0.997, 0.998,
    ],
    validationAccuracy: [
      0.616, 0.81, 0.903, 0.977, 0.958, 0.954, 0.935, 0.88, 0.926, 0.977, 0.981, 0.958,
    ],
    kinds: [.settlingStatistics]
  ).run

  /// Of `cnn --lr 0.1 --schedule constant`.
  static let dropping = RecordedRun(
    name: "cnn --lr 0.1 --schedule constant",
    stepsPerEpoch: 20,
    validationCount: 216,
    rate: 0.1,
    normalizationMomentum: 0.1,
    hasDropout: true,
    trainLoss: [
      1.191, 0.4149, 0.2976, 0.4341, 0.4719, 0.2003, 0.3562, 0.348, 0.09334, 0.03978, 0.01739,
      0.01275, 0.1411, 0.05625, 0.02171, 0.01154, 0.004814, 0.007696, 0.006504, 0.01467,
    ],
    validationLoss: [
      1.834, 0.2072, 0.8348, 0.4635, 0.1761, 0.1804, 0.0838, 0.08972, 0.05658, 0.03915, 0.03406,
      0.03343, 0.04972, 0.05199, 0.009136, 0.009535, 0.005645, 0.04399, 0.004647, 0.1021,
    ],
    trainAccuracy: [
      0.587, 0.881, 0.906, 0.883, 0.867, 0.933, 0.904, 0.92, 0.975, 0.986, 0.996, 0.996, 0.967,
      0.983, 0.992, 0.998, 1, 0.998, 0.999, 0.996,
    ],
    validationAccuracy: [
      0.551, 0.917, 0.819, 0.87, 0.944, 0.954, 0.972, 0.972, 0.972, 0.986, 0.991, 0.991, 0.977,
      0.986, 0.995, 0.995, 1, 0.981, 1, 0.972,
    ],
    kinds: [.validationAhead]
  ).run

  /// Of `cnn --epochs 30`.
  static let healthyDigits = RecordedRun(
    name: "cnn --epochs 30",
    stepsPerEpoch: 20,
    validationCount: 216,
    rate: 0.02,
    normalizationMomentum: 0.1,
    hasDropout: true,
    trainLoss: [
      1.473, 0.3101, 0.1309, 0.06648, 0.03565, 0.02586, 0.01968, 0.1968, 0.0824, 0.02422,
      0.01659, 0.0166, 0.0176, 0.01173, 0.004749, 0.003355, 0.003235, 0.002098, 0.002398,
      0.002269, 0.002388, 0.002832, 0.003931, 0.003902, 0.002828, 0.004629, 0.002648, 0.002931,
      0.001931, 0.00208,
    ],
    validationLoss: [
      0.6945, 0.1418, 0.1047, 0.08374, 0.04219, 0.0164, 0.2016, 0.1182, 0.029, 0.03719, 0.04868,
      0.02141, 0.03193, 0.02531, 0.02521, 0.02945, 0.02807, 0.0257, 0.02216, 0.02315, 0.02617,
      0.01861, 0.02133, 0.01759, 0.02237, 0.0225, 0.01832, 0.01874, 0.01717, 0.01382,
    ],
    trainAccuracy: [
      0.555, 0.908, 0.962, 0.98, 0.991, 0.994, 0.996, 0.944, 0.975, 0.996, 0.996, 0.994, 0.993,
      0.998, 1, 0.999, 1, 1, 1, 1, 0.999, 1, 0.999, 0.999, 0.999, 0.999, 1, 1, 1, 1,
    ],
    validationAccuracy: [
      0.88, 0.954, 0.963, 0.972, 0.981, 0.995, 0.94, 0.972, 0.995, 0.986, 0.977, 0.991, 0.986,
      0.991, 0.981, 0.981, 0.986, 0.991, 0.991, 0.991, 0.991, 0.991, 0.991, 0.991, 0.995, 0.991,
      0.991, 0.991, 0.991, 0.991,
    ],
    kinds: []
  ).run

  /// Of `lenet5 --data mnist:DIRECTORY --lr 0.1 --schedule constant`.
  static let healthyMNIST = RecordedRun(
    name: "lenet5 --data mnist:DIRECTORY --lr 0.1 --schedule constant",
    stepsPerEpoch: 860,
    validationCount: 5000,
    rate: 0.1,
    trainLoss: [
      0.1833, 0.08917, 0.07279, 0.07321, 0.06551, 0.0659, 0.06281, 0.05843, 0.05966, 0.05664,
      0.05621, 0.06077, 0.0559, 0.05768, 0.05058,
    ],
    validationLoss: [
      0.1131, 0.06632, 0.07873, 0.07526, 0.08323, 0.06751, 0.07442, 0.06554, 0.05109, 0.06657,
      0.06249, 0.06325, 0.04283, 0.05286, 0.04799,
    ],
    trainAccuracy: [
      0.943, 0.974, 0.978, 0.977, 0.98, 0.98, 0.98, 0.982, 0.982, 0.982, 0.982, 0.981, 0.982,
      0.982, 0.984,
    ],
    validationAccuracy: [
      0.965, 0.979, 0.977, 0.976, 0.973, 0.978, 0.978, 0.978, 0.983, 0.98, 0.98, 0.98, 0.985,
      0.984, 0.984,
    ],
    kinds: []
  ).run

  /// Of `resnet-custom --optimizer adam`: nothing learned yet, which so few steps do not tell.
  static let soonEnded = RecordedRun(
    name: "resnet-custom --optimizer adam",
    stepsPerEpoch: 20,
    validationCount: 216,
    rate: 0.001,
    normalizationMomentum: 0.1,
    hasDropout: true,
    isAdaptive: true,
    trainLoss: [2.751, 2.613, 2.606, 2.525, 2.478, 2.476, 2.424, 2.412],
    validationLoss: [2.342, 2.469, 2.512, 2.577, 2.494, 2.407, 2.38, 2.379],
    trainAccuracy: [0.099, 0.121, 0.114, 0.129, 0.119, 0.127, 0.138, 0.127],
    validationAccuracy: [0.102, 0.102, 0.102, 0.097, 0.097, 0.102, 0.102, 0.130],
    kinds: []
  ).run
}

/// The columns of a recorded run.
struct RecordedRun {
  let name: String
  let stepsPerEpoch: Int
  let validationCount: Int
  let rate: Double
  var normalizationMomentum: Double?
  var hasDropout = false
  var isAdaptive = false
  let trainLoss: [Double]
  let validationLoss: [Double]
  let trainAccuracy: [Double]
  let validationAccuracy: [Double]
  let kinds: Set<Remark.Kind>

  var run: SampleRun {
    var setup = RunSetup(classes: 10, plannedEpochs: trainLoss.count)
    setup.validationCount = validationCount
    setup.normalizationMomentum = normalizationMomentum
    setup.hasDropout = hasDropout
    setup.isAdaptive = isAdaptive
    let course = Course(
      epochs: trainLoss.count,
      stepsPerEpoch: stepsPerEpoch,
      rate: { _ in rate },
      train: { trainLoss[$0 - 1] },
      validation: { validationLoss[$0 - 1] },
      trainNoise: 0,
      validationNoise: 0,
      trainAccuracy: { trainAccuracy[$0 - 1] },
      validationAccuracy: { validationAccuracy[$0 - 1] }
    )
    return SampleRun(name: name, setup: setup, epochs: course.samples(), kinds: kinds)
  }
}

/// What is said of real curves.
@Suite
struct RecordedRunTests {
  @Test(arguments: RecordedRuns.all)
  func `a real run gets the remarks it deserves and no others`(_ run: SampleRun) {
    let said = run.remarks()
    let lines = said.map { "\($0.epoch): \($0.remark.text)" }
    #expect(said.map(\.remark.kind) == Array(run.kinds), "\(lines)")
  }
}
