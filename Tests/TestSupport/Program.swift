import Foundation

/// A program that has ended.
package struct Ended {
  package let code: Int32
  package let output: String
  package let errors: String
}

/// Programs that tests run.
package enum Program {
  /// `bootsim` as it was built with the tests.
  package static let bootsim = URL(fileURLWithPath: CommandLine.arguments[0])
    .deletingLastPathComponent()
    .appendingPathComponent("bootsim")

  /// A Python with the modules of `.ci/python`: that of BOOTSIM_PYTHON, or what the script made.
  package static let python: String = {
    if let named = ProcessInfo.processInfo.environment["BOOTSIM_PYTHON"] { return named }
    let made = Repository.root.appendingPathComponent(".build-portability/bin/python").path
    return FileManager.default.isExecutableFile(atPath: made) ? made : "python3"
  }()

  /// Whether Python has these modules.
  package static func pythonHas(_ modules: String) -> Bool {
    (try? run("/usr/bin/env", [python, "-c", "import \(modules)"]))?.code == 0
  }

  package static func isPresent(_ name: String) -> Bool {
    (try? run("/usr/bin/env", ["sh", "-c", "command -v \(name)"]))?.code == 0
  }

  package static func bootsim(
    _ arguments: [String], in folder: URL = Repository.root,
    environment: [String: String] = [:]
  ) throws -> Ended {
    try run(bootsim.path, arguments, in: folder, environment: environment)
  }

  /// Output goes through files, so that a full pipe blocks nobody.
  package static func run(
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
