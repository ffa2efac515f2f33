/// Paths of files that a scenario names.
enum FilePath {
  static func resolve(_ path: String, in folder: String) -> String {
    guard !path.hasPrefix("/") else { return path }
    var rest = Substring(path)
    while rest.hasPrefix("./") { rest = rest.dropFirst(2) }
    return folder + rest
  }
}
