import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section B.1: the manager's start.
struct ManagerStartTests {
  @Test func `B.1 with a stored pair that is valid nothing is rotated before its deadline`() {
    let played = Disks.played(true) { disk in
      disk.kubeconfig.state = .present
      disk.certificate.state = .present
    }
    #expect(played.world.requestCount == 0)
    // 70 % of 365 d from NotBefore, which lies 5 min back.
    #expect(played.all(.rotationPlanned).map(\.value) == [22_075_200_000_000_000 - 300_000_000_000])
  }

  @Test func `B.1 a stored pair is valid strictly before NotAfter`() {
    let played = Disks.played(true) { disk in
      disk.kubeconfig.state = .present
      disk.certificate.state = .present
      disk.certificate.notAfter = Scenario().start
    }
    // Still valid for A.2, but the manager rotates at once, with the dying certificate.
    #expect(played.all(.kubeconfigValid).count == 1)
    #expect(played.seconds(.rotationStarted) == [0])
  }

  @Test func `B.1 an inline pair is stored and at once rotated as the node`() {
    let played = Disks.played(true) { disk in
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
    let played = Disks.played(true) { disk in
      disk.kubeconfig.state = .present
      disk.kubeconfig.source = .inline
      disk.certificate.state = .present
    }
    #expect(played.world.requestCount == 0)
  }

  @Test func `B.1 the inline pair stands in for a stored one that expired`() {
    let played = Disks.played(true) { disk in
      disk.kubeconfig.state = .present
      disk.kubeconfig.source = .inline
      disk.certificate = Disks.expired
    }
    #expect(played.seconds(.rotationStarted) == [0])
    #expect(played.all(.requestAnswered, .createRequest).map(\.actor.kind) == [.node])
  }

  @Test func `B.1 without MODE-B an inline pair is never rotated`() {
    let played = Disks.played(false) { disk in
      disk.kubeconfig.state = .present
      disk.kubeconfig.source = .inline
    }
    #expect(played.world.requestCount == 0)
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  @Test func `B.1 the kubeconfig is gone but the pair is valid: no CSR`() {
    let played = Disks.played(true) { $0.certificate.state = .present }
    #expect(played.steps(of: 0) == [1, 2, 3, 4, 12, 13, 13])
    #expect(played.world.requestCount == 0)
    #expect(played.seconds(.nodeRegistered) == [0.1])
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  @Test(arguments: [KubeletKubeconfig.State.present, .absent])
  func `O34 a corrupt pair is fatal in MODE-B, at each start`(state: KubeletKubeconfig.State) {
    let played = Disks.played(true, seconds: 15) { disk in
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
    let played = Disks.played(true, seconds: 5) { disk in
      disk.kubeconfig.state = .present
      disk.kubeconfig.source = .inline
      disk.certificate.state = .corrupt
    }
    #expect(played.all(.kubeconfigValid).count == 1)
    #expect(played.seconds(.kubeletExited) == [0])
  }

  @Test func `O34 a corrupt pair is fatal without --bootstrap-kubeconfig as well`() {
    let played = Disks.played(true, seconds: 5) { disk in
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
    let played = Disks.played(true, halfMade) { $0.groups[0].bootstrapKubeconfig.state = .absent }
    #expect(played.all(.kubeconfigValid).count == 1)
    #expect(played.world.requestCount == 0)
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  @Test func `A.3 MODE-F looks at the kubeconfig before the store finishes the link`() {
    let without = Disks.played(false, seconds: 5, halfMade) {
      $0.groups[0].bootstrapKubeconfig.state = .absent
    }
    #expect(without.all(.kubeconfigValid).isEmpty)
    #expect(without.seconds(.kubeletExited) == [0])
    #expect(
      without.all(.bootstrapKubeconfigUnusable).first.flatMap { without.world.message(of: $0) }?
        .hasPrefix("unable to load bootstrap kubeconfig: stat ") == true)
    // Row 4: with the file it bootstraps again, with the key of the stored certificate.
    let with = Disks.played(false, halfMade)
    #expect(with.world.requestCount == 1)
    #expect(with.world.node(at: 0).settlement == .ready)
  }

  @Test(arguments: [true, false])
  func `A.1 without --bootstrap-kubeconfig nothing finishes the link, and nothing loads`(
    rotates: Bool
  ) {
    let played = Disks.played(rotates, seconds: 5, halfMade) {
      $0.groups[0].bootstrapKubeconfig.state = .unset
    }
    #expect(played.seconds(.kubeletExited) == [0])
    #expect(played.world.node(at: 0).settlement == .kubeconfigUnusable)
  }

  @Test func `A.3 row 4 MODE-F gets over a corrupt pair`() {
    let played = Disks.played(false) { $0.certificate.state = .corrupt }
    #expect(played.world.requestCount == 1)
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  @Test(arguments: [true, false])
  func `O38 a certificate that expired on disk, without a bootstrap file, is a crash loop`(
    rotates: Bool
  ) {
    let played = Disks.played(rotates, seconds: 35) { disk in
      disk.kubeconfig.state = .present
      disk.certificate = Disks.expired
    } scenario: {
      $0.groups[0].bootstrapKubeconfig.state = .absent
    }
    #expect(played.seconds(.kubeletExited) == [0, 10, 20, 30])
    #expect(played.world.node(at: 0).settlement == .certificateExpired)
  }

  @Test(arguments: [true, false])
  func `O39 with the bootstrap file and a live token the node bootstraps again`(rotates: Bool) {
    let played = Disks.played(rotates) { disk in
      disk.kubeconfig.state = .present
      disk.certificate = Disks.expired
    }
    #expect(played.all(.requestAnswered, .createRequest).map(\.actor.kind) == [.bootstrapToken])
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  /// Source: pkg/kubelet/certificate/transport.go: `Current()` has never shown the expired one.
  @Test func `B.6 a kubelet that starts with an expired certificate looks each second`() {
    let played = Disks.played(true, seconds: 418) { disk in
      disk.kubeconfig.state = .present
      disk.certificate = Disks.expired
    } scenario: {
      $0.bindings.removeAll()
      $0.faults = [fault(.zero, for: .seconds(400), .apiServerDown())]
    }
    // B.2: tries at 0, 2, 6, 14, 30 s and each 32 s; that of 414 s is the first to be answered, by 403.
    #expect(played.seconds(.kubeletExited) == [415])
  }

  @Test func `A.9 a kubelet connects by its own kubeconfig until it has written another`() {
    let wrong = "https://192.0.2.9:6443"
    let given = Disks.played(true, seconds: 5) { disk in
      disk.kubeconfig.state = .present
      disk.kubeconfig.server = wrong
      disk.certificate.state = .present
    }
    #expect(given.all(.requestAnswered).isEmpty)
    #expect(
      given.all(.connectionFailed).first.flatMap { given.world.message(of: $0) }?
        .hasSuffix("dial tcp 192.0.2.9:6443: connect: connection refused") == true)
    let written = Disks.played(true) { disk in
      disk.kubeconfig.state = .present
      disk.kubeconfig.server = wrong
      disk.certificate = Disks.expired
    }
    #expect(written.all(.connectionFailed).isEmpty)
    #expect(written.world.node(at: 0).settlement == .ready)
  }

  @Test func `the trace lists issued certificates only`() {
    let played = Disks.played(true) { disk in
      disk.kubeconfig.state = .present
      disk.certificate = Disks.expired
    }
    #expect(played.world.certificateCount == 1)
    #expect(played.world.certificate(at: 0).request == RequestID(0))
  }
}
