// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that users of bootsim never build it. It reaches bootsim's code as any other
// user would, through library products, so that it also measures what crosses that border.
let package = Package(
  name: "bootsim-benchmarks",
  platforms: [.macOS(.v14)],
  dependencies: [
    .package(name: "bootsim", path: "..")
  ],
  targets: [
    .executableTarget(
      name: "bootsim-benchmarks",
      dependencies: [
        "PriorityQueue", "BareInserts",
        .product(name: "SimulationKernel", package: "bootsim"),
        .product(name: "TLSBootstrap", package: "bootsim"),
        .product(name: "Scenarios", package: "bootsim"),
        .product(name: "TraceStore", package: "bootsim"),
      ]),
    // What the event queue is measured against: C++, compiled by the toolchain's clang.
    .target(name: "PriorityQueue", cxxSettings: [.unsafeFlags(["-O3"])]),
    // What recording is measured against: C, straight to SQLite.
    .target(
      name: "BareInserts", cSettings: [.unsafeFlags(["-O3"])],
      linkerSettings: [.linkedLibrary("sqlite3")]),
  ],
  cxxLanguageStandard: .cxx17
)
