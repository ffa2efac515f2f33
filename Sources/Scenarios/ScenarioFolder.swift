import Foundation

/// A folder with scenarios and other files.
enum ScenarioFolder {
  /// The YAML files of `kind: Scenario` at any depth, those that were meant to be one, and those that cannot
  /// be read, by their path in the folder, sorted; nil: it cannot be read.
  static func files(in folder: String) -> [String]? {
    guard let names = FileManager.default.enumerator(atPath: folder) else { return nil }
    return names.compactMap { $0 as? String }
      .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
      .filter { isScenario("\(folder)/\($0)") }
  }

  private static func isScenario(_ path: String) -> Bool {
    guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
      return !FileManager.default.isFolder(path)
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    let kinds = lines.compactMap { value(of: "kind", in: $0) }
    if kinds.contains(where: ScenarioReader.isNearlyScenario) { return true }
    let versions = lines.compactMap { value(of: "apiVersion", in: $0) }
    return versions.contains { $0.hasPrefix("bootsim.dev/") } && !kinds.contains("LatencyProfile")
  }

  /// Of a key at the beginning of a line, without quotes and comment.
  private static func value(of key: String, in line: Substring) -> String? {
    guard line.hasPrefix("\(key):") else { return nil }
    let value = line.dropFirst(key.count + 1).prefix { $0 != "#" }
    return value.split(separator: " ").joined(separator: " ")
      .trimmingCharacters(in: CharacterSet(charactersIn: "'\""))
  }
}
