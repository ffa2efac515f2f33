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
    return isAboutFolder(error) ? String(cString: strerror(EISDIR)) : error.localizedDescription
  }

  /// Whether a folder is where a file is to be, for which Foundation has no code.
  private static func isAboutFolder(_ error: any Error) -> Bool {
    let path = (error as? CocoaError).flatMap { $0.filePath ?? $0.url?.path }
    return path.map(FileManager.default.isFolder) ?? false
  }

  private static let numbers: [CocoaError.Code: Int32] = [
    // What is to be a folder is a file.
    .fileWriteFileExists: ENOTDIR, .fileWriteNoPermission: EACCES, .fileReadNoPermission: EACCES,
    .fileWriteOutOfSpace: ENOSPC, .fileWriteVolumeReadOnly: EROFS, .fileNoSuchFile: ENOENT,
    .fileReadNoSuchFile: ENOENT,
  ]
}
