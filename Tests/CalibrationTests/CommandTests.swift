import Foundation
import Testing
import TestSupport

/// `bootsim calibrate` as a program: its exit codes and the file that it writes.
struct CommandTests {
  private func calibrate(_ arguments: [String], in folder: URL) throws -> Ended {
    try Program.bootsim(["calibrate"] + arguments, in: folder)
  }

  @Test func `a good log gives a summary and a profile that names the command`() throws {
    try AuditLog.with { log in
      _ = try log.write(Line.requests(Array(1...100)) + ["{"], to: "a b.log")
      let ended = try calibrate(["a b.log", "--output", "p.yaml"], in: log.folder)
      #expect(ended.code == 0)
      #expect(ended.output.contains("1 line that is no JSON object: a b.log:101:2"))
      #expect(ended.errors == "")
      let profile = try String(contentsOfFile: log.path("p.yaml"), encoding: .utf8)
      #expect(profile.contains("#   bootsim calibrate 'a b.log' --output p.yaml\n"))
      let json = try calibrate(["a b.log", "-o", "json"], in: log.folder)
      let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
      #expect((object as? [String: Any])?["used"] as? Int == 100)
    }
  }

  @Test func `what cannot be used ends with 65, and no profile`() throws {
    try AuditLog.with { log in
      _ = try log.write([], to: "empty.log")
      let empty = try calibrate(["empty.log", "--output", "p.yaml"], in: log.folder)
      #expect(empty.code == 65)
      #expect(
        empty.errors
          == "note: empty.log: no audit event\nempty.log: no request whose time could be "
          + "used; log at level Metadata or above, with the stage ResponseComplete\n")
      _ = try log.write(Line.requests(Array(1...99)), to: "few.log")
      #expect(try calibrate(["few.log", "--output", "p.yaml"], in: log.folder).code == 65)
      _ = try log.write(["["], to: "array.json")
      #expect(try calibrate(["array.json"], in: log.folder).code == 65)
      #expect(!FileManager.default.fileExists(atPath: log.path("p.yaml")))
    }
  }

  @Test func `a log without a CSR is told`() throws {
    try AuditLog.with { log in
      let lines = Line.requests(Array(1...100)) { line in
        line.verb = "get"
        line.reference = #"{"resource":"nodes"}"#
      }
      _ = try log.write(lines)
      let ended = try calibrate(["audit.log", "--output", "p.yaml"], in: log.folder)
      #expect(ended.code == 0)
      #expect(ended.errors.hasPrefix("note: no request for CertificateSigningRequests; "))
    }
  }

  @Test func `what cannot be read or written ends with 74`() throws {
    try AuditLog.with { log in
      #expect(try calibrate(["no.log"], in: log.folder).code == 74)
      #expect(try calibrate(["."], in: log.folder).code == 74)
      _ = try log.write(Line.requests(Array(1...100)))
      let ended = try calibrate(["audit.log", "--output", "/dev/null/p.yaml"], in: log.folder)
      #expect(ended.code == 74)
      #expect(
        ended.errors
          == "/dev/null/p.yaml cannot be written: Not a directory; give a path that can be written "
          + "with --output\n")
    }
  }

  @Test func `the folder of the profile is made`() throws {
    try AuditLog.with { log in
      _ = try log.write(Line.requests(Array(1...100)))
      #expect(try calibrate(["audit.log", "--output", "new/p.yaml"], in: log.folder).code == 0)
      #expect(FileManager.default.fileExists(atPath: log.path("new/p.yaml")))
    }
  }

  @Test func `no log at all ends with 64`() throws {
    try AuditLog.with { log in
      let ended = try calibrate([], in: log.folder)
      #expect(ended.code == 64)
    }
  }
}
