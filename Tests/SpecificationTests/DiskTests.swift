import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Sections A.1 to A.3 and B.1 of protocol.md: what a kubelet finds on its disk.
struct DiskTests {
  // MARK: A.1

  @Test(arguments: [true, false])
  func `A.1 without --kubeconfig the kubelet runs standalone and asks nothing`(rotates: Bool) {
    let played = played(rotates) { $0.kubeconfig.state = .unset }
    #expect(played.all(.requestAnswered).isEmpty)
    #expect(played.all(.kubeletExited).isEmpty)
    #expect(played.world.node(at: 0).settlement == .standalone)
  }

  @Test(arguments: [true, false])
  func `A.1 without --bootstrap-kubeconfig a kubeconfig that loads is used`(rotates: Bool) {
    let played = played(rotates) { disk in
      disk.kubeconfig.state = .present
      disk.certificate.state = .present
    } scenario: {
      $0.groups[0].bootstrapKubeconfig.state = .unset
    }
    #expect(played.seconds(.kubeconfigLoaded) == [0])
    #expect(played.world.requestCount == 0)
    #expect(played.seconds(.nodeRegistered) == [0.1])
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  @Test(arguments: [
    (
      KubeletKubeconfig.State.absent, "stat /etc/kubernetes/kubelet.conf: no such file or directory"
    ),
    (.inaccessible, "stat /etc/kubernetes/kubelet.conf: input/output error"),
    (.unreadable, "error loading config file \"/etc/kubernetes/kubelet.conf\""),
  ])
  func `A.1 without --bootstrap-kubeconfig a kubeconfig that does not load is fatal`(
    state: KubeletKubeconfig.State, text: String
  ) {
    for (rotates, head) in [(true, "unable to load kubeconfig: "), (false, "invalid kubeconfig: ")]
    {
      let played = played(rotates, seconds: 15) {
        $0.kubeconfig.state = state
      } scenario: {
        $0.groups[0].bootstrapKubeconfig.state = .unset
      }
      #expect(played.seconds(.kubeletExited) == [0, 10])
      #expect(messages(played, .kubeconfigUnusable) == [head + text, head + text])
      #expect(played.world.node(at: 0).settlement == .kubeconfigUnusable)
    }
  }

  @Test func `A.1 without --bootstrap-kubeconfig an expired certificate is used, and refused`() {
    let played = played(true, seconds: 320) { disk in
      disk.kubeconfig.state = .present
      disk.certificate = expired
    } scenario: {
      $0.groups[0].bootstrapKubeconfig.state = .unset
    }
    #expect(
      Set(played.all(.requestAnswered, .createRequest).map(\.answer)) == [.unauthorized])
    #expect(played.seconds(.kubeletExited) == [301])
    #expect(played.world.node(at: 0).settlement == .certificateExpired)
  }

