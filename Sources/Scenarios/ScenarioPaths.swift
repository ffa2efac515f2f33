import Foundation

/// The scenario files that a command line names.
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
      let files = isFolder.boolValue ? try scenarios(under: path) : [path]
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

  private static func scenarios(under folder: String) throws -> [String] {
    guard let names = ScenarioFolder.files(in: folder) else {
      throw ScenarioErrors(
        unreadable: folder, "the folder cannot be read", cure: "give one that you may read")
    }
    let prefix = folder == "." ? "" : folder.hasSuffix("/") ? folder : folder + "/"
    return names.map { prefix + $0 }
  }
}
