import SimulationKernel
import TLSBootstrap
import Testing

/// O31 and O43: the API server has too much to do, or is too slow.
extension FailureModeTests {
  @Test func `O31 a create is sent ten times more after 429, then by the kubelet's own retries`()
    throws
  {
    let played = try FailureStory.o(31).play()
    let refused = Told(
      code: 429, reason: "TooManyRequests",
      message: "the server has received too many requests and has asked us to try again later "
        + "(post certificatesigningrequests.certificates.k8s.io)")
    #expect(played.answers(.createRequest, node: 0) == [.created])
    #expect(played.answers(.createRequest, node: 1) == [refused, .created])
    // A.11: eleven times, Retry-After 1 s apart; then B.2.
    let sent = played.seconds(.requestAnswered, .createRequest, node: 1)
    expectTimes(sent, (0...10).map { 0.22 + Double($0)...0.27 + Double($0) } + [12.2...12.6])
    expectTimes(played.seconds(.attemptFailed, node: 1), [10.2...10.3])
    // B.5: no proof of health, so nobody exits.
    #expect(played.events(.kubeletExited, node: nil).isEmpty)
    #expect((0...1).allSatisfy { played.settlement(node: $0) == .ready })
  }

  @Test func `O43 a create that takes too long is answered 504, and leaves an orphan`() throws {
    let played = try FailureStory.o(43).play()
    let late = Told(
      code: 504, reason: "Timeout",
      message: "Timeout: request did not complete within the allotted timeout")
    #expect(played.answers(.createRequest) == [late, .created])
    // C.1: handlers that write have 34 s; client-go does not send a POST again.
    expectTimes(
      played.seconds(.requestAnswered, .createRequest).prefix(1).map { $0 }, [34.2...34.3])
    #expect(played.events(.retryAfterWaited).isEmpty)
    expectTimes(played.seconds(.writeCommitted), [34.2...50.3])
    let own = (0..<played.world.requestCount).map { played.world.request(at: $0) }
      .filter { !$0.name.hasPrefix("node-csr-") }
    #expect(own.map(\.condition) == ["Approved,Issued", "Approved,Issued"])
    #expect(played.events(.certificateFetched).count == 1)
    #expect(played.settlement() == .ready)
  }

  @Test func `O43 in the foreground the kubelet exits, and finds the CSR that was committed`()
    throws
  {
    let played = try FailureStory.o(43).play()
    #expect(played.answers(.createRequest, node: 1).map(\.code) == [504, 409])
    #expect(played.answers(.getRequest, node: 1) == [.ok])
    expectTimes(played.seconds(.kubeletExited, node: 1), [34.2...34.3])
    #expect(played.restarts(node: 1) == 1)
    #expect(played.settlement(node: 1) == .ready)
  }
}
