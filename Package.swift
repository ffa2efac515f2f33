// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "bootsim",
  platforms: [.macOS(.v14)],
  products: [
    .executable(name: "bootsim", targets: ["bootsim"]),
    .library(name: "SimulationKernel", targets: ["SimulationKernel"]),
    .library(name: "TLSBootstrap", targets: ["TLSBootstrap"]),
    .library(name: "Scenarios", targets: ["Scenarios"]),
    .library(name: "TraceStore", targets: ["TraceStore"]),
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
    .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
  ],
  targets: [
    // Arrows point up this list only; `.ci/run` checks it.
    .target(name: "SimulationKernel"),
    .systemLibrary(name: "CPrefetch"),
    .target(name: "TLSBootstrap", dependencies: ["SimulationKernel", "CPrefetch"]),
    .target(
      name: "Scenarios",
      dependencies: [
        "SimulationKernel", "TLSBootstrap", .product(name: "Yams", package: "Yams"),
        .product(name: "SwiftASN1", package: "swift-asn1"),
        .product(name: "BigInt", package: "BigInt"),
      ]),
    .target(
      name: "TraceStore",
      dependencies: [
        "SimulationKernel", "TLSBootstrap", .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"]), .yum(["zlib-devel"]), .brew(["zlib"])]),
    .target(
      name: "Calibration",
      dependencies: [
        "SimulationKernel", "TLSBootstrap", "Scenarios", "CZlib",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ]),
    .target(
      name: "Reporting",
      dependencies: ["SimulationKernel", "TLSBootstrap", "Scenarios", "TraceStore", "Calibration"]),
    .target(
      name: "Inspection",
      dependencies: [
        "SimulationKernel", "TLSBootstrap", "Scenarios", "TraceStore", "Reporting",
        .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Yams", package: "Yams"),
      ]),
    .target(
      name: "HTMLReport",
      dependencies: [
        "SimulationKernel", "TLSBootstrap", "Scenarios", "TraceStore", "Reporting", "Inspection",
      ],
      resources: [.embedInCode("Resources/report.css"), .embedInCode("Resources/report.js")]),
    .target(
      name: "Regression",
      dependencies: [
        "SimulationKernel", "TLSBootstrap", "Scenarios", "TraceStore", "Reporting", "Inspection",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .target(
      name: "Exports",
      dependencies: [
        "SimulationKernel", "TLSBootstrap", "TraceStore", "Reporting", "Inspection",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .target(name: "Conformance", dependencies: ["SimulationKernel", "TLSBootstrap", "Scenarios"]),
    .executableTarget(
      name: "bootsim",
      dependencies: [
        "SimulationKernel", "TLSBootstrap", "Scenarios", "TraceStore", "Calibration", "Reporting",
        "Inspection", "HTMLReport", "Regression", "Exports", "Conformance",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    // What tests of several targets share.
    .target(
      name: "TestSupport",
      dependencies: ["TLSBootstrap", "Scenarios", "TraceStore", "Inspection"],
      path: "Tests/TestSupport"),
    .testTarget(name: "SimulationKernelTests", dependencies: ["SimulationKernel"]),
    .testTarget(
      name: "SpecificationTests", dependencies: ["SimulationKernel", "TLSBootstrap"]),
    .testTarget(
      name: "ScenariosTests",
      dependencies: ["SimulationKernel", "TLSBootstrap", "Scenarios", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "TraceStoreTests",
      dependencies: [
        "SimulationKernel", "TLSBootstrap", "Scenarios", "TraceStore", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(
      name: "InspectionTests",
      dependencies: [
        "SimulationKernel", "TLSBootstrap", "Scenarios", "TraceStore", "Reporting", "Inspection",
        "HTMLReport", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Yams", package: "Yams"),
      ],
      exclude: ["Recordings"]),
    .testTarget(
      name: "ExportsTests",
      dependencies: [
        "SimulationKernel", "TLSBootstrap", "Scenarios", "TraceStore", "Inspection", "Exports",
        "TestSupport", "bootsim", .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(
      name: "RegressionTests",
      dependencies: [
        "SimulationKernel", "TLSBootstrap", "Scenarios", "TraceStore", "Reporting", "Inspection",
        "Regression", "TestSupport", "bootsim", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Yams", package: "Yams"),
      ]),
    .testTarget(
      name: "CalibrationTests",
      dependencies: [
        "SimulationKernel", "TLSBootstrap", "Scenarios", "Calibration", "CZlib", "TestSupport",
        "bootsim",
      ]),
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "SimulationKernel", "TLSBootstrap", "Scenarios", "Conformance", "TestSupport",
      ],
      exclude: ["Recordings"]),
    // Runs the program, as people who write scenarios do.
    .testTarget(
      name: "AuthoringTests",
      dependencies: [
        "SimulationKernel", "TLSBootstrap", "Scenarios", "TraceStore", "TestSupport", "bootsim",
      ],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "GoldenTests",
      dependencies: ["SimulationKernel", "TLSBootstrap", "Scenarios", "Reporting", "TestSupport"],
      exclude: ["Golden"]),
  ]
)
