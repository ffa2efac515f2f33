import Foundation

/// Standard error.
enum Console {
  /// After what was printed so far.
  static func tell(_ text: String) {
    fflush(nil)
    write("\(text)\n")
  }

  fileprivate static func write(_ text: String) {
    // Whom could one tell that nothing can be told? The exit code is still right.
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// Occupies the standard files that the caller closed, before a file that is opened gets the number of one
  /// and with it what is printed.
  static func occupyStandardFiles() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest number that is free is this one. For reading: what is written fails, as it did.
      _ = open("/dev/null", O_RDONLY)
    }
  }

  /// Whether people read standard error.
  static let isTerminal = isatty(STDERR_FILENO) == 1
}

/// A bar on standard error, drawn anew over itself, where that is a terminal.
struct ProgressBar {
  private var shown = -1

  mutating func show(done: Int, of total: Int, at clock: String) {
    guard Console.isTerminal, total > 0 else { return }
    let percent = done * 100 / total
    guard percent != shown else { return }
    shown = percent
    let filled = percent * 40 / 100
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 40 - filled)
    Console.write("\r[\(bar)] \(done) of \(total) nodes settled, virtual time \(clock)")
  }

  func clear() {
    guard shown >= 0 else { return }
    Console.write("\r\u{1B}[K")
  }
}

/// What is being done, on one line of standard error that is drawn over itself, where that is a terminal.
struct ProgressLine {
  func show(_ text: String) {
    guard Console.isTerminal else { return }
    Console.write("\r\u{1B}[K\(text)")
  }

  func clear() {
    guard Console.isTerminal else { return }
    Console.write("\r\u{1B}[K")
  }
}

/// Ctrl-C, a polite kill, or a terminal that is closed.
struct Interruption: Error {
  let signal: Int32
  var exitCode: Int32 { 128 + signal }

  /// Written by the signal handler, which may do nothing else.
  nonisolated(unsafe) private static var received: sig_atomic_t = 0

  private static let signals = [SIGINT, SIGTERM] + (isHangUpIgnored ? [] : [SIGHUP])

  /// Whether the caller has it so, as `nohup` does.
  private static var isHangUpIgnored: Bool {
    let handler = Foundation.signal(SIGHUP, SIG_IGN)
    Foundation.signal(SIGHUP, handler)
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  static func listen() {
    for signal in signals {
      Foundation.signal(signal) { Interruption.received = sig_atomic_t($0) }
    }
  }

  /// Reads an input, which may be a pipe and never end: a signal ends the program meanwhile, because a read that one
  /// is heard in goes on. Listens from then on.
  static func listen<Value>(after read: () throws -> Value) rethrows -> Value {
    for signal in signals { Foundation.signal(signal, SIG_DFL) }
    defer { listen() }
    return try read()
  }

  static var current: Interruption? {
    received == 0 ? nil : Interruption(signal: Int32(received))
  }
}