  @Test(arguments: [true, false])
  func `A.1 a valid kubeconfig needs no bootstrap, and the bootstrap file is not looked at`(
    rotates: Bool
  ) {
    let played = played(rotates) { disk in
      disk.kubeconfig.state = .present
      disk.certificate.state = .present
    } scenario: {
      $0.groups[0].bootstrapKubeconfig.state = .absent
    }
    #expect(played.seconds(.kubeconfigValid) == [0])
    #expect(played.all(.requestAnswered, .createRequest).isEmpty)
    #expect(played.steps(of: 0) == [1, 2, 13])
    #expect(played.all(.rotationPlanned).count == (rotates ? 1 : 0))
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  @Test(arguments: [true, false])
  func `A.1 neither a valid kubeconfig nor a bootstrap file is fatal`(rotates: Bool) {
    let played = played(rotates, seconds: 15) { _ in
    } scenario: {
      $0.groups[0].bootstrapKubeconfig.state = .absent
    }
    #expect(played.seconds(.kubeletExited) == [0, 10])
    #expect(played.world.node(at: 0).settlement == .bootstrapKubeconfigMissing)
  }

  @Test(arguments: [true, false])
  func `A.1 an invalid kubeconfig and a bootstrap file lead to a bootstrap`(rotates: Bool) {
    let played = played(rotates) { disk in
      disk.kubeconfig.state = .present
      disk.certificate = expired
    }
    #expect(played.world.requestCount == 1)
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  // MARK: A.2

  @Test func `A.2 a kubeconfig that cannot be looked at is fatal`() {
    let played = played(true, seconds: 15) { $0.kubeconfig.state = .inaccessible }
    #expect(played.seconds(.kubeletExited) == [0, 10])
    #expect(played.all(.bootstrapKubeconfigLoaded).isEmpty)
    #expect(
      messages(played, .kubeconfigUnusable).first
        == "error reading existing bootstrap kubeconfig /etc/kubernetes/kubelet.conf: "
        + "stat /etc/kubernetes/kubelet.conf: input/output error")
    #expect(played.world.node(at: 0).settlement == .kubeconfigUnusable)
  }

  @Test func `A.2 each check that fails is logged, and the kubelet bootstraps`() {
    let log = "existing bootstrap client config"
    let cases: [(String, (inout NodeDisk) -> Void)] = [
      (
        "unable to read \(log) from /etc/kubernetes/kubelet.conf: error loading config file",
        { $0.kubeconfig.state = .unreadable }
      ),
      (
        "unable to read \(log) from /etc/kubernetes/kubelet.conf: invalid configuration: unable to "
          + "read client-cert /var/lib/kubelet/pki/kubelet-client-current.pem",
        { $0.kubeconfig.state = .present }
      ),
      (
        "unable to load TLS configuration from \(log)",
        { disk in
          disk.kubeconfig.state = .present
          disk.kubeconfig.source = .inline
          disk.kubeconfig.certificate.state = .corrupt
        }
      ),
      (
        "unable to read TLS certificates from \(log)",
        { disk in
          disk.kubeconfig.state = .present
          disk.kubeconfig.source = .none
        }
      ),
    ]
    for (text, change) in cases {
      let played = played(true, change)
      #expect(messages(played, .kubeconfigUnusable).count == 1)
      #expect(messages(played, .kubeconfigUnusable).first?.hasPrefix(text) == true)
      #expect(played.all(.requestAnswered, .createRequest).map(\.answer) == [.created])
      #expect(played.world.node(at: 0).settlement == .ready)
    }
  }

  @Test func `A.2 the expiry is told with its time`() {
    let played = played(true) { disk in
      disk.kubeconfig.state = .present
      disk.certificate = expired
    }
    #expect(
      messages(played, .kubeconfigExpired) == [
        "part of the existing bootstrap client certificate in /etc/kubernetes/kubelet.conf is "
          + "expired: 2025-12-31 23:00:00 +0000 UTC"
      ])
  }

  @Test func `A.2 equality with NotAfter is still valid, one nanosecond later is not`() {
    for (early, kind) in [(Int64(0), TraceEvent.Kind.kubeconfigValid), (1, .kubeconfigExpired)] {
      let played = played(false) { disk in
        disk.kubeconfig.state = .present
        disk.certificate.state = .present
        disk.certificate.notAfter = Scenario().start - early
      }
      #expect(played.all(kind).count == 1)
    }
  }

  @Test func `A.2 NotBefore and the issuer are not looked at`() {
    let played = played(true, seconds: 60) { disk in
      disk.kubeconfig.state = .present
      disk.certificate.state = .present
      disk.certificate.notBefore = Scenario().start + Duration.seconds(30).nanoseconds
      disk.certificate.isTrusted = false
    } scenario: {
      $0.groups[0].bootstrapKubeconfig.state = .absent
    }
    #expect(played.all(.kubeconfigValid).count == 1)
    #expect(played.world.node(at: 0).settlement == .certificateRefused)
    let answers = played.all(.requestAnswered, .createNode).map(\.answer)
    #expect(!answers.isEmpty && answers.allSatisfy { $0 == .unauthorized })
  }

