import Foundation
import Reporting
import TraceStore

/// The folder of golden files, one a scenario, under the scenario's own path.
///
/// That path is from the innermost folder that both are in, so that it is the same from wherever a check is
/// run.
package struct GoldenFolder: Sendable {
  package let path: String

  package init(_ path: String) {
    self.path = path
  }

  /// The path of a scenario, whichever way it was given.
  func name(of scenario: String) -> String {
    let parts = Self.parts(of: scenario)
    let shared = zip(parts.dropLast(), Self.parts(of: path)).prefix { $0 == $1 }.count
    return parts[shared...].joined(separator: "/")
  }

  /// Of the absolute path, from the root on.
  private static func parts(of path: String) -> [String] {
    URL(fileURLWithPath: path).standardizedFileURL.path.split(separator: "/").map(String.init)
  }

  /// Whether there is a scenario of this name.
  private func hasScenario(_ name: String) -> Bool {
    let folders = Self.parts(of: path)
    return (0...folders.count).contains { depth in
      let file = "/" + (folders.prefix(depth) + [name]).joined(separator: "/")
      return FileManager.default.fileExists(atPath: file) && self.name(of: file) == name
    }
  }

  /// `results/golden/scenarios/first-node.json`.
  func file(of scenario: String, extension suffix: String = "json") -> String {
    URL(fileURLWithPath: path).appending(path: name(of: scenario)).deletingPathExtension()
      .appendingPathExtension(suffix).relativePath
  }

  /// - Returns: nil where there is none.
  func read(_ scenario: String) throws -> Golden? {
    let file = file(of: scenario)
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    return try Golden(text: String(contentsOfFile: file, encoding: .utf8))
  }

  /// Why a golden file is of no use.
  static func problem(_ error: any Error) -> String {
    func place(_ path: [any CodingKey], _ key: (any CodingKey)? = nil) -> String {
      let keys = (path + [key].compactMap { $0 }).map { key in
        key.intValue.map(String.init) ?? key.stringValue
      }
      return keys.isEmpty ? "it" : "`\(keys.joined(separator: "."))`"
    }
    return switch error {
    case DecodingError.keyNotFound(let key, let context):
      "\(place(context.codingPath, key)) is missing, as in one of another version of bootsim"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "\(place(context.codingPath)) is something else than bootsim writes"
    case DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty:
      "it is no JSON"
    case DecodingError.dataCorrupted(let context):
      "\(place(context.codingPath)) is something else than bootsim writes"
    default: FileTrouble.reason(error)
    }
  }

  /// - Returns: whether it is another than before. Under its name there is never a part of a file.
  /// - Throws: `GoldenFailure`.
  func write(_ golden: Golden, of scenario: String) throws -> Bool {
    let file = file(of: scenario)
    do {
      let text = Data(try golden.text().utf8)
      if FileManager.default.contents(atPath: file) == text { return false }
      try FileManager.default.createDirectory(
        at: URL(fileURLWithPath: file).deletingLastPathComponent(),
        withIntermediateDirectories: true)
      let partial = PartialFile(finalPath: file)
      defer { partial.remove() }
      try text.write(to: URL(fileURLWithPath: partial.path))
      try partial.complete()
      return true
    } catch {
      throw GoldenFailure(
        description: "\(file): \(FileTrouble.reason(error)); give a folder that can be written "
          + "with --golden")
    }
  }

  /// Files of scenarios that are not there any more.
  package func stale() -> [String] {
    let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted().map { "\(path)/\($0)" }.filter { file in
      guard let text = try? String(contentsOfFile: file, encoding: .utf8),
        let golden = try? Golden(text: text)
      else { return false }
      return !hasScenario(golden.scenario)
    }
  }

  /// - Throws: `GoldenFailure`.
  package func remove(_ file: String) throws {
    let trace = URL(fileURLWithPath: file).deletingPathExtension().appendingPathExtension("sqlite")
    do {
      try FileManager.default.removeItem(atPath: file)
      if FileManager.default.fileExists(atPath: trace.path) {
        try FileManager.default.removeItem(at: trace)
      }
    } catch {
      throw GoldenFailure(description: "\(file): \(FileTrouble.reason(error))")
    }
  }
}

/// A golden file or trace cannot be written.
package struct GoldenFailure: Error, CustomStringConvertible {
  package let description: String
}
