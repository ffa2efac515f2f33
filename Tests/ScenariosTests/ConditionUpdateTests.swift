import Foundation
import SimulationKernel
import Testing

@testable import Scenarios
@testable import TLSBootstrap

/// A PUT of /approval or /status with any conditions or certificate (protocol.md E.2, E.3).
///
/// Source: pkg/apis/certificates/validation/validation.go, `validateConditions`,
/// `validateCertificateSigningRequestUpdate`, `validateCertificate`.
struct ConditionUpdateTests {
  private func play(_ updates: [String]) throws -> (World, answers: [(UInt16, String)]) {
    let lines = updates.enumerated().map { number, update in
      "  - {name: u\(number), at: \(number + 1)s, update: {name: x, \(update)}}\n"
    }
    let loaded = try load(
      nodesAndToken + "  preset: kubeadm\n  duration: 30s\n  requests:\n"
        + "  - {name: it, create: {metadata: {name: x}, subject: {commonName: x}, "
        + "spec: {signerName: example.com/x, usages: [client auth]}}}\n" + lines.joined())
    var world = World(loaded.scenario, inputs: loaded.canonicalInputs, level: .full)
    let sink = Updates()
    var target: (any TraceSink)? = sink
    _ = try world.run(into: &target)
    return (world, sink.events.map { ($0.answer.code, world.message(of: $0) ?? "") })
  }

  private static let invalid = "CertificateSigningRequest.certificates.k8s.io \"x\" is invalid: "
  private static let yes = "status: 'True'"

  @Test(arguments: [
    ("[{\(yes)}]", "status.conditions[0].type: Required value"),
    ("[{type: Approved}]", "status.conditions[0].status: Required value"),
    (
      "[{type: Approved, status: 'False'}]",
      "status.conditions[0].status: Unsupported value: \"False\": supported values: \"True\""
    ),
    (
      "[{type: Mine, status: maybe}]",
      "status.conditions[0].status: Unsupported value: \"maybe\": supported values: \"False\", "
        + "\"True\", \"Unknown\""
    ),
    (
      "[{type: Approved, \(yes)}, {type: Denied, \(yes)}]",
      "status.conditions: Invalid value: \"Denied\": Approved and Denied conditions are mutually "
        + "exclusive"
    ),
    (
      "[{type: Mine, \(yes)}, {type: Mine, \(yes)}]",
      "status.conditions[1].type: Duplicate value: \"Mine\""
    ),
    // Source: field.ErrorList.ToAggregate: what was said already is not said again.
    (
      "[{type: Denied, \(yes)}, {type: Approved, \(yes)}, {type: Approved, \(yes)}]",
      "[status.conditions: Invalid value: \"Approved\": Approved and Denied conditions are mutually "
        + "exclusive, status.conditions[2].type: Duplicate value: \"Approved\"]"
    ),
    (
      "[{type: Denied, status: x}, {type: Approved}, {}]",
      "[status.conditions[0].status: Unsupported value: \"x\": supported values: \"True\", "
        + "status.conditions[1].status: Required value, status.conditions: Invalid value: "
        + "\"Approved\": Approved and Denied conditions are mutually exclusive, "
        + "status.conditions[2].type: Required value, status.conditions[2].status: Required value]"
    ),
  ])
  func `E.3 conditions that no CSR may have`(conditions: String, problem: String) throws {
    let (world, answers) = try play(["conditions: \(conditions)"])
    #expect(answers.first?.0 == 422)
    #expect(answers.first?.1 == Self.invalid + problem)
    #expect(world.conditions(ofRequest: 0) == [])
  }

  @Test func `F.2 what is set later comes after what a client has put`() throws {
    let (world, answers) = try play([
      "conditions: [{type: Mine, \(Self.yes)}]", "add: Approved",
      "conditions: [{type: Approved, \(Self.yes)}, {type: Mine, \(Self.yes)}]",
    ])
    #expect(answers.map(\.0) == [200, 200, 200])
    #expect(world.conditions(ofRequest: 0).map(\.type) == ["Approved", "Mine"])
    let (appended, _) = try play(["conditions: [{type: Mine, \(Self.yes)}]", "add: Approved"])
    #expect(appended.conditions(ofRequest: 0).map(\.type) == ["Mine", "Approved"])
  }

