import SimulationKernel
import Testing

@testable import TLSBootstrap

/// `dryRun=All`: requests that are answered as without, and write nothing.
///
/// Source: apiserver pkg/registry/generic/registry/dryrun.go.
struct DryRunTests {
  private func entry(
    _ act: ClientRequest.Act, at seconds: Int64 = 0, name: String = "dry", isDry: Bool = true
  ) -> ClientRequest {
    var entry = Clients.entry(act, at: seconds, name: name)
    entry.isDryRun = isDry
    return entry
  }

  private static let shape = RequestShapeTests.shape { $0.commonName = "system:node:a" }

  @Test func `a CSR is answered 201 and is not there`() {
    let played = Clients.play([
      entry(.create(Self.shape)), Clients.entry(.delete(.ofRequest("dry")), at: 1, name: "delete"),
    ])
    #expect(Clients.answers(played).map(\.code) == [201])
    #expect(played.world.server.requests.isEmpty)
    #expect(played.all(.requestNotSent).count == 1)
    #expect(played.all(.requestAnswered, .createSubjectAccessReview).isEmpty)
  }

  @Test func `what would be refused is refused`() {
    var named = Self.shape
    named.name = "a"
    var wrong = Self.shape
    wrong.usages = []
    let played = Clients.play([
      Clients.entry(.create(named), name: "real"), entry(.create(named), at: 1),
      entry(.create(wrong), at: 2, name: "wrong"),
    ])
    #expect(Clients.answers(played).map(\.code) == [201, 409, 422])
  }

  @Test func `decisions, certificates and deletions leave a CSR as it is`() {
    let reference = RequestReference.ofRequest("made")
    let pending = RequestShapeTests.shape { $0.commonName = "foo" }
    let played = Clients.play([
      Clients.entry(.create(pending), name: "made"),
      entry(.update(reference, RequestChange(.approval, .add(.approved))), at: 1, name: "approve"),
      entry(
        .update(reference, RequestChange(.status, .certificate(isTrusted: true))), at: 2,
        name: "sign"),
      entry(.delete(reference), at: 3, name: "delete"),
      Clients.entry(
        .update(reference, RequestChange(.approval, .add(.denied))), at: 4, name: "deny"),
      entry(.update(reference, RequestChange(.approval, .add(.approved))), at: 5, name: "again"),
    ])
    #expect(Clients.answers(played).map(\.code) == [201, 200, 200, 200, 200, 422])
    #expect(played.world.request(at: 0).condition == "Denied")
  }

  @Test func `a Node that was created so does not keep its kubelet from registering`() {
    var node = Clients.get("nodes", name: "node-1")
    node.verb = "create"
    let played = Clients.play([entry(.ask(node))], nodes: 1)
    #expect(Clients.answers(played).map(\.code) == [201])
    #expect(played.all(.requestAnswered, .createNode).map(\.answer) == [.created])
    #expect(played.world.readyCount == 1)
  }
}
