import CZlib
import Foundation
import Testing

/// Audit logs that the tests write.
struct AuditLog {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("bootsim-calibration-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  func write(_ lines: [String], to name: String = "audit.log") throws -> String {
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(
      to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  func writeGzip(_ lines: [String], to name: String = "audit.log.gz") throws -> String {
    let text = Array((lines.joined(separator: "\n") + "\n").utf8)
    let file = try #require(gzopen(path(name), "wb"))
    #expect(gzwrite(file, text, UInt32(text.count)) == text.count)
    #expect(gzclose(file) == Z_OK)
    return path(name)
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  /// With a folder that is gone afterwards.
  static func with(_ body: (AuditLog) throws -> Void) throws {
    let log = try AuditLog()
    defer { log.remove() }
    try body(log)
  }
}

/// One line of an audit log: the creation of a CSR unless said otherwise.
struct Line {
  var id = "a"
  var stage = "ResponseComplete"
  var verb = "create"
  var uri = "/apis/x?y=1"
  var reference = """
    {"resource":"certificatesigningrequests","apiGroup":"certificates.k8s.io","apiVersion":"v1"}
    """
  var code: Int? = 201
  var received = "2026-11-23T17:00:00.000000Z"
  var staged = "2026-11-23T17:00:00.003000Z"
  /// What else is in the event.
  var more = ""

  var text: String {
    let status = code.map { #","responseStatus":{"metadata":{},"code":\#($0)}"# } ?? ""
    return #"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"\#(id)","#
      + #""stage":"\#(stage)","requestURI":"\#(uri)","verb":"\#(verb)","user":{"username":"u"},"#
      + #""objectRef":\#(reference)\#(status)\#(more),"requestReceivedTimestamp":"\#(received)","#
      + #""stageTimestamp":"\#(staged)"}"#
  }

  /// Requests one second apart that took these numbers of microseconds.
  static func requests(_ lengths: [Int], _ change: (inout Line) -> Void = { _ in }) -> [String] {
    lengths.enumerated().map { index, length in
      var line = Line(id: "\(index)")
      let digits = String(1_000_000 + length).dropFirst()
      line.received = "2026-11-23T17:\(pad(index / 60)):\(pad(index % 60)).000000Z"
      line.staged = "2026-11-23T17:\(pad(index / 60)):\(pad(index % 60)).\(digits)Z"
      change(&line)
      return line.text
    }
  }

  private static func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
