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

  @Test func `an exported run is its own recording: conformance finds no difference`() throws {
    try withTemporaryFolder { folder in
      let head = """
        apiVersion: bootsim.dev/v1alpha1
        kind: Scenario
        metadata: {name: monday}
        spec:
          preset: kubeadm
          tokens: [{token: abcdef.0123456789abcdef}]
          controllerManager: {kubeAPIQPS: 40, kubeAPIBurst: 50}
        """
      let cluster = head + "\n  nodes: [{name: workers, count: 90}]\n"
      let clients =
        head + "\n  latency: {createRequest: {constant: 0s}}"
        + "\n  nodes: [{name: clients, kind: csrClient, start: "
        + "{csv: {file: monday.csv, column: t_create}}}]\n"
      let place = folder.appendingPathComponent("mine/throughput")
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      try Data(cluster.utf8).write(to: folder.appendingPathComponent("cluster.yaml"))
      try Data(clients.utf8).write(to: place.appendingPathComponent("monday.yaml"))
      for words in [
        ["run", "cluster.yaml", "--output", "run.sqlite"],
        ["export", "run.sqlite", "--format", "audit", "--output", "audit.log"],
      ] { #expect(try Program.bootsim(words, in: folder).code == 0) }
      let times = "mine/throughput/monday.csv"
      let calibrated = try calibrate(["audit.log", "--csr-times", times], in: folder)
      #expect(
        calibrated.output.hasSuffix("CSR times      \(times): 90 CSRs, 90 approved, 90 issued\n"))
      let compared = try Program.bootsim(["conformance", "mine", "-o", "json"], in: folder)
      #expect(compared.code == 0)
      #expect(
        compared.errors.hasPrefix("note: not in mine, and not compared: throughput/d20_k50.csv"))
      let checks = try JSONSerialization.jsonObject(with: Data(compared.output.utf8))
      #expect((checks as? [[String: Any]])?.count { $0["verdict"] as? String == "held" } == 6)
      // Half of the limit.
      try Data(clients.replacing("40", with: "20").utf8).write(
        to: place.appendingPathComponent("monday.yaml"))
      let other = try Program.bootsim(["conformance", "mine"], in: folder)
      #expect(other.code == 1)
      #expect(other.errors.contains("monday: makespan: recorded "))
    }
  }

  @Test func `a log in which no CSR was created leaves no file of times`() throws {
    try AuditLog.with { log in
      _ = try log.write(Line.requests(Array(1...100)))
      let ended = try calibrate(
        ["audit.log", "--output", "p.yaml", "--csr-times", "t.csv"], in: log.folder)
      #expect(ended.code == 65)
      #expect(ended.errors.hasPrefix("audit.log: no creation of a kubelet's CSR; "))
      for file in ["p.yaml", "t.csv"] {
        #expect(!FileManager.default.fileExists(atPath: log.path(file)))
      }
    }
  }

  @Test func `another file is not replaced by times of CSRs`() throws {
    try AuditLog.with { log in
      _ = try log.write(
        [Line(more: #","responseObject":{"metadata":{"name":"csr-a"}}"#).text])
      try Data("keep me".utf8).write(to: URL(fileURLWithPath: log.path("t.csv")))
      #expect(try calibrate(["audit.log", "--csr-times", "t.csv"], in: log.folder).code == 74)
      #expect(try String(contentsOfFile: log.path("t.csv"), encoding: .utf8) == "keep me")
      #expect(try calibrate(["audit.log", "--csr-times", "new.csv"], in: log.folder).code == 0)
    }
  }
}