  @Test func `C.5 a certificate of the future is refused until it begins`() {
    let played = played(true, seconds: 60) { disk in
      disk.kubeconfig.state = .present
      disk.certificate.state = .present
      disk.certificate.notBefore = Scenario().start + Duration.seconds(5).nanoseconds
    }
    #expect(played.seconds(.requestAnswered, .createNode) == [0.1, 0.3, 0.7, 1.5, 3.1, 6.3])
    #expect(played.seconds(.nodeRegistered) == [6.3])
  }

  // MARK: A.3

  @Test func `A.3 row 4 MODE-F uses the key of the stored certificate, even of an expired one`() {
    let played = played(false) { disk in
      disk.certificate = expired
      disk.temporaryKey = .corrupt
    }
    #expect(played.all(.temporaryKeyUnusable).isEmpty)
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  @Test func `A.3 row 5 MODE-F uses the temporary key of an earlier start`() {
    let played = played(false) { $0.temporaryKey = .present }
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  @Test func `O35 a corrupt temporary key is fatal at each start`() {
    let played = played(false, seconds: 15) { $0.temporaryKey = .corrupt }
    #expect(played.seconds(.kubeletExited) == [0, 10])
    #expect(played.all(.requestAnswered).isEmpty)
    #expect(
      messages(played, .temporaryKeyUnusable).first
        == "error loading key from /var/lib/kubelet/pki/kubelet-client.key.tmp: <nil>")
    #expect(played.world.node(at: 0).settlement == .keyCorrupt)
  }

  @Test func `O30 MODE-F is stuck with a CSR of its key whose certificate has expired`() {
    let played = played(false, seconds: 3_640) { _ in
    } scenario: { scenario in
      // O16: the kubelet may not see that its CSR is issued, and starts anew after an hour.
      scenario.roles = [Cluster.bootstrapperWithoutWatch]
      scenario.controllerManager.clusterSigningDuration = .minutes(10)
      // I.1: it would delete the CSR at 1 h.
      scenario.controllerManager.csrcleaner = false
    }
    #expect(played.seconds(.kubeletStarted) == [0, 3_610, 3_620, 3_630, 3_640])
    #expect(played.world.requestCount == 1)
    #expect(played.world.node(at: 0).settlement == .requestOutdated)
  }

  private func messages(_ played: Played, _ kind: TraceEvent.Kind) -> [String] {
    played.all(kind).compactMap { played.world.message(of: $0) }
  }
}

/// Section B.1: the manager's start.
struct ManagerStartTests {
  @Test func `B.1 with a stored pair that is valid nothing is rotated before its deadline`() {
    let played = played(true) { disk in
      disk.kubeconfig.state = .present
      disk.certificate.state = .present
    }
    #expect(played.world.requestCount == 0)
    // 70 % of 365 d from NotBefore, which lies 5 min back.
    #expect(played.all(.rotationPlanned).map(\.value) == [22_075_200_000_000_000 - 300_000_000_000])
  }

  @Test func `B.1 a stored pair is valid strictly before NotAfter`() {
    let played = played(true) { disk in
      disk.kubeconfig.state = .present
      disk.certificate.state = .present
      disk.certificate.notAfter = Scenario().start
    }
    // Still valid for A.2, but the manager rotates at once, with the dying certificate.
    #expect(played.all(.kubeconfigValid).count == 1)
    #expect(played.seconds(.rotationStarted) == [0])
  }

