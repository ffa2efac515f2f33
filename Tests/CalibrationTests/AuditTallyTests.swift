import Foundation
import SimulationKernel
import Testing

@testable import Calibration

/// What is read of an audit log, and what is left.
struct AuditTallyTests {
  private func tally(_ lines: [String]) throws -> AuditTally {
    var tally = AuditTally()
    try AuditLog.with { log in try tally.read(path: log.write(lines)) }
    return tally
  }

  private func requests(_ lines: [String]) throws -> [LatencyProfile.Request] {
    try LatencyProfile(tally(lines))?.requests ?? []
  }

  @Test func `a service time is the time from receipt to the complete response`() throws {
    let request = try #require(try requests([Line().text]).first)
    #expect(request.verb == "create")
    #expect(request.group == "certificates.k8s.io")
    #expect(request.resource == "certificatesigningrequests")
    #expect(request.response == "2xx")
    #expect(request.count == 1)
    #expect(request.quantiles.least == 3_000)
    #expect(request.quantiles.greatest == 3_000)
  }

  @Test func `quantiles are the values at their ranks, to a thousandth`() throws {
    let quantiles = try #require(try requests(Line.requests(Array(1...1_000).shuffled())).first)
      .quantiles
    #expect(quantiles.least == 1)
    #expect(quantiles.p50 == 500)
    #expect(quantiles.p90 == 900)
    #expect(quantiles.p99 == 990)
    #expect(quantiles.p999 == 999)
    #expect(quantiles.greatest == 1_000)
    let slow = try #require(try requests(Line.requests(Array(repeating: 987_654, count: 9))).first)
    #expect(abs(slow.quantiles.p50 - 987_654) <= 987)
  }

  @Test func `a watch counts until its response starts, and its end not at all`() throws {
    let watch = { (stage: String, code: Int?, length: String) in
      Line(id: stage, stage: stage, verb: "watch", code: code, staged: length).text
    }
    let tally = try tally([
      watch("RequestReceived", nil, "2026-11-23T17:00:00.000000Z"),
      watch("ResponseStarted", 200, "2026-11-23T17:00:00.001000Z"),
      watch("ResponseComplete", 200, "2026-11-23T17:06:40.000000Z"),
    ])
    let requests = try #require(LatencyProfile(tally)).requests
    #expect(requests.map(\.quantiles.greatest) == [1_000])
    #expect(tally.unused == [.requestReceived: 1, .keptOpen: 1])
  }

  @Test(arguments: ["exec", "attach", "portforward", "log", "proxy"])
  func `requests that are kept open are left out`(subresource: String) throws {
    let reference = #"{"resource":"pods","subresource":"\#(subresource)"}"#
    let tally = try tally([Line(reference: reference, code: 101).text])
    #expect(tally.unused == [.keptOpen: 1])
    #expect(LatencyProfile(tally) == nil)
  }

