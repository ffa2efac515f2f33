import SimulationKernel
import Testing

@testable import TLSBootstrap

/// What an API server makes of requests for a CSR that was deleted, or made again under its name, while they
/// were on their way (protocol.md E.5, O28, O29).
struct ReplacedRequestTests {
  /// A node whose CSR is replaced, or deleted, at 1 s, while writes of approvals take 3 s.
  private func play(
    _ act: ClientRequest.Act = .replace(.ofNode("node-1")), others: [ClientRequest] = [],
    _ change: (inout Scenario) -> Void = { _ in }
  ) -> Played {
    Clients.play([Clients.entry(act, at: 1)] + others, nodes: 1) { scenario in
      scenario.latency.updateApproval = .constant(.seconds(3))
      scenario.stop = .duration
      scenario.duration = .seconds(60)
      change(&scenario)
    }
  }

  /// `Operation cannot be fulfilled on …`, with `UID` in place of each UID.
  private func words(_ message: String?) -> (text: String, identifiers: [String]) {
    let message = message ?? ""
    let identifiers = message.matches(of: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/).map {
      String($0.output.0)
    }
    return (identifiers.reduce(message) { $0.replacing($1, with: "UID") }, identifiers)
  }

  private func refusal(of name: String) -> String {
    "Operation cannot be fulfilled on certificatesigningrequests.certificates.k8s.io \"\(name)\": "
      + "StorageError: invalid object, Code: 4, Key: /registry/certificatesigningrequests/\(name), "
      + "ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: UID, UID in "
      + "object meta: UID"
  }

  /// Source: apiserver pkg/registry/generic/registry/store.go `Update`; pkg/storage/interfaces.go
  /// `Preconditions.Check`.
  @Test func `E.2 an approval of a CSR that was made again meets another UID`() throws {
    let played = play()
    let first = try #require(played.all(.requestAnswered, .updateApproval).first)
    #expect(first.answer.code == 409)
    #expect(first.answer.reason == "Conflict")
    let found = words(played.world.message(of: first))
    #expect(found.text == refusal(of: played.world.request(at: 0).name))
    #expect(Set(found.identifiers).count == 2)
  }

  @Test func `E.2 an approval of a CSR that is gone finds none`() throws {
    let played = play(.delete(.ofNode("node-1")))
    let first = try #require(played.all(.requestAnswered, .updateApproval).first)
    #expect(first.answer.code == 404)
    #expect(
      played.world.message(of: first)
        == "certificatesigningrequests.certificates.k8s.io \"\(played.world.request(at: 0).name)\" "
        + "not found")
  }

  /// E.5: after a conflict kubectl gets the CSR again, by its name.
  @Test func `E.5 kubectl approves the CSR that has the name by then`() throws {
    var approve = Clients.entry(.decide(.ofNode("node-1"), .approve), name: "approve")
    approve.at = .milliseconds(500)
    let played = play(others: [approve]) { $0.controllerManager.csrapproving = false }
    let answers = played.all(.requestAnswered, .updateApproval)
    #expect(answers.map(\.answer.code) == [409, 200])
    #expect(answers.map(\.request) == [0, 1])
    #expect(played.world.request(at: 1).condition == "Approved,Issued")
    let name = played.world.request(at: 0).name
    #expect(words(played.world.message(of: answers[0])).text == refusal(of: name))
  }

  @Test func `E.5 an administrator approves the CSR that has the name by then`() throws {
    let played = play { scenario in
      scenario.controllerManager.csrapproving = false
      var manual = ApproverSettings.Manual()
      manual.every = .seconds(1)
      manual.timePerRequest = .constant(.zero)
      scenario.approvers = [ApproverSettings(kind: .manual(manual))]
      // The first look that finds it is at 1 s.
      scenario.requests[0].at = .milliseconds(1_500)
    }
    let answers = played.all(.requestAnswered, .updateApproval)
    #expect(answers.map(\.answer.code).prefix(2) == [409, 200])
    #expect(played.world.request(at: 1).condition == "Approved,Issued")
  }

  /// Source: pkg/controller/certificates/cleaner/cleaner.go, `handle`: a DELETE by name, without preconditions.
  @Test func `I.1 csrcleaner deletes whatever has the name by then`() throws {
    let shape = RequestShapeTests.shape { $0.commonName = "foo" }
    var replace = Clients.entry(.replace(.ofRequest("made")), name: "replace")
    // Gone and there again at 5 s. The pass of 24 h has its token at 4 s, and its request is done at 8 s.
    replace.at = .hours(24) + .seconds(1)
    let played = Clients.play([Clients.entry(.create(shape), name: "made"), replace]) { scenario in
      scenario.latency.write = .constant(.seconds(4))
      scenario.stop = .duration
      scenario.duration = .hours(24) + .minutes(1)
    }
    let deletions = played.all(.requestAnswered, .deleteRequest)
    #expect(deletions.map(\.answer) == [.ok, .ok])
    #expect(deletions.map(\.request) == [0, 1])
    #expect(played.world.request(at: 1).condition == "Pending (deleted)")
  }
}
