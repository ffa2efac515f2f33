import SimulationKernel
import TLSBootstrap
import Testing

/// O3, O4 and O44: the API server is down, or cannot be reached.
extension FailureModeTests {
  private static let address = "https://192.0.2.1:6443"
  private static let refused = "dial tcp 192.0.2.1:6443: connect: connection refused"
  private static let request = "/apis/certificates.k8s.io/v1/certificatesigningrequests"

  @Test func `O3 a refused connection is tried again on the ladder, without an exit`() throws {
    let played = try FailureStory.o(3).play()
    #expect(
      played.answers(.createRequest) == [
        .noAnswer("Post \"\(Self.address)\(Self.request)\": \(Self.refused)"), .created,
      ])
    expectLadder(played.seconds(.connectionFailed, .createRequest))
    // The server is back at 120 s; the ticker of 32 s finds it.
    expectTimes(played.seconds(.requestAnswered, .createRequest), [126...130])
    #expect(played.events(.kubeletExited).isEmpty)
    #expect(played.settlement() == .ready)
  }

  @Test
  func `O3 in the foreground it waits a minute, exits, and finds the server at a later start`()
    throws
  {
    let played = try FailureStory.o(3).play()
    let healthz = try #require(played.answers(.getHealthz, node: 1).first)
    #expect(healthz == .noAnswer("Get \"\(Self.address)/healthz?timeout=1s\": \(Self.refused)"))
    expectTimes(played.seconds(.kubeletExited, node: 1), [60.2...60.3])
    #expect(played.restarts(node: 1) == 1)
    // Within the second minute of waiting: at most 2.4 s after the server is back.
    expectTimes(played.seconds(.requestAnswered, .createRequest, node: 1), [120...122.5])
    #expect(played.settlement(node: 1) == .ready)
  }

  @Test func `O4 an attempt that nothing answers takes the thirty seconds of the dial`() throws {
    let played = try FailureStory.o(4).play()
    #expect(
      played.answers(.createRequest) == [
        .noAnswer(
          "Post \"\(Self.address)\(Self.request)\": dial tcp 192.0.2.1:6443: i/o timeout"),
        .created,
      ])
    // Begun at 0, 32, 66 and 104 s, give or take the jitter.
    let failed = played.events(.connectionFailed, .createRequest)
    #expect((3...4).contains(failed.count))
    expectTimes(played.seconds(.requestAnswered, .createRequest), [120...155])
    #expect(played.events(.kubeletExited).isEmpty)
    #expect(played.settlement() == .ready)
  }

  @Test func `O44 a watch that broke is opened again, and finds the certificate`() throws {
    let played = try FailureStory.o(44).play()
    #expect(played.answers(.createRequest) == [.created])
    #expect(played.events(.connectionFailed, .watchRequest).count >= 3)
    #expect(
      played.messages(.connectionFailed, .watchRequest).contains {
        $0.hasSuffix(Self.refused)
      })
    // A.11: back-offs of 0.8, 1.6 … 30 s × U[1, 2), and one more after “too old resource version”.
    expectTimes(played.seconds(.certificateFetched), [60...180])
    #expect(played.events(.waitEnded).isEmpty)
    #expect(played.world.requestCount == 1)
    #expect(played.settlement() == .ready)
  }
}
