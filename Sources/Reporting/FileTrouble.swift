import Foundation
import Scenarios
import TraceStore

/// Why a file cannot be written or read, in the system's words.
package enum FileTrouble {
  /// Without what Foundation adds or leaves out: “The operation could not be completed.”
  package static func reason(_ error: any Error) -> String {
    if let error = error as? TraceError { return error.problem }
    if let code = (error as? CocoaError).flatMap({ numbers[$0.code] }) {
      return String(cString: strerror(code))
    }
    if let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError {
      return String(cString: strerror(Int32(underlying.code)))
    }
    if isAboutFolder(error) { return String(cString: strerror(EISDIR)) }
    return isBelowFile(error) ? String(cString: strerror(ENOTDIR)) : error.localizedDescription
  }

  /// Whether a file, or a device, is where one of its folders is to be.
  private static func isBelowFile(_ error: any Error) -> Bool {
    guard let path = path(of: error) else { return false }
    var folder = URL(fileURLWithPath: path)
    let manager = FileManager.default
    while !manager.fileExists(atPath: folder.path), folder.path != "/" {
      folder.deleteLastPathComponent()
    }
    return !manager.isFolder(folder.path)
  }

  private static func path(of error: any Error) -> String? {
    (error as? CocoaError).flatMap { $0.filePath ?? $0.url?.path }
  }

  /// Whether a folder is where a file is to be, for which Foundation has no code.
  private static func isAboutFolder(_ error: any Error) -> Bool {
    path(of: error).map(FileManager.default.isFolder) ?? false
  }

  private static let numbers: [CocoaError.Code: Int32] = [
    // What is to be a folder is a file.
    .fileWriteFileExists: ENOTDIR, .fileWriteNoPermission: EACCES, .fileReadNoPermission: EACCES,
    .fileWriteOutOfSpace: ENOSPC, .fileWriteVolumeReadOnly: EROFS, .fileNoSuchFile: ENOENT,
    .fileReadNoSuchFile: ENOENT,
    // A path below a working folder that is gone.
    .fileWriteUnsupportedScheme: ENOENT, .fileReadUnsupportedScheme: ENOENT,
  ]
}
