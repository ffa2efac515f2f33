import Foundation

/// The lines of a log, one after another in one buffer, which grows to the longest line.
struct LogLines: ~Copyable {
  /// The longest line that is read.
  ///
  /// 64 MiB. Assumption: only lists of thousands of objects at level RequestResponse are longer; it
  /// bounds the memory.
  static let longest = 64 << 20

  enum Line {
    case text(UnsafeRawBufferPointer)
    case tooLong
  }

  private let file: LogFile
  private var buffer: UnsafeMutableRawBufferPointer
  /// What is in the buffer and not given out yet.
  private var start = 0
  private var end = 0

  init(path: String) throws(UnreadableLog) {
    file = try LogFile(path: path)
    buffer = .allocate(byteCount: 1 << 18, alignment: 1)
  }

  deinit { buffer.deallocate() }

  /// Gives the next line without its end, valid within `body`; false at the end of the log.
  mutating func next(_ body: (Line) throws -> Void) throws -> Bool {
    var searched = 0
    var isTooLong = false
    while true {
      if let lineEnd = newline(from: start + searched) {
        defer { start = lineEnd + 1 }
        try give(upTo: lineEnd, isTooLong, body)
        return true
      }
      if end - start >= Self.longest {
        isTooLong = true
        start = end
      }
      searched = end - start
      guard try fill() else {
        guard end > start || isTooLong else { return false }
        defer { start = end }
        try give(upTo: end, isTooLong, body)
        return true
      }
    }
  }

  private func give(
    upTo lineEnd: Int, _ isTooLong: Bool, _ body: (Line) throws -> Void
  ) throws {
    let text = UnsafeRawBufferPointer(rebasing: buffer[start..<lineEnd])
    try body(isTooLong ? .tooLong : .text(text))
  }

  private func newline(from index: Int) -> Int? {
    guard index < end, let base = buffer.baseAddress,
      let found = memchr(base + index, 0x0A, end - index)
    else { return nil }
    return base.distance(to: found)
  }

  /// Reads on behind what is there; false at the end of the file.
  private mutating func fill() throws(UnreadableLog) -> Bool {
    let rest = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
    if start > 0 {
      buffer.copyMemory(from: rest)
      start = 0
      end = rest.count
    } else if end == buffer.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(
        byteCount: buffer.count * 2, alignment: 1)
      larger.copyMemory(from: rest)
      buffer.deallocate()
      buffer = larger
    }
    let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
    end += count
    return count > 0
  }
}
