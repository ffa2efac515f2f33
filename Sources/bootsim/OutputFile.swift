import Foundation

/// A text file that a command writes.
enum OutputFile {
  /// Under its name there is never a part of the text, and never another text than the one before without
  /// `force`.
  ///
  /// - Throws: `OutputFailure`.
  static func write(_ text: String, to path: String, force: Bool) throws {
    let manager = FileManager.default
    guard force || !manager.fileExists(atPath: path) else {
      throw OutputFailure(
        description: "\(path) exists; give --force to replace it, or another name")
    }
    let partial = "\(path).partial-\(getpid())"
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: partial))
    } catch {
      try? manager.removeItem(atPath: partial)
      throw OutputFailure(
        description: "\(path) cannot be written: \(reason(error)); give a path that can be written")
    }
    guard rename(partial, path) == 0 else {
      let why = String(cString: strerror(errno))
      try? manager.removeItem(atPath: partial)
      throw OutputFailure(
        description: "\(path) cannot be written: \(why); give a path that can be written")
    }
  }

  /// What the system says, without what Foundation adds.
  static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    return underlying.map { String(cString: strerror(Int32($0.code))) }
      ?? error.localizedDescription
  }
}