  @Test func `refusals, conflicts, refusals for load and server errors stay apart`() throws {
    let codes = [200, 201, 401, 403, 404, 409, 422, 429, 500, 503]
    let lines = codes.map { code in
      Line(id: "\(code)", stage: code == 401 ? "ResponseStarted" : "ResponseComplete", code: code)
        .text
    }
    let counts = try requests(lines).map { "\($0.response) \($0.count)" }
    #expect(
      counts == ["2xx 2", "401 1", "403 1", "404 1", "409 1", "429 1", "4xx 1", "5xx 2"])
  }

  @Test func `a copy of an event counts once, a reused auditID twice`() throws {
    var later = Line()
    later.staged = "2026-11-23T17:00:00.004000Z"
    let tally = try tally([Line().text, Line().text, later.text])
    #expect(tally.used == 2)
    #expect(tally.unused == [.duplicate: 1])
  }

  @Test func `rotated logs come in any order`() throws {
    let lines = Line.requests(Array(1...100))
    try AuditLog.with { log in
      let old = try log.writeGzip(Array(lines[..<50]), to: "audit-1.log.gz")
      let new = try log.write(Array(lines[50...]))
      let profiles = try [[old, new], [new, old]].map { files in
        var tally = AuditTally()
        for file in files { try tally.read(path: file) }
        return try #require(LatencyProfile(tally)).yaml(command: "-")
      }
      #expect(profiles[0] == profiles[1])
      #expect(profiles[0].contains("count: 100, perSecond: 1.01"))
    }
  }

  @Test func `what is wrong with a line is counted and has its place`() throws {
    let tally = try tally([
      Line(id: "1").text, "not JSON", #"{"kind":"Event""#, "", #"{"kind":"Pod","apiVersion":"v1"}"#,
      Line(id: "2", code: nil).text, Line(id: "3", staged: "yesterday").text,
      Line(id: "4", staged: "2026-11-23T16:59:59.000000Z").text,
      Line(id: "5", staged: "2026-11-23T18:00:00.000001Z").text,
      Line(id: "6", stage: "Panic").text, Line(id: "7", stage: "Other").text,
    ])
    #expect(tally.used == 1)
    #expect(
      tally.unused == [
        .malformed: 2, .otherObject: 1, .noCode: 1, .noTime: 1, .backwards: 1, .tooLong: 1,
        .panic: 1, .otherStage: 1,
      ])
    #expect(tally.places[.malformed]?.map(\.line) == [2, 3])
    #expect(tally.places[.malformed]?.map(\.column) == [1, 16])
    #expect(tally.places[.otherObject]?.map(\.line) == [5])
    #expect(tally.places[.tooLong]?.map(\.line) == [9])
    #expect(tally.places[.panic] == nil)
  }

  @Test func `objects of megabytes are passed over, whatever is in them`() throws {
    let pieces = String(repeating: #"{"a":["\"}]{[",-1.5e3,true,null,{}]},"#, count: 100_000)
    let more = #","requestObject":{"items":[\#(pieces)0]}"#
    let lines = [Line(id: "1", more: more).text, Line(id: "2").text]
    #expect(lines[0].utf8.count > 3_000_000)
    let tally = try tally(lines)
    #expect(tally.used == 2)
    #expect(tally.unused.isEmpty)
  }

  @Test func `a last line without an end counts, and one that is cut off does not`() throws {
    try AuditLog.with { log in
      let path = log.path("cut.log")
      let text = Line(id: "1").text + "\n" + Line(id: "2").text
      for (kept, used) in [(text.utf8.count, 2), (text.utf8.count - 10, 1)] {
        try Data(text.utf8.prefix(kept)).write(to: URL(fileURLWithPath: path))
        var tally = AuditTally()
        try tally.read(path: path)
        #expect(tally.used == used)
        #expect(tally.unused[.malformed] == (used == 1 ? 1 : nil))
      }
    }
  }

  @Test func `kinds of request beyond the most are counted, not kept`() throws {
    let lines = (0...AuditTally.mostKinds).map { number in
      Line(id: "\(number)", reference: #"{"resource":"r\#(number)"}"#).text
    }
    let tally = try tally(lines)
    #expect(tally.used == AuditTally.mostKinds)
    #expect(tally.unused == [.tooManyKinds: 1])
  }

  @Test func `names with escapes are read as they are meant`() throws {
    let request = try #require(
      try requests([Line(reference: #"{"resource":"a\u0062\"c"}"#).text]).first)
    #expect(request.resource == #"ab"c"#)
  }

  @Test func `every copy within the latest million is found`() {
    var seen = SeenEvents()
    // Neighbours of the table, and hashes that fall on one place of it.
    let hashes = (1...3_000_000 as ClosedRange<UInt64>).map { $0 &* 0x9E37_79B9_7F4A_7C15 | 1 }
    let fresh = hashes.prefix(1_000_000).count { seen.insert(hash: $0) }
    #expect(fresh == Set(hashes.prefix(1_000_000)).count)
    let repeated = hashes.prefix(1_000_000).count { seen.insert(hash: $0) }
    #expect(repeated == 0)
    for hash in hashes.dropFirst(1_000_000) { _ = seen.insert(hash: hash) }
    let late = hashes.suffix(1_000_000).count { seen.insert(hash: $0) }
    #expect(late == 0)
  }
}
