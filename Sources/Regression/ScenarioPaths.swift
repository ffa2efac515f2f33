import Foundation
import Scenarios

/// Which scenario files a check is about.
package enum ScenarioPaths {
  /// Files as they are; of folders, with all folders in them, each YAML file of `kind: Scenario`, sorted.
  ///
  /// - Throws: `ScenarioErrors` where a path is not there, or a folder has no scenario.
  package static func all(in paths: [String]) throws -> [String] {
    var found: [String] = []
    for path in paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw ScenarioErrors(
          unreadable: path, "there is no such file or folder",
          cure: "give scenario files, or folders of them")
      }
      let files = isFolder.boolValue ? scenarios(under: path) : [path]
      if files.isEmpty {
        throw ScenarioErrors([
          ScenarioError(
            at: Place(file: path), "no scenario in this folder",
            cure: "give a folder with *.yaml files")
        ])
      }
      found += files
    }
    var seen: Set<String> = []
    return found.filter { seen.insert($0).inserted }
  }

  private static func scenarios(under folder: String) -> [String] {
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    return (ScenarioFolder.files(in: folder) ?? []).map { prefix + $0 }
  }
}