  @Test func `E.3 conditions of any other type may come, change and go, on both paths`() throws {
    let (world, answers) = try play([
      "conditions: [{type: Mine, status: Unknown}]",
      "subresource: Status, conditions: [{type: Mine, status: 'False', reason: R}, {type: B, \(Self.yes)}]",
      "conditions: [{type: B, \(Self.yes)}, {type: Approved, \(Self.yes), reason: A}]",
    ])
    #expect(answers.map(\.0) == [200, 200, 200])
    #expect(world.conditions(ofRequest: 0).map(\.type) == ["B", "Approved"])
    #expect(world.request(at: 0).reason == "A")
    #expect(world.request(at: 0).condition == "Approved")
  }

  @Test func `E.3 what is left out is removed, which three types do not suffer`() throws {
    let approved = "{type: Approved, \(Self.yes), reason: A}"
    let (world, answers) = try play([
      "conditions: [\(approved), {type: Failed, \(Self.yes)}]", "conditions: []",
      "subresource: Status, conditions: [\(approved)]",
    ])
    let removed = { (type: String) in
      "status.conditions: Forbidden: updates may not remove a condition of type \"\(type)\""
    }
    #expect(answers.map(\.0) == [200, 422, 422])
    #expect(answers[1].1 == Self.invalid + "[\(removed("Approved")), \(removed("Failed"))]")
    #expect(answers[2].1 == Self.invalid + removed("Failed"))
    #expect(world.request(at: 0).condition == "Approved,Failed")
  }

  @Test func `E.2 /approval rewrites an approval, /status leaves it as it was`() throws {
    let (world, answers) = try play([
      "conditions: [{type: Approved, \(Self.yes), reason: A}]",
      "subresource: Status, conditions: [{type: Approved, status: 'False', reason: B}]",
    ])
    #expect(answers.map(\.0) == [200, 200])
    #expect(world.request(at: 0).reason == "A")
    let (changed, _) = try play([
      "conditions: [{type: Approved, \(Self.yes), reason: A}]",
      "conditions: [{type: Approved, \(Self.yes), reason: B}]",
    ])
    #expect(changed.request(at: 0).reason == "B")
    #expect(changed.request(at: 0).approved == world.request(at: 0).approved)
  }

  @Test func `I.1 a CSR with a condition of another type is not pending and stays`() throws {
    let scenario = { (conditions: String) in
      nodesAndToken + "  preset: kubeadm\n  duration: 27h\n  requests:\n"
        + "  - {name: it, create: {metadata: {name: x}, subject: {commonName: x}, "
        + "spec: {signerName: example.com/x, usages: [client auth]}}}\n"
        + "  - {name: u, at: 1s, update: {name: x, conditions: \(conditions)}}\n"
    }
    for (conditions, isThere) in [("[]", false), ("[{type: Mine, status: Unknown}]", true)] {
      let loaded = try load(scenario(conditions))
      var world = World(loaded.scenario, inputs: loaded.canonicalInputs, level: .full)
      var target: (any TraceSink)?
      _ = try world.run(into: &target)
      #expect(!world.isDeleted(0) == isThere)
    }
  }

  private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

  @Test(arguments: [
    ("", "must contain at least one CERTIFICATE PEM block"),
    (
      "-----BEGIN X-----\nQUFB\n-----END X-----\n",
      "only CERTIFICATE PEM blocks are allowed, found \"X\""
    ),
    (
      "-----BEGIN CERTIFICATE-----\na: b\n\nQUFB\n-----END CERTIFICATE-----\n",
      "no PEM block headers are permitted"
    ),
    (
      "-----BEGIN CERTIFICATE-----\nQUFB\n-----END CERTIFICATE-----\n",
      "x509: malformed certificate"
    ),
    (
      "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
      "found CERTIFICATE PEM block containing 0 certificates"
    ),
  ])
  func `E.3 what is no certificate is not stored`(text: String, problem: String) throws {
    let given = "text\n" + text
    let (world, answers) = try play(["certificate: '\(Self.base64(given))'"])
    #expect(answers.first?.0 == 422)
    #expect(
      answers.first?.1
        == Self.invalid + "status.certificate: Invalid value: \"<certificate data>\": \(problem)")
    #expect(world.request(at: 0).issued == nil)
  }
}

private final class Updates: TraceSink {
  private(set) var events: [TraceEvent] = []

  func record(_ events: UnsafeBufferPointer<TraceEvent>) {
    self.events += events.filter {
      $0.kind == .requestAnswered && $0.actor.kind == .client
        && [.updateApproval, .updateStatus].contains($0.call)
    }
  }
  func record(_ requests: WaitingRequests) {}
  func record(_ requests: [WaitingRequest]) {}
}
