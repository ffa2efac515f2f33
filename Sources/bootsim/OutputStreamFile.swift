import Foundation
import Reporting

/// An output that is written piece by piece: standard output, or a file that has its name when it is
/// complete.
final class OutputStreamFile {
  private let path: String?
  private let partial: String
  private let handle: FileHandle

  /// - Parameter path: nil or `-` for standard output.
  /// - Throws: `OutputFailure`, also where it is one of the inputs.
  init(_ path: String?, reads inputs: [String]) throws {
    self.path = path == "-" ? nil : path
    guard let path = self.path else {
      partial = ""
      handle = .standardOutput
      return
    }
    try OutputFile.check(path, reads: inputs)
    try OutputFile.makeFolder(of: path, option: "--output")
    partial = "\(path).partial-\(getpid())"
    do {
      let file = URL(fileURLWithPath: partial)
      try Data().write(to: file)
      handle = try FileHandle(forWritingTo: file)
    } catch {
      throw OutputFailure(path, error, option: "--output")
    }
  }

  func write(_ piece: ArraySlice<UInt8>) throws {
    do {
      try handle.write(contentsOf: Data(piece))
    } catch {
      let reason = FileTrouble.reason(error)
      throw OutputFailure(
        description: "\(path ?? "standard output") cannot be written: \(reason)")
    }
  }

  func complete() throws {
    guard let path else { return }
    do {
      try handle.synchronize()
      try handle.close()
    } catch {
      throw OutputFailure(description: "\(path) cannot be written: \(FileTrouble.reason(error))")
    }
    guard rename(partial, path) == 0 else {
      throw OutputFailure(description: "\(path): \(String(cString: strerror(errno)))")
    }
  }

  /// Leaves no part of a file.
  func abandon() {
    if path != nil { unlink(partial) }
  }
}
