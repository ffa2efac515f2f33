import Foundation
import Scenarios

/// The scenario files that a command line names.
enum ScenarioFiles {
  /// A file as it is; of a folder every YAML file with a Scenario, sorted, at any depth.
  static func find(_ path: String) throws -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw OutputFailure(description: "\(path): there is no such file or folder")
    }
    guard isFolder.boolValue else { return [path] }
    guard let names = ScenarioFolder.files(in: path) else {
      throw OutputFailure(description: "\(path) cannot be read")
    }
    let folder = path == "." ? "" : path.hasSuffix("/") ? path : "\(path)/"
    return names.map { folder + $0 }
  }
}
