import CZlib
import Foundation

/// A log that could not be read to its end.
package struct UnreadableLog: Error, CustomStringConvertible {
  package let description: String
}

/// A file, plain or gzip, one piece after another.
struct LogFile: ~Copyable {
  let path: String
  private let file: gzFile

  init(path: String) throws(UnreadableLog) {
    errno = 0
    guard let file = gzopen(path, "rb") else {
      let reason = errno == 0 ? "out of memory" : String(cString: strerror(errno))
      throw UnreadableLog(description: "\(path): \(reason); give the path of an audit log")
    }
    self.path = path
    self.file = file
    // 256 KiB instead of zlib's 8 KiB. Assumption: fewer calls of read.
    gzbuffer(file, 1 << 18)
  }

  deinit { gzclose_r(file) }

  /// Fills a part of the buffer; 0 at the end of the file.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(UnreadableLog) -> Int {
    let most = UInt32(clamping: min(buffer.count, Int(Int32.max)))
    let count = gzread(file, buffer.baseAddress, most)
    if count > 0 { return Int(count) }
    var code = Z_OK
    let message = gzerror(file, &code).map { String(cString: $0) } ?? ""
    switch code {
    case Z_OK, Z_STREAM_END: return 0
    case Z_BUF_ERROR:
      throw UnreadableLog(
        description: "\(path): ends in the middle of its gzip stream; copy the whole file, or give "
          + "what `gunzip -c` makes of it")
    default:
      // zlib puts the path before its own messages.
      let reason = message.hasPrefix("\(path): ") ? message.dropFirst(path.count + 2) : message[...]
      throw UnreadableLog(description: "\(path): \(reason); give a readable file, plain or gzip")
    }
  }
}
