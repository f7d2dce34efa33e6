// swift-tools-version: 6.2
import PackageDescription

// Layers, lowest first: a target may depend only on targets listed above it.
// TidyTests holds every import to this table.

let package = Package(
  name: "descent",
  products: [.executable(name: "descent", targets: ["descent"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  targets: [
    // MARK: - Doors to C
    .systemLibrary(name: "CNcurses", providers: [.apt(["libncurses-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CIntrinsics"),
    .target(name: "CTerminalGuard"),

    // MARK: - Vocabulary and computation
    .target(name: "Telemetry"),
    .target(name: "Kernels", dependencies: ["CIntrinsics"]),
    .target(name: "Engine", dependencies: ["Kernels"]),
    .target(name: "Zoo", dependencies: ["Engine"]),
    .target(name: "Datasets", dependencies: ["CZlib"], resources: [.embedInCode("Resources")]),
    .target(name: "Weights", dependencies: ["Engine"]),
    .target(
      name: "Training",
      dependencies: ["Engine", "Datasets", "Telemetry", "Weights"]
    ),

    // MARK: - Storage and screen
    .target(
      name: "RunStore",
      dependencies: ["Telemetry", .product(name: "GRDB", package: "GRDB.swift")]
    ),
    .target(name: "Terminal", dependencies: ["CNcurses", "CTerminalGuard"]),
    .target(
      name: "Dashboard",
      dependencies: ["Terminal", "Telemetry", .product(name: "TOMLKit", package: "TOMLKit")]
    ),

    // MARK: - Program
    .executableTarget(
      name: "descent",
      dependencies: [
        "Telemetry", "Kernels", "Engine", "Zoo", "Datasets", "Weights", "Training", "RunStore",
        "Terminal", "Dashboard",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "TOMLKit", package: "TOMLKit"),
      ],
      resources: [.embedInCode("Resources")]
    ),

    // MARK: - Tests
    .target(name: "TestSupport", dependencies: ["Engine", "Weights"], path: "Tests/TestSupport"),
    .testTarget(
      name: "TelemetryTests",
      dependencies: ["Telemetry"],
      resources: [.copy("Fixtures")]
    ),
    .testTarget(name: "KernelsTests", dependencies: ["Kernels", "TestSupport"]),
    .testTarget(
      name: "EngineTests",
      dependencies: ["Engine", "Weights", "TestSupport"],
      resources: [.copy("Fixtures")]
    ),
    .testTarget(
      name: "ZooTests",
      dependencies: ["Zoo", "Engine", "Weights", "TestSupport"],
      resources: [.copy("Fixtures")]
    ),
    .testTarget(
      name: "DatasetsTests",
      dependencies: ["Datasets"],
      resources: [.copy("Fixtures")]
    ),
    .testTarget(name: "WeightsTests", dependencies: ["Weights", "TestSupport"]),
    .testTarget(
      name: "TrainingTests",
      dependencies: ["Training", "Zoo", "Engine", "Datasets", "Weights", "Telemetry"]
    ),
    .testTarget(
      name: "RunStoreTests",
      dependencies: ["RunStore", "Telemetry", .product(name: "GRDB", package: "GRDB.swift")]
    ),
    .testTarget(name: "TerminalTests", dependencies: ["Terminal"]),
    .testTarget(
      name: "DashboardTests",
      dependencies: ["Dashboard", "Terminal", "Telemetry"],
      exclude: ["Snapshots"]
    ),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["descent", "Weights", .product(name: "GRDB", package: "GRDB.swift")]
    ),
    .testTarget(name: "TidyTests"),
  ],
  swiftLanguageModes: [.v6]
)

// MARK: - Settings

let mainActorTargets: Set = ["Dashboard"]
let computeTargets: Set = ["Kernels", "Engine"]
// Debug builds train and test at full speed too. Files of weights are long arrays as well.
let optimizedTargets = computeTargets.union(["Weights", "TestSupport"])

// The kernels are compiled for the processor that builds them; DESCENT_MARCH names another one.
let processor = Context.environment["DESCENT_MARCH"] ?? "native"
#if arch(arm64)
let processorFlags = ["-mcpu=\(processor)"]
#else
// "native" prefers 256-bit vectors on some processors whose 512-bit units are the faster ones.
let processorFlags = ["-march=\(processor)", "-mprefer-vector-width=512"]
#endif

for target in package.targets where target.type != .system && target.name != "CTerminalGuard" {
  var settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
  ]
  if mainActorTargets.contains(target.name) { settings.append(.defaultIsolation(MainActor.self)) }
  if computeTargets.contains(target.name) {
    settings.append(.unsafeFlags(processorFlags.flatMap { ["-Xcc", $0] }))
  }
  if optimizedTargets.contains(target.name) {
    // Kernels are generic over the activations' type: only a whole module specialises them all.
    settings.append(
      .unsafeFlags(
        ["-O", "-disable-batch-mode", "-wmo", "-num-threads", "2"],
        .when(configuration: .debug)
      )
    )
  }
  target.swiftSettings = settings
}
