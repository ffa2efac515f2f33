import Foundation

/// A file that is being written: `<path>.partial-<pid>`, which gets its final name when it is complete.
package struct PartialFile {
  package let finalPath: String
  package let path: String

  /// Makes room for a new file, and removes what dead processes left of the same one.
  package init(finalPath: String) {
    self.finalPath = finalPath
    path = finalPath + Self.suffix + String(getpid())
    removeStale()
  }

  private static let suffix = ".partial-"

  private func removeStale() {
    let final = URL(fileURLWithPath: finalPath)
    let folder = final.deletingLastPathComponent()
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    for name in names ?? [] where name.hasPrefix(final.lastPathComponent + Self.suffix) {
      let process = pid_t(name.dropFirst(final.lastPathComponent.count + Self.suffix.count))
      guard let process, process > 0 else { continue }
      // A file of this process number is of an earlier process: containers start again at 1.
      if process == getpid() || !Self.isAlive(process) {
        try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
      }
    }
  }

  /// Also true for processes of others, which cannot be asked.
  private static func isAlive(_ process: pid_t) -> Bool {
    kill(process, 0) == 0 || errno != ESRCH
  }

  /// Gives the file its final name, once its content cannot be lost any more.
  ///
  /// - Returns: its size in bytes.
  /// - Throws: `TraceError`, which names the file by its final name.
  @discardableResult
  package func complete() throws -> Int {
    try synchronize(path)
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    guard rename(path, finalPath) == 0 else { throw failure("cannot be given its final name") }
    try synchronize(URL(fileURLWithPath: finalPath).deletingLastPathComponent().path)
    return size ?? 0
  }

  /// Does nothing once it is complete.
  package func remove() {
    unlink(path)
  }

  private func synchronize(_ path: String) throws {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw failure("cannot be opened to write it through") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("cannot be written through to the disk") }
  }

  private func failure(_ problem: String) -> TraceError {
    TraceError(
      path: finalPath, problem: "\(problem): \(String(cString: strerror(errno)))",
      isInputOutput: true)
  }
}
