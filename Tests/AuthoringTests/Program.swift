import Foundation

/// The repository, from a test's point of view.
enum Repository {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Every scenario that comes with bootsim: `scenarios/first-node.yaml`.
  static let scenarios: [String] = ["scenarios", "scenarios/failures"].flatMap { folder in
    let files = try? FileManager.default.contentsOfDirectory(
      atPath: root.appendingPathComponent(folder).path)
    return (files ?? []).filter { $0.hasSuffix(".yaml") }.sorted().map { "\(folder)/\($0)" }
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// Whether the tests write the texts that they hold, instead of comparing.
  static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1"
}

/// A program that has ended.
struct Ended {
  let code: Int32
  let output: String
  let errors: String
}

/// Programs that tests run.
enum Program {
  /// `bootsim` as it was built with the tests.
  static let bootsim = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    .appendingPathComponent("bootsim")

  /// A Python with the modules of `.ci/python`: that of BOOTSIM_PYTHON, or what the script made.
  static let python: String = {
    if let named = ProcessInfo.processInfo.environment["BOOTSIM_PYTHON"] { return named }
    let made = Repository.root.appendingPathComponent(".build-portability/bin/python").path
    return FileManager.default.isExecutableFile(atPath: made) ? made : "python3"
  }()

  /// Whether Python has these modules.
  static func pythonHas(_ modules: String) -> Bool {
    (try? run("/usr/bin/env", [python, "-c", "import \(modules)"]))?.code == 0
  }

  static func isPresent(_ name: String) -> Bool {
    (try? run("/usr/bin/env", ["sh", "-c", "command -v \(name)"]))?.code == 0
  }

  static func bootsim(
    _ arguments: [String], in folder: URL = Repository.root,
    environment: [String: String] = [:]
  ) throws -> Ended {
    try run(bootsim.path, arguments, in: folder, environment: environment)
  }

  /// Output goes through files, so that a full pipe blocks nobody.
  static func run(
    _ program: String, _ arguments: [String], in folder: URL = Repository.root,
    environment: [String: String] = [:]
  ) throws -> Ended {
    try withTemporaryFolder { place in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = arguments
      process.currentDirectoryURL = folder
      // Only what a test says decides what is printed.
      process.environment = ProcessInfo.processInfo.environment
        .filter { !$0.key.hasPrefix("GITHUB_") }
        .merging(environment) { $1 }
      let files = ["out", "err"].map { place.appendingPathComponent($0) }
      for file in files { try Data().write(to: file) }
      process.standardOutput = try FileHandle(forWritingTo: files[0])
      process.standardError = try FileHandle(forWritingTo: files[1])
      try process.run()
      process.waitUntilExit()
      let texts = try files.map { try String(contentsOf: $0, encoding: .utf8) }
      return Ended(code: process.terminationStatus, output: texts[0], errors: texts[1])
    }
  }
}

func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "bootsim-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}
