// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that users of bootsim never build it. It reaches the kernel as any other
// user would, through the library product, so that it also measures what crosses that border.
let package = Package(
  name: "bootsim-benchmarks",
  platforms: [.macOS(.v14)],
  dependencies: [
    .package(name: "bootsim", path: "..")
  ],
  targets: [
    .executableTarget(
      name: "bootsim-benchmarks",
      dependencies: ["PriorityQueue", .product(name: "SimulationKernel", package: "bootsim")]),
    // What the event queue is measured against: C++, compiled by the toolchain's clang.
    .target(name: "PriorityQueue", cxxSettings: [.unsafeFlags(["-O3"])]),
  ],
  cxxLanguageStandard: .cxx17
)
