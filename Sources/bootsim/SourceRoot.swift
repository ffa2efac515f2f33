import Foundation

/// The folder below which code scanning knows files: GitHub's checkout where this is inside it, else where the
/// program was started.
enum SourceRoot {
  static var path: String {
    let here = FileManager.default.currentDirectoryPath
    guard let checkout = ProcessInfo.processInfo.environment["GITHUB_WORKSPACE"],
      checkout.hasPrefix("/"), here == checkout || here.hasPrefix(checkout + "/")
    else { return here }
    return checkout
  }
}
