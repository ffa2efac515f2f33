import Foundation

/// Why a file cannot be written or read, in the system's words.
package enum FileTrouble {
  /// Without what Foundation adds or leaves out: “The operation could not be completed.”
  package static func reason(_ error: any Error) -> String {
    if let code = (error as? CocoaError).flatMap({ numbers[$0.code] }) {
      return String(cString: strerror(code))
    }
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    return underlying.map { String(cString: strerror(Int32($0.code))) }
      ?? error.localizedDescription
  }

  private static let numbers: [CocoaError.Code: Int32] = [
    // What is to be a folder is a file.
    .fileWriteFileExists: ENOTDIR, .fileWriteNoPermission: EACCES, .fileReadNoPermission: EACCES,
    .fileWriteOutOfSpace: ENOSPC, .fileWriteVolumeReadOnly: EROFS, .fileNoSuchFile: ENOENT,
    .fileReadNoSuchFile: ENOENT,
  ]
}
