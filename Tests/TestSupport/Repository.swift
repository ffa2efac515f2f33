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

  /// - Parameter name: `first-node`, `failures/o17-nobody-approves`.
  package static func path(ofScenario name: String) -> String {
    root.appendingPathComponent("scenarios/\(name).yaml").path
  }

  package static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// Whether the tests write the texts that they hold, instead of comparing.
  package static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1"

  /// A text that a test holds equal to another, and writes where tests write.
  package static func text(_ path: String, writing other: String) throws -> String {
    if isUpdating { try Data(other.utf8).write(to: root.appendingPathComponent(path)) }
    return try text(path)
  }

  /// The same of the part of a document between `<!-- NAME: written by UPDATE_DOCS=1 -->` and
  /// `<!-- end of NAME -->`.
  package static func part(
    _ name: String, of path: String, writing other: String
  ) throws -> String {
    let old = try text(path)
    guard let begin = old.range(of: "<!-- \(name): written by UPDATE_DOCS=1 -->\n"),
      let end = old.range(of: "<!-- end of \(name) -->")
    else { throw MissingPart(name: name, path: path) }
    guard isUpdating else { return String(old[begin.upperBound..<end.lowerBound]) }
    _ = try text(path, writing: old[..<begin.upperBound] + other + old[end.lowerBound...])
    return other
  }

  private struct MissingPart: Error {
    let name: String
    let path: String
  }
}
