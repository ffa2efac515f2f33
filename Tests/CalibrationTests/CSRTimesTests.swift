import Foundation
import TestSupport
import Testing

@testable import Calibration

/// When the CSRs of an audit log were created, approved and issued.
struct CSRTimesTests {
  private func csv(_ lines: [Line]) throws -> [String] {
    var tally = AuditTally(listsCSRs: true)
    try AuditLog.with { log in try tally.read(path: log.write(lines.map(\.text))) }
    let times = try #require(tally.csrTimes)
    return times.csv.split(separator: "\n").map(String.init)
  }

  /// A request for a CSR that ended this many milliseconds after 17:00.
  private func line(
    _ verb: String, _ name: String = "", _ subresource: String = "", at milliseconds: Int,
    query: String = "", code: Int = 200, answer: String = ""
  ) -> Line {
    let digits = String(100_000 + milliseconds).dropFirst()
    let time = "2026-11-23T17:00:\(digits.prefix(2)).\(digits.suffix(3))000Z"
    let names = [("name", name), ("subresource", subresource)].filter { !$1.isEmpty }
      .map { "\"\($0)\":\"\($1)\"," }.joined()
    let kind = #""resource":"certificatesigningrequests","apiGroup":"certificates.k8s.io""#
    return Line(
      id: "\(verb) \(name) \(milliseconds)", verb: verb, uri: "/apis/csrs" + query,
      reference: "{\(names)\(kind)}", code: code, received: time, staged: time,
      more: answer.isEmpty ? "" : ",\"responseObject\":\(answer)")
  }

  /// As level `RequestResponse` has it.
  private func csr(
    _ name: String, signer: String = "kubernetes.io/kube-apiserver-client-kubelet",
    condition: String = "Approved", certificate: Bool = false
  ) -> String {
    #"{"kind":"CertificateSigningRequest","metadata":{"name":"\#(name)","labels":{"name":"x"}},"#
      + #""spec":{"signerName":"\#(signer)","usages":["client auth"]},"status":{"conditions":["#
      + #"{"type":"\#(condition)","status":"True"}]\#(certificate ? #","certificate":"LS0t""# : "")}}"#
  }

  @Test func `at level RequestResponse a creation's answer has the name that the server made`()
    throws
  {
    let lines = [
      line("create", at: 2_500, code: 201, answer: csr("csr-b")),
      line("create", at: 1_000, code: 201, answer: csr("csr-a")),
      line("update", "csr-a", "approval", at: 1_020, answer: csr("csr-a")),
      line("update", "csr-a", "status", at: 1_025, answer: csr("csr-a", certificate: true)),
    ]
    #expect(
      try csv(lines) == [
        "csr,t_create,t_approved,t_issued", "csr-a,0.000000,0.020000,0.025000", "csr-b,1.500000,,",
      ])
  }

  @Test func `at level Metadata the first read by name stands for the creation`() throws {
    let lines = [
      line("create", at: 1_000, code: 201),
      line("list", at: 1_002, query: "?fieldSelector=metadata.name%3Dcsr-a&limit=500"),
      line("watch", at: 1_004, query: "?watch=true&fieldSelector=metadata.name%3Dcsr-a"),
      line("update", "csr-a", "approval", at: 1_020),
      line("update", "csr-a", "status", at: 1_030),
      line("list", at: 1_500, query: "?limit=500"),
    ]
    #expect(try csv(lines).dropFirst() == ["csr-a,0.000000,0.018000,0.028000"])
  }

  @Test func `the first approval and the first certificate count`() throws {
    let lines = [
      line("create", at: 0, code: 201, answer: csr("csr-a")),
      line("update", "csr-a", "approval", at: 20),
      line("update", "csr-a", "approval", at: 10),
      line("patch", "csr-a", "status", at: 40),
      line("patch", "csr-a", "status", at: 30),
    ]
    #expect(try csv(lines).dropFirst() == ["csr-a,0.000000,0.010000,0.030000"])
  }

  @Test func `a denial is no approval, and a failure no certificate`() throws {
    let lines = [
      line("create", at: 0, code: 201, answer: csr("csr-a")),
      line("update", "csr-a", "approval", at: 10, answer: csr("csr-a", condition: "Denied")),
      line("update", "csr-a", "status", at: 20, answer: csr("csr-a", condition: "Failed")),
      line("update", "csr-a", "approval", at: 30, code: 409),
    ]
    #expect(try csv(lines).dropFirst() == ["csr-a,0.000000,,"])
  }

  @Test func `other signers, dry runs and what was there before the log are left out`() throws {
    let lines = [
      line(
        "create", at: 0, code: 201,
        answer: csr("csr-s", signer: "kubernetes.io/kubelet-serving")),
      line("create", at: 1, query: "?dryRun=All", code: 201, answer: csr("csr-d")),
      line("update", "csr-old", "approval", at: 2),
      line("get", "csr-old", at: 5),
    ]
    #expect(try csv(lines) == ["csr,t_create,t_approved,t_issued"])
  }

  private static let recordings = Repository.root.deletingLastPathComponent()
    .appendingPathComponent("shared/groundtruth")
  private static let log = recordings.appendingPathComponent("audit/d20_k200.audit.jsonl.gz").path

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: log), "the recording is not in ../shared"))
  func `they are those that were measured beside the recorded log`() throws {
    var tally = AuditTally(listsCSRs: true)
    try tally.read(path: Self.log)
    let read = try #require(tally.csrTimes).csv.split(separator: "\n").dropFirst()
    let table = Self.recordings.appendingPathComponent("throughput/d20_k200.csv")
    let measured = try String(contentsOf: table, encoding: .utf8).split(separator: "\n").dropFirst()
      .map { row in
        let fields = row.split(separator: ",", omittingEmptySubsequences: false)
        return [fields[1], fields[4], fields[5], fields[6]].joined(separator: ",")
      }
    #expect(measured.count == 200)
    #expect(read.map(String.init).sorted() == measured.sorted())
  }
}
