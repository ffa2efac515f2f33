import Foundation

/// The repository, from a test's point of view.
package enum Repository {
  package static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Every scenario that comes with bootsim: `scenarios/first-node.yaml`.
  package static let scenarios: [String] = ["scenarios", "scenarios/failures"].flatMap { folder in
    let files = try? FileManager.default.contentsOfDirectory(
      atPath: root.appendingPathComponent(folder).path)
    return (files ?? []).filter { $0.hasSuffix(".yaml") }.sorted().map { "\(folder)/\($0)" }
  }

  package static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// Whether the tests write the texts that they hold, instead of comparing.
  package static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1"
}
