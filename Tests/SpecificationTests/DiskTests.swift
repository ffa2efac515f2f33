import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Sections A.1 to A.3 and B.1 of protocol.md: what a kubelet finds on its disk.
struct DiskTests {
  // MARK: A.1

  @Test(arguments: [true, false])
  func `A.1 without --kubeconfig the kubelet runs standalone and asks nothing`(rotates: Bool) {
    let played = Disks.played(rotates) { $0.kubeconfig.state = .unset }
    #expect(played.all(.requestAnswered).isEmpty)
    #expect(played.all(.kubeletExited).isEmpty)
    #expect(played.world.node(at: 0).settlement == .standalone)
  }

  @Test(arguments: [true, false])
  func `A.1 without --bootstrap-kubeconfig a kubeconfig that loads is used`(rotates: Bool) {
    let played = Disks.played(rotates) { disk in
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
      let played = Disks.played(rotates, seconds: 15) {
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
    let played = Disks.played(true, seconds: 320) { disk in
      disk.kubeconfig.state = .present
      disk.certificate = Disks.expired
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
    let played = Disks.played(rotates) { disk in
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
    let played = Disks.played(rotates, seconds: 15) { _ in
    } scenario: {
      $0.groups[0].bootstrapKubeconfig.state = .absent
    }
    #expect(played.seconds(.kubeletExited) == [0, 10])
    #expect(played.world.node(at: 0).settlement == .bootstrapKubeconfigMissing)
  }

  @Test(arguments: [true, false])
  func `A.1 an invalid kubeconfig and a bootstrap file lead to a bootstrap`(rotates: Bool) {
    let played = Disks.played(rotates) { disk in
      disk.kubeconfig.state = .present
      disk.certificate = Disks.expired
    }
    #expect(played.world.requestCount == 1)
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  // MARK: A.2

  @Test func `A.2 a kubeconfig that cannot be looked at is fatal`() {
    let played = Disks.played(true, seconds: 15) { $0.kubeconfig.state = .inaccessible }
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
      let played = Disks.played(true, change)
      #expect(messages(played, .kubeconfigUnusable).count == 1)
      #expect(messages(played, .kubeconfigUnusable).first?.hasPrefix(text) == true)
      #expect(played.all(.requestAnswered, .createRequest).map(\.answer) == [.created])
      #expect(played.world.node(at: 0).settlement == .ready)
    }
  }

  @Test func `A.2 a stored pair that does not load is logged, and MODE-F bootstraps`() {
    let played = Disks.played(false) { disk in
      disk.kubeconfig.state = .present
      disk.certificate.state = .corrupt
    }
    #expect(
      messages(played, .kubeconfigUnusable) == [
        "unable to load TLS configuration from existing bootstrap client config read from "
          + "/etc/kubernetes/kubelet.conf"
      ])
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  @Test func `A.2 the expiry is told with its time`() {
    let played = Disks.played(true) { disk in
      disk.kubeconfig.state = .present
      disk.certificate = Disks.expired
    }
    #expect(
      messages(played, .kubeconfigExpired) == [
        "part of the existing bootstrap client certificate in /etc/kubernetes/kubelet.conf is "
          + "expired: 2025-12-31 23:00:00 +0000 UTC"
      ])
  }

  @Test func `A.2 equality with NotAfter is still valid, one nanosecond later is not`() {
    for (early, kind) in [(Int64(0), TraceEvent.Kind.kubeconfigValid), (1, .kubeconfigExpired)] {
      let played = Disks.played(false) { disk in
        disk.kubeconfig.state = .present
        disk.certificate.state = .present
        disk.certificate.notAfter = Scenario().start - early
      }
      #expect(played.all(kind).count == 1)
    }
  }

  @Test func `A.2 NotBefore and the issuer are not looked at`() {
    let played = Disks.played(true, seconds: 60) { disk in
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

  @Test(arguments: [(0, .created), (1, .unauthorized)] as [(Int64, Answer)])
  func `C.5 a certificate is good at its NotAfter, and no longer`(early: Int64, answer: Answer) {
    let end = Scenario().start + Duration.milliseconds(100).nanoseconds
    let played = Disks.played(false, seconds: 1) { disk in
      disk.kubeconfig.state = .present
      disk.certificate.state = .present
      disk.certificate.notAfter = end - early
    }
    let first = played.all(.requestAnswered, .createNode).first
    #expect(first?.time == .zero + .milliseconds(100))
    #expect(first?.answer == answer)
  }

  @Test func `C.5 a certificate of the future is refused until it begins`() {
    let played = Disks.played(true, seconds: 60) { disk in
      disk.kubeconfig.state = .present
      disk.certificate.state = .present
      disk.certificate.notBefore = Scenario().start + Duration.seconds(5).nanoseconds
    }
    #expect(played.seconds(.requestAnswered, .createNode) == [0.1, 0.3, 0.7, 1.5, 3.1, 6.3])
    #expect(played.seconds(.nodeRegistered) == [6.3])
  }

  // MARK: A.3

  @Test func `A.3 row 4 MODE-F uses the key of the stored certificate, even of an expired one`() {
    let played = Disks.played(false) { disk in
      disk.certificate = Disks.expired
      disk.temporaryKey = .corrupt
    }
    #expect(played.all(.temporaryKeyUnusable).isEmpty)
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  @Test func `A.3 row 5 MODE-F uses the temporary key of an earlier start`() {
    let played = Disks.played(false) { $0.temporaryKey = .present }
    let disk = played.world.kubelets[0].disk
    // No other one is made; A.8 stores it beside its certificate, and row 10 deletes its file.
    #expect(disk.keysMade == 1)
    #expect(disk.keyOfCertificate == 1)
    #expect(disk.temporaryKey == 0)
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  @Test func `O35 a corrupt temporary key is fatal at each start`() {
    let played = Disks.played(false, seconds: 15) { $0.temporaryKey = .corrupt }
    #expect(played.seconds(.kubeletExited) == [0, 10])
    #expect(played.all(.requestAnswered).isEmpty)
    #expect(
      messages(played, .temporaryKeyUnusable).first
        == "error loading key from /var/lib/kubelet/pki/kubelet-client.key.tmp: <nil>")
    #expect(played.world.node(at: 0).settlement == .keyCorrupt)
  }

  @Test func `O30 MODE-F is stuck with a CSR of its key whose certificate has expired`() {
    let played = Disks.played(false, seconds: 3_640) { _ in
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
