import Foundation

/// A folder with scenarios and other files.
package enum ScenarioFolder {
  /// The YAML files of `kind: Scenario` at any depth, and those that cannot be read, by their path in the
  /// folder, sorted; nil: it cannot be read.
  package static func files(in folder: String) -> [String]? {
    guard let names = FileManager.default.enumerator(atPath: folder) else { return nil }
    return names.compactMap { $0 as? String }
      .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
      .filter { isScenario("\(folder)/\($0)") }
  }

  private static func isScenario(_ path: String) -> Bool {
    guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
      return !isFolder(path)
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").contains { line in
      line.prefix { $0 != "#" }.split(separator: " ").elementsEqual(["kind:", "Scenario"])
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }
}
