import Foundation
import Reporting
import TraceStore

/// An output that is written piece by piece: standard output, or a file that has its name when it is
/// complete.
final class OutputStreamFile {
  /// nil: standard output.
  private let file: PartialFile?
  private let handle: FileHandle

  /// - Parameters:
  ///   - path: nil or `-` for standard output.
  ///   - marks: of which an earlier file, which it may replace, has one among its first bytes.
  /// - Throws: `OutputFailure`, also where it is one of the inputs.
  init(_ path: String?, reads inputs: [String], replaces marks: [String]) throws {
    guard let path, path != "-" else {
      file = nil
      handle = .standardOutput
      return
    }
    try OutputFile.check(path, reads: inputs, replaces: marks)
    try OutputFile.makeFolder(of: path, option: "--output")
    let file = PartialFile(finalPath: path)
    self.file = file
    do {
      let url = URL(fileURLWithPath: file.path)
      try Data().write(to: url)
      handle = try FileHandle(forWritingTo: url)
    } catch {
      throw OutputFailure(path, error, option: "--output")
    }
  }

  func write(_ piece: ArraySlice<UInt8>) throws {
    do {
      try handle.write(contentsOf: Data(piece))
    } catch {
      if let file { throw OutputFailure(file.finalPath, error, option: "--output") }
      throw OutputFailure(
        description: "standard output cannot be written: \(FileTrouble.reason(error))")
    }
  }

  func complete() throws {
    guard let file else { return }
    do {
      try handle.close()
    } catch {
      throw OutputFailure(file.finalPath, error, option: "--output")
    }
    try file.complete()
  }

  /// Leaves no part of a file.
  func abandon() { file?.remove() }
}