  @Test func `B.1 an inline pair is stored and at once rotated as the node`() {
    let played = played(true) { disk in
      disk.kubeconfig.state = .present
      disk.kubeconfig.source = .inline
    }
    #expect(played.seconds(.rotationStarted) == [0])
    let created = played.all(.requestAnswered, .createRequest)
    #expect(created.map(\.answer) == [.created])
    #expect(created.map(\.actor.kind) == [.node])
    #expect(played.steps(of: 0) == [1, 2, 14, 15, 13])
    #expect(played.world.request(at: 0).message.contains("self kubelet client"))
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  @Test func `B.1 a stored pair that is valid wins over an inline one`() {
    let played = played(true) { disk in
      disk.kubeconfig.state = .present
      disk.kubeconfig.source = .inline
      disk.certificate.state = .present
    }
    #expect(played.world.requestCount == 0)
  }

  @Test func `B.1 the inline pair stands in for a stored one that expired`() {
    let played = played(true) { disk in
      disk.kubeconfig.state = .present
      disk.kubeconfig.source = .inline
      disk.certificate = expired
    }
    #expect(played.seconds(.rotationStarted) == [0])
    #expect(played.all(.requestAnswered, .createRequest).map(\.actor.kind) == [.node])
  }

  @Test func `B.1 without MODE-B an inline pair is never rotated`() {
    let played = played(false) { disk in
      disk.kubeconfig.state = .present
      disk.kubeconfig.source = .inline
    }
    #expect(played.world.requestCount == 0)
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  @Test func `B.1 the kubeconfig is gone but the pair is valid: no CSR`() {
    let played = played(true) { $0.certificate.state = .present }
    #expect(played.steps(of: 0) == [1, 2, 3, 4, 12, 13, 13])
    #expect(played.world.requestCount == 0)
    #expect(played.seconds(.nodeRegistered) == [0.1])
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  @Test(arguments: [KubeletKubeconfig.State.present, .absent])
  func `O34 a corrupt pair is fatal in MODE-B, at each start`(state: KubeletKubeconfig.State) {
    let played = played(true, seconds: 15) { disk in
      disk.kubeconfig.state = state
      disk.certificate.state = .corrupt
    }
    #expect(played.seconds(.kubeletExited) == [0, 10])
    #expect(played.all(.requestAnswered).isEmpty)
    #expect(
      played.all(.storedPairUnusable).first.flatMap { played.world.message(of: $0) }
        == "failed to initialize client certificate manager: could not convert data from "
        + "\"/var/lib/kubelet/pki/kubelet-client-current.pem\" into cert/key pair")
    #expect(played.world.node(at: 0).settlement == .certificateCorrupt)
  }

  @Test func `O34 a corrupt pair beside an inline one is fatal too`() {
    let played = played(true, seconds: 5) { disk in
      disk.kubeconfig.state = .present
      disk.kubeconfig.source = .inline
      disk.certificate.state = .corrupt
    }
    #expect(played.all(.kubeconfigValid).count == 1)
    #expect(played.seconds(.kubeletExited) == [0])
  }

  @Test func `O34 a corrupt pair is fatal without --bootstrap-kubeconfig as well`() {
    let played = played(true, seconds: 5) { disk in
      disk.kubeconfig.state = .present
      disk.certificate.state = .corrupt
    } scenario: {
      $0.groups[0].bootstrapKubeconfig.state = .unset
    }
    #expect(played.all(.storedPairUnusable).count == 1)
    #expect(played.world.node(at: 0).settlement == .certificateCorrupt)
  }

  // MARK: O37

  private func halfMade(_ disk: inout NodeDisk) {
    disk.kubeconfig.state = .present
    disk.certificate.state = .present
    disk.certificate.isLinkHalfMade = true
  }

  @Test func `O37 A.8 MODE-B finishes a link that was half made, and needs no bootstrap file`() {
    let played = played(true, halfMade) { $0.groups[0].bootstrapKubeconfig.state = .absent }
    #expect(played.all(.kubeconfigValid).count == 1)
    #expect(played.world.requestCount == 0)
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  @Test func `A.3 MODE-F looks at the kubeconfig before the store finishes the link`() {
    let without = played(false, seconds: 5, halfMade) {
      $0.groups[0].bootstrapKubeconfig.state = .absent
    }
    #expect(without.all(.kubeconfigValid).isEmpty)
    #expect(without.seconds(.kubeletExited) == [0])
    #expect(
      without.all(.bootstrapKubeconfigUnusable).first.flatMap { without.world.message(of: $0) }?
        .hasPrefix("unable to load bootstrap kubeconfig: stat ") == true)
    // Row 4: with the file it bootstraps again, with the key of the stored certificate.
    let with = played(false, halfMade)
    #expect(with.world.requestCount == 1)
    #expect(with.world.node(at: 0).settlement == .ready)
  }

  @Test(arguments: [true, false])
  func `A.1 without --bootstrap-kubeconfig nothing finishes the link, and nothing loads`(
    rotates: Bool
  ) {
    let played = played(rotates, seconds: 5, halfMade) {
      $0.groups[0].bootstrapKubeconfig.state = .unset
    }
    #expect(played.seconds(.kubeletExited) == [0])
    #expect(played.world.node(at: 0).settlement == .kubeconfigUnusable)
  }

  @Test func `A.3 row 4 MODE-F gets over a corrupt pair`() {
    let played = played(false) { $0.certificate.state = .corrupt }
    #expect(played.world.requestCount == 1)
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  @Test(arguments: [true, false])
  func `O38 a certificate that expired on disk, without a bootstrap file, is a crash loop`(
    rotates: Bool
  ) {
    let played = played(rotates, seconds: 35) { disk in
      disk.kubeconfig.state = .present
      disk.certificate = expired
    } scenario: {
      $0.groups[0].bootstrapKubeconfig.state = .absent
    }
    #expect(played.seconds(.kubeletExited) == [0, 10, 20, 30])
    #expect(played.world.node(at: 0).settlement == .certificateExpired)
  }

  @Test(arguments: [true, false])
  func `O39 with the bootstrap file and a live token the node bootstraps again`(rotates: Bool) {
    let played = played(rotates) { disk in
      disk.kubeconfig.state = .present
      disk.certificate = expired
    }
    #expect(played.all(.requestAnswered, .createRequest).map(\.actor.kind) == [.bootstrapToken])
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  /// Source: pkg/kubelet/certificate/transport.go: `Current()` has never shown the expired one.
  @Test func `B.6 a kubelet that starts with an expired certificate looks each second`() {
    let played = played(true, seconds: 418) { disk in
      disk.kubeconfig.state = .present
      disk.certificate = expired
    } scenario: {
      $0.bindings.removeAll()
      $0.faults = [fault(.zero, for: .seconds(400), .apiServerDown())]
    }
    // B.2: tries at 0, 2, 6, 14, 30 s and each 32 s; that of 414 s is the first to be answered, by 403.
    #expect(played.seconds(.kubeletExited) == [415])
  }

  @Test func `A.9 a kubelet connects by its own kubeconfig until it has written another`() {
    let wrong = "https://192.0.2.9:6443"
    let given = played(true, seconds: 5) { disk in
      disk.kubeconfig.state = .present
      disk.kubeconfig.server = wrong
      disk.certificate.state = .present
    }
    #expect(given.all(.requestAnswered).isEmpty)
    #expect(
      given.all(.connectionFailed).first.flatMap { given.world.message(of: $0) }?
        .hasSuffix("dial tcp 192.0.2.9:6443: connect: connection refused") == true)
    let written = played(true) { disk in
      disk.kubeconfig.state = .present
      disk.kubeconfig.server = wrong
      disk.certificate = expired
    }
    #expect(written.all(.connectionFailed).isEmpty)
    #expect(written.world.node(at: 0).settlement == .ready)
  }

  @Test func `the trace lists issued certificates only`() {
    let played = played(true) { disk in
      disk.kubeconfig.state = .present
      disk.certificate = expired
    }
    #expect(played.world.certificateCount == 1)
    #expect(played.world.certificate(at: 0).request == RequestID(0))
  }
}

/// Ended an hour before the run.
private var expired: ClientCertificate {
  var certificate = ClientCertificate()
  certificate.notBefore = Scenario().start - Duration.days(30).nanoseconds
  certificate.notAfter = Scenario().start - Duration.hours(1).nanoseconds
  return certificate
}

private func played(
  _ rotates: Bool, seconds: Int64 = 20, _ disk: (inout NodeDisk) -> Void,
  scenario change: (inout Scenario) -> Void = { _ in }
) -> Played {
  Cluster.kubeadm(nodes: 1) { scenario in
    scenario.groups[0].kubelet.rotateCertificates = rotates
    disk(&scenario.groups[0].disk)
    scenario.stop = .duration
    scenario.duration = .seconds(seconds)
    change(&scenario)
  }.play()
}
