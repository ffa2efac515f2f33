import SimulationKernel
import TLSBootstrap
import Testing

/// O7 to O14 and O42: 401, which reads alike for the client; only the server's log tells one from another.
extension FailureModeTests {
  private static let secret =
    "Bootstrap secret kube-system/bootstrap-token-abcdef matching bearer token "

  @Test func `O7 a malformed token is answered 401, and the kubelet exits after five minutes`()
    throws
  {
    try expectRefusedToken(7, log: "invalid bearer token")
  }

  @Test func `O8 an unknown token is answered 401`() throws {
    try expectRefusedToken(
      8, log: "No secret of name bootstrap-token-abcdef to match bootstrap bearer token")
  }

  @Test func `O8 in the foreground healthz is refused for 60 s, then the create, then it exits`()
    throws
  {
    let played = try FailureStory.o(8).play()
    #expect(played.answers(.getHealthz, node: 1) == [.unauthorized])
    #expect(played.answers(.createRequest, node: 1) == [.unauthorized])
    let process = played.seconds(.kubeletExited, node: 1).prefix(1).map { $0 - 0.225 }
    expectTimes(process, [60...60.01])
    // A.4: 2.0 to 2.4 s after each answer; recorded: 28 tries in 60 s.
    let polls = played.seconds(.requestAnswered, .getHealthz, node: 1).filter { $0 < 60.225 }
    #expect((25...30).contains(polls.count))
    for (poll, next) in zip(polls, polls.dropFirst()) {
      #expect((2.0...2.41).contains(next - poll))
    }
    expectTimes(
      played.seconds(.kubeletStarted, node: 1), [0...0, 70.22...70.24, 140.44...140.48])
    #expect(played.settlement(node: 1) == .tokenRefused)
  }

  @Test func `O9 a token with another secret is answered 401`() throws {
    try expectRefusedToken(9, log: Self.secret + "has invalid value for key token-secret.")
  }

  @Test func `O10 an expired token is answered 401`() throws {
    try expectRefusedToken(
      10,
      log: "Expired bootstrap token in kube-system/bootstrap-token-abcdef Secret: "
        + "2025-12-31T23:00:00Z")
  }

  @Test func `O11 a token that may not authenticate is answered 401`() throws {
    try expectRefusedToken(
      11, log: Self.secret + "not marked usage-bootstrap-authentication=true.")
  }

  @Test func `O12 one group of the wrong form spoils a token`() throws {
    try expectRefusedToken(
      12,
      log: Self.secret
        + "has invalid value for key auth-extra-groups: bootstrap group \"system:masters\" is "
        + "invalid (must match \\Asystem:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\\z).")
  }

  @Test func `O13 where bootstrap tokens are not enabled each one is an invalid bearer token`()
    throws
  {
    try expectRefusedToken(13, log: "invalid bearer token")
  }

  @Test func `O14 a token that expires while the CSR waits fails the next create`() throws {
    let played = try FailureStory.o(14).play()
    #expect(played.answers(.createRequest) == [.created, .unauthorized])
    // B.4: 15 min of patience, then 2 to 2.2 s; the exit is due for long, so the next check does it.
    #expect(played.messages(.waitEnded) == ["timed out waiting for the condition"])
    expectTimes(played.seconds(.waitEnded), [900.2...900.3])
    expectTimes(
      played.seconds(.authenticationFailed, .createRequest).prefix(1).map { $0 }, [902.2...902.6])
    expectTimes(played.seconds(.kubeletExited).prefix(1).map { $0 }, [902.3...903.7])
    #expect(played.settlement() == .tokenRefused)
    // Its CSR is approved and signed for nobody.
    #expect(played.world.request(at: 0).condition == "Approved,Issued")
    #expect(played.events(.certificateFetched).isEmpty)
  }

  @Test func `O42 a token that the server does not know yet fails the first attempt only`() throws {
    let played = try FailureStory.o(42).play()
    #expect(played.answers(.createRequest) == [.unauthorized, .created])
    #expect(
      played.messages(.authenticationFailed, .createRequest) == [
        "No secret of name bootstrap-token-abcdef to match bootstrap bearer token"
      ])
    expectTimes(played.seconds(.requestAnswered, .createRequest), [0.22...0.24, 2.22...2.45])
    #expect(played.restarts() == 0)
    #expect(played.settlement() == .ready)
  }

  /// C.6, B.5, B.6: 401 on the ladder, exit 1 after five minutes, a start every 311 s.
  private func expectRefusedToken(
    _ number: Int, log: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let played = try FailureStory.o(number).play()
    #expect(played.answers(.createRequest) == [.unauthorized], sourceLocation: sourceLocation)
    #expect(
      played.messages(.authenticationFailed, .createRequest) == [log],
      sourceLocation: sourceLocation)
    expectLadder(
      played.seconds(.requestAnswered, .createRequest), sourceLocation: sourceLocation)
    expectExitAfterFiveMinutes(played, sourceLocation: sourceLocation)
    #expect(played.settlement() == .tokenRefused, sourceLocation: sourceLocation)
    #expect(played.world.requestCount == 0, sourceLocation: sourceLocation)
  }

  /// B.6: at the first check of the transport watcher past 5 min; recorded 5 min 0 s. A.10: again 10 s later.
  func expectExitAfterFiveMinutes(
    _ played: PlayedScenario, node: Int = 0, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expectTimes(
      Array(played.seconds(.kubeletExited, node: node).prefix(1)), [300.2...301.3],
      sourceLocation: sourceLocation)
    #expect(
      played.messages(.kubeletExited, node: node) == [
        "No valid client certificate is found and the server is responsive, exiting."
      ], sourceLocation: sourceLocation)
    let starts = played.seconds(.kubeletStarted, node: node)
    expectTimes(
      Array(starts.prefix(2)), [0...0.02, 310.2...311.3], sourceLocation: sourceLocation)
  }
}
