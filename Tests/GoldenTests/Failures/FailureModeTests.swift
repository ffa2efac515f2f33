import SimulationKernel
import TLSBootstrap
import Testing

/// Section O of protocol.md, each mode by its number: what is answered, what the kubelet does, how it ends.
/// Here what goes wrong before a request is authenticated: files, connections, clocks.
struct FailureModeTests {
  /// A.10: systemd's RestartSec, and the 225 ms from the start of a process to its first request.
  static let restart = 10.225

  @Test func `O1 without any kubeconfig the kubelet exits and is started every ten seconds`() throws
  {
    let played = try FailureStory.o(1).play()
    #expect(
      played.messages(.bootstrapKubeconfigUnusable) == [
        "unable to load bootstrap kubeconfig: stat /etc/kubernetes/bootstrap-kubelet.conf: "
          + "no such file or directory"
      ])
    try expectCrashLoop(played, .bootstrapKubeconfigUnusable)
    #expect(played.settlement() == .bootstrapKubeconfigMissing)
    #expect(played.answers(.createRequest).isEmpty)
  }

  @Test func `O2 a bootstrap kubeconfig that cannot be parsed ends the kubelet`() throws {
    let played = try FailureStory.o(2).play()
    #expect(
      played.messages(.bootstrapKubeconfigUnusable) == [
        "unable to load bootstrap kubeconfig: error loading config file "
          + "\"/etc/kubernetes/bootstrap-kubelet.conf\""
      ])
    try expectCrashLoop(played, .bootstrapKubeconfigUnusable)
    #expect(played.settlement() == .bootstrapKubeconfigUnreadable)
  }

  @Test func `O5 with another CA no handshake succeeds, and the kubelet never exits`() throws {
    let played = try FailureStory.o(5).play()
    #expect(
      played.answers(.createRequest) == [
        .noAnswer(Self.post + "x509: certificate signed by unknown authority")
      ])
    expectLadder(played.seconds(.connectionFailed, .createRequest))
    #expect(played.events(.kubeletExited).isEmpty)
    #expect(played.settlement() == .serverNotTrusted)
  }

  @Test func `O6 a clock outside the serving certificate's life fails every handshake`() throws {
    let played = try FailureStory.o(6).play()
    let text = "x509: certificate has expired or is not yet valid: current time "
    let behind = played.messages(.connectionFailed, .createRequest, node: 0)
    #expect(
      behind.first == Self.post + text
        + "2025-12-31T22:00:00Z is before 2025-12-31T23:55:00Z")
    let ahead = played.messages(.connectionFailed, .createRequest, node: 1)
    #expect(
      ahead.first == Self.post + text + "2028-01-01T00:00:00Z is after 2027-01-01T00:00:00Z")
    for node in 0...1 {
      expectLadder(played.seconds(.connectionFailed, .createRequest, node: node))
      #expect(played.events(.kubeletExited, node: node).isEmpty)
    }
    // M.2: the one behind is well as soon as its clock passes NotBefore.
    #expect(played.settlement(node: 0) == .waiting)
    #expect(played.settlement(node: 1) == .serverNotTrusted)
  }

  @Test func `O34 a corrupt certificate file ends the kubelet at each start`() throws {
    let played = try FailureStory.o(34).play()
    #expect(
      played.messages(.storedPairUnusable) == [
        "failed to initialize client certificate manager: could not convert data from "
          + "\"/var/lib/kubelet/pki/kubelet-client-current.pem\" into cert/key pair"
      ])
    try expectCrashLoop(played, .storedPairUnusable)
    #expect(played.settlement() == .certificateCorrupt)
  }

  @Test func `O35 a corrupt temporary key ends a kubelet in the foreground at each start`() throws {
    let played = try FailureStory.o(35).play()
    #expect(
      played.messages(.temporaryKeyUnusable) == [
        "error loading key from /var/lib/kubelet/pki/kubelet-client.key.tmp: <nil>"
      ])
    try expectCrashLoop(played, .temporaryKeyUnusable)
    #expect(played.settlement() == .keyCorrupt)
  }

  @Test func `O37 a link that was not exchanged yet is repaired at the next start`() throws {
    let played = try FailureStory.o(37).play()
    #expect(played.seconds(.kubeconfigValid).count == 1)
    #expect(played.answers(.createRequest).isEmpty)
    #expect(played.settlement() == .ready)
  }

  @Test func `O38 an expired certificate and no bootstrap kubeconfig end the kubelet`() throws {
    let played = try FailureStory.o(38).play()
    #expect(
      played.messages(.kubeconfigExpired) == [
        "part of the existing bootstrap client certificate in /etc/kubernetes/kubelet.conf is "
          + "expired: 2025-12-31 00:00:00 +0000 UTC"
      ])
    #expect(
      played.messages(.bootstrapKubeconfigUnusable).first?.hasSuffix("no such file or directory")
        == true)
    try expectCrashLoop(played, .bootstrapKubeconfigUnusable)
    #expect(played.settlement() == .certificateExpired)
  }

  @Test func `O39 with the bootstrap kubeconfig still there it bootstraps again`() throws {
    let played = try FailureStory.o(39).play()
    #expect(played.messages(.kubeconfigExpired).count == 1)
    #expect(played.answers(.createRequest) == [.created])
    #expect(played.restarts() == 0)
    #expect(played.settlement() == .ready)
  }

  // MARK: -

  /// How a failed CSR create of the default server begins.
  static let post =
    "Post \"https://192.0.2.1:6443/apis/certificates.k8s.io/v1/certificatesigningrequests\": "
    + "tls: failed to verify certificate: "

  /// Each start fails alike and at once, and the next one follows RestartSec later.
  func expectCrashLoop(
    _ played: PlayedScenario, _ kind: TraceEvent.Kind,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let exits = played.seconds(.kubeletExited)
    #expect(exits.count == 12, sourceLocation: sourceLocation)
    #expect(exits == played.seconds(kind), sourceLocation: sourceLocation)
    let gaps = zip(exits.dropFirst(), exits).map { $0 - $1 }
    expectTimes(
      gaps, gaps.map { _ in Self.restart - 0.001...Self.restart + 0.001 },
      sourceLocation: sourceLocation)
    #expect(played.messages(.kubeletExited).isEmpty, sourceLocation: sourceLocation)
  }
}
