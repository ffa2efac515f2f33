import SimulationKernel
import TLSBootstrap
import Testing

/// O15 to O17, O24, O40 and O48: what RBAC and admission refuse, and to whom.
extension FailureModeTests {
  @Test func `O15 without the binding a create is answered 403, and the kubelet exits`() throws {
    let played = try FailureStory.o(15).play()
    #expect(played.answers(.createRequest, node: 0) == [Self.mayNotCreate])
    expectLadder(played.seconds(.requestAnswered, .createRequest))
    expectExitAfterFiveMinutes(played)
    #expect(played.settlement() == .notAllowedToCreate)
  }

  @Test func `O15 in the foreground healthz is well, and the kubelet exits at once`() throws {
    let played = try FailureStory.o(15).play()
    #expect(played.answers(.getHealthz, node: 1) == [.ok])
    #expect(played.answers(.createRequest, node: 1) == [Self.mayNotCreate])
    // Recorded: 0.04 s after its start, on a slower machine.
    expectTimes(
      Array(played.seconds(.kubeletExited, node: 1).prefix(2)), [0.22...0.24, 10.44...10.48])
    #expect(played.settlement(node: 1) == .notAllowedToCreate)
  }

  @Test func `O16 who may only create asks each second until its patience ends`() throws {
    let played = try FailureStory.o(16).play()
    let lists = played.events(.requestAnswered, .listRequest)
    let first = try #require(lists.first)
    #expect(
      played.world.message(of: first)
        == Self.requests + " \"\(played.world.request(at: 0).name)\" is forbidden: User "
        + "\"system:bootstrap:abcdef\" cannot list resource \"certificatesigningrequests\" in API "
        + "group \"certificates.k8s.io\" at the cluster scope")
    #expect(Set(lists.map(\.answer)) == [.forbidden])
    let times = lists.map(PlayedScenario.seconds).filter { $0 < 900 }
    #expect((890...900).contains(times.count))
    // Two 403 a cycle: the other version after each.
    let others = played.events(.requestAnswered, .listBetaRequest)
    #expect(others.map(\.answer) == Array(repeating: .forbidden, count: lists.count))
    let other = try #require(others.first)
    #expect(played.world.message(of: other) == played.world.message(of: first))
    #expect(zip(times.dropFirst(), times).allSatisfy { (1.0...1.01).contains($0 - $1) })
    #expect(played.messages(.waitEnded) == ["timed out waiting for the condition"])
    // Approved and issued, and nobody learns of it; then the next one, for which it waits in turn.
    expectTimes(played.seconds(.requestAnswered, .createRequest), [0.22...0.24, 902.2...902.6])
    #expect((0..<2).allSatisfy { played.world.request(at: $0).condition == "Approved,Issued" })
    #expect(played.events(.kubeletExited).isEmpty)
    #expect(played.settlement() == .notAllowedToWatch)
  }

  @Test func `O17 without approval the node waits 15 minutes for each CSR, and reads no error`()
    throws
  {
    let played = try FailureStory.o(17).play()
    #expect(played.answers(.createRequest) == [.created])
    expectTimes(
      played.seconds(.requestAnswered, .createRequest),
      [0.22...0.24, 902.2...902.6, 1_806...1_807.6])
    #expect(played.messages(.waitEnded) == ["timed out waiting for the condition"])
    let asOf = (0..<played.world.requestCount).map { played.world.request(at: $0).condition }
    #expect(asOf == ["Pending", "Pending", "Pending"])
    #expect(played.events(.kubeletExited).isEmpty)
    #expect(played.settlement() == .nobodyApproves)
    // G: 0.2 s · 2ⁿ for each CSR; every retry is a review that csrapproving's limiter pays for.
    let delays = played.events(.retryScheduled).filter { $0.request == 0 }.map(\.value)
    #expect(Array(delays.prefix(5)) == [200, 400, 800, 1_600, 3_200].map { $0 * 1_000_000 })
    #expect(played.events(.reviewRefused).count >= delays.count)
  }

  @Test func `O24 a controller-manager without permission to approve is answered 403`() throws {
    let played = try FailureStory.o(24).play()
    let updates = played.events(.requestAnswered, .updateApproval)
    #expect(Set(updates.map(\.answer.code)) == [403])
    let first = try #require(updates.first)
    #expect(
      played.world.message(of: first)
        == Self.requests + " \"\(played.world.request(at: 0).name)\" is forbidden: user not "
        + "permitted to approve requests with signerName "
        + "\"kubernetes.io/kube-apiserver-client-kubelet\"")
    #expect(played.world.username(of: first.actor) == "system:kube-controller-manager")
    let delays = played.events(.retryScheduled).filter { $0.request == 0 }.map(\.value)
    #expect(Array(delays.prefix(4)) == [200, 400, 800, 1_600].map { $0 * 1_000_000 })
    #expect(played.events(.kubeletExited).isEmpty)
    #expect(played.settlement() == .nobodyApproves)
  }

  @Test func `O40 a renewal that nobody approves loses the node when its certificate ends`() throws
  {
    let played = try FailureStory.o(40).play()
    #expect(played.events(.nodeReady).count == 1)
    // B.3: 70 to 90 % of 245 min from NotBefore, which lies 5 min before the issue.
    let began = try #require(played.seconds(.rotationStarted).first)
    #expect((0.7 * 14_700 - 300...0.9 * 14_700 - 299).contains(began))
    // A CSR of its own identity every 15 minutes, each refused by the review.
    #expect(played.messages(.waitEnded) == ["timed out waiting for the condition"])
    let own = played.events(.requestAnswered, .createRequest).filter { $0.actor.kind == .node }
    #expect(own.count >= 2)
    #expect(Set(own.map(\.answer)) == [.created])
    // L.6: the node counts as lost 50 s after its last renewal of the Lease, at the next scan of 5 s.
    expectTimes(played.seconds(.nodeLost), [14_440...14_460])
    // B.7: the token, which is the identity of last resort, has expired: 401, and the exit.
    #expect(
      played.answers(.createRequest).suffix(1) == [.unauthorized], "as the bootstrap identity")
    // 5 min after the last of the checks, each 10 s, that saw the certificate.
    expectTimes(Array(played.seconds(.kubeletExited).prefix(1)), [14_690...14_700])
    #expect(played.settlement() == .tokenRefused)
  }

  @Test func `O48 after a 403 the kubelet exits although its CSR is only pending`() throws {
    let played = try FailureStory.o(48).play()
    #expect(played.answers(.createRequest) == [Self.mayNotCreate, .created])
    expectLadder(Array(played.seconds(.requestAnswered, .createRequest).prefix(4)), tries: 4)
    #expect(played.events(.authorizationFailed, .createRequest).count == 3)
    expectExitAfterFiveMinutes(played)
    // The next start makes another CSR; the administrator approves both, one for nobody.
    #expect(played.world.requestCount == 2)
    #expect(played.restarts() == 1)
    #expect(played.settlement() == .ready)
  }

  private static let requests = "certificatesigningrequests.certificates.k8s.io"

  /// D.4; recorded with another token's ID.
  static let mayNotCreate = Told.forbidden(
    requests + " is forbidden: User \"system:bootstrap:abcdef\" cannot create resource "
      + "\"certificatesigningrequests\" in API group \"certificates.k8s.io\" at the cluster scope")
}
