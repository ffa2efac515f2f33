import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section B of protocol.md: the certificate manager of MODE-B.
struct ManagerTests {
  /// The ladder with the least jitter: five attempts, then a ticker of 32 s.
  private static let ladder: [Double] =
    [0, 2, 6, 14, 30] + (1...20).map { 30 + 32 * Double($0) }

  @Test func `B.2 attempts are at 0, 2, 6, 14, 30 s and then every 32 s`() {
    let played = refusedConnections(seconds: 670)
    #expect(played.seconds(.connectionFailed, .createRequest) == Self.ladder.filter { $0 <= 670 })
  }

  @Test func `B.2 each of the first four gaps is drawn up to a tenth longer, the ticker never`() {
    var cluster = Cluster.kubeadm(nodes: 300) { scenario in
      scenario.groups[0].bootstrapKubeconfig.server = "https://192.0.2.9:6443"
      scenario.stop = .duration
      scenario.duration = .seconds(140)
    }
    cluster.jitter = .drawn
    let played = cluster.play()
    var sums = [0.0, 0, 0, 0]
    for node in 0..<300 {
      let times = played.all(.connectionFailed, .createRequest).filter { $0.node == node }
        .map { Double($0.time.nanoseconds) / 1e9 }
      let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
      #expect(gaps.count >= 7)
      for (place, base) in [2.0, 4, 8, 16].enumerated() {
        #expect(gaps[place] >= base && gaps[place] < base * 1.1)
        sums[place] += gaps[place] / base
      }
      for gap in gaps.dropFirst(4) { #expect(abs(gap - 32) < 1e-6) }
    }
    for sum in sums { #expect(abs(sum / 300 - 1.05) < 0.01) }
  }

  @Test(arguments: 1...20)
  func `B.2 other seeds draw other gaps within the same bounds`(seed: UInt64) {
    var cluster = Cluster.kubeadm(nodes: 3) { scenario in
      scenario.seed = seed
      scenario.secrets = []
      scenario.stop = .duration
      scenario.duration = .seconds(40)
    }
    cluster.jitter = .drawn
    let played = cluster.play()
    for node in 0..<3 {
      let times = played.all(.requestAnswered, .createRequest).filter { $0.node == node }
        .map { Double($0.time.nanoseconds) / 1e9 }
      #expect(times.count == 5)
      for (time, range) in zip(times, [0...0, 2...2.2, 6...6.6, 14...15.4, 30...33]) {
        #expect(range.contains(time))
      }
    }
  }

  @Test func `B.2 a wait of 15 min ends with a new CSR after 2, 4, 8 and 16 s`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      scenario.stop = .duration
      scenario.duration = .seconds(5_500)
    }.play()
    // The fifth wait ends at 4530; the ticker's first tick is 32 s later.
    #expect(
      played.seconds(.requestAnswered, .createRequest) == [
        0, 902, 1_806, 2_714, 3_630, 4_562, 5_490,
      ]
    )
    #expect(played.all(.kubeletExited).isEmpty)
    #expect(played.world.requestCount == 7)
    #expect((0..<7).allSatisfy { played.world.request(at: $0).condition == "Pending" })
  }

  @Test func `B.3 deadlines are in [0.7, 0.9) of the life, counted from NotBefore`() {
    var cluster = Cluster.kubeadm(nodes: 600) { scenario in
      scenario.controllerManager.clusterSigningDuration = .hours(1)
      scenario.stop = .duration
      scenario.duration = .seconds(80)
    }
    cluster.jitter = .drawn
    let played = cluster.play()
    let start = played.world.scenario.start
    var fractions: [Double] = []
    for planned in played.all(.rotationPlanned) {
      let certificate = played.world.certificate(
        at: (0..<played.world.certificateCount).first {
          played.world.certificate(at: $0).node?.index == planned.node
        } ?? 0)
      let deadline = start + planned.time.nanoseconds + planned.value
      fractions.append(
        Double(deadline - certificate.notBefore)
          / Double(certificate.notAfter - certificate.notBefore))
    }
    #expect(fractions.count == 600)
    #expect(fractions.allSatisfy { $0 >= 0.7 && $0 < 0.9 })
    let mean = fractions.reduce(0, +) / 600
    #expect(abs(mean - 0.8) < 0.01)
    #expect((fractions.min() ?? 1) < 0.71)
    #expect((fractions.max() ?? 0) > 0.89)
  }

  @Test func `B.3 a certificate of 1 h is renewed 40.5 min after its issue at the earliest`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.clusterSigningDuration = .hours(1)
      scenario.stop = .duration
      scenario.duration = .hours(3)
    }.play()
    #expect(played.seconds(.rotationStarted) == [2_430, 4_860, 7_290, 9_720])
    #expect(played.seconds(.certificateStored) == [0, 2_430, 4_860, 7_290, 9_720])
    #expect(played.all(.nodeLost).isEmpty)
  }

  @Test func `B.5 after 401 the kubelet exits at 301 s and starts again 10 s later`() {
    let played = played(seconds: 640) { $0.secrets = [] }
    #expect(played.seconds(.kubeletExited) == [301, 612])
    #expect(played.seconds(.kubeletStarted) == [0, 311, 622])
    let first = Self.ladder.filter { $0 < 301 }
    #expect(
      played.seconds(.requestAnswered, .createRequest)
        == first + first.map { $0 + 311 } + [622, 624, 628, 636])
    #expect(played.world.node(at: 0).restarts == 2)
    #expect(played.world.node(at: 0).settlement == .tokenRefused)
  }

  @Test func `B.5 after 403 the kubelet exits at 301 s too`() {
    let played = played(seconds: 320) {
      $0.bindings.removeAll { $0.name == "kubeadm:kubelet-bootstrap" }
    }
    #expect(played.seconds(.kubeletExited) == [301])
    #expect(played.seconds(.kubeletStarted) == [0, 311])
    #expect(played.world.node(at: 0).settlement == .notAllowedToCreate)
  }

  @Test func `B.6 RestartSec of the unit is waited for`() {
    let played = played(seconds: 400) { scenario in
      scenario.secrets = []
      scenario.groups[0].kubelet.restartSeconds = .seconds(42)
    }
    #expect(played.seconds(.kubeletStarted) == [0, 343])
  }

  @Test func `B.6 while connections are refused the kubelet never exits`() {
    let played = refusedConnections(seconds: 7_200)
    #expect(played.all(.kubeletExited).isEmpty)
    #expect(played.seconds(.kubeletStarted) == [0])
    #expect(played.world.node(at: 0).settlement == .serverUnreachable)
    let message = played.all(.connectionFailed, .createRequest).first
      .flatMap { played.world.message(of: $0) }
    #expect(
      message == "Post \"https://192.0.2.9:6443/apis/certificates.k8s.io/v1/"
        + "certificatesigningrequests\": dial tcp 192.0.2.9:6443: connect: connection refused")
  }

  @Test func `B.6 while the server's certificate is not trusted the kubelet never exits`() {
    let played = played(seconds: 3_600) { $0.groups[0].bootstrapKubeconfig.trustsServer = false }
    #expect(played.all(.kubeletExited).isEmpty)
    #expect(played.world.node(at: 0).settlement == .serverNotTrusted)
    let message = played.all(.connectionFailed, .createRequest).first
      .flatMap { played.world.message(of: $0) }
    #expect(
      message?.hasSuffix(
        "tls: failed to verify certificate: x509: certificate signed by unknown authority") == true)
    #expect(played.all(.requestAnswered).isEmpty)
  }

  @Test func `B.6 a kubelet that waits for its approval never exits`() {
    let played = played(seconds: 890) {
      $0.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
    }
    #expect(played.all(.kubeletExited).isEmpty)
    #expect(played.world.node(at: 0).settlement == .nobodyApproves)
  }

  @Test func `B.6 a renewal closes connections at the next 10 s check`() {
    let played = played(seconds: 2_500) {
      $0.controllerManager.clusterSigningDuration = .hours(1)
    }
    #expect(played.seconds(.connectionsClosed) == [1, 2_440])
  }

  /// B.7: its requests are anonymous by then, and their connections are open. Source:
  /// pkg/kubelet/certificate/transport.go: the check of each second ends with the first certificate it sees.
  @Test func `B.6 a certificate after one that expired closes connections at the next 10 s check`()
  {
    let played = played(seconds: 2_600) {
      // The rotation begins 850 s before NotAfter, so that its second try is as the bootstrap token.
      $0.controllerManager.clusterSigningDuration = .seconds(2_533)
      $0.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-certificate-rotation" }
    }
    #expect(played.all(.kubeletExited).isEmpty)
    #expect(played.seconds(.certificateExpired).count == 1)
    #expect(played.seconds(.certificateStored).last.map { (2_580..<2_590).contains($0) } == true)
    #expect(played.seconds(.connectionsClosed) == [1, 2_590])
  }

  /// Recorded: after the first one the watch of the node begins anew, 2 ms later, the short ones that had no
  /// event do not (audit/first-node-rotate-true.jsonl).
  @Test func `B.6 watches end with their connections and begin anew`() {
    let played = played(seconds: 2_500) {
      $0.controllerManager.clusterSigningDuration = .hours(1)
    }
    let watches = { (call: Call) in
      played.all(.requestAnswered, call).filter { $0.answer == .ok }
        .map { $0.time.nanoseconds / 1_000_000_000 }
    }
    #expect(watches(.watchNodes) == [0, 1, 2_440])
    for call in [Call.watchServices, .watchCSIDrivers, .watchRuntimeClasses] {
      #expect(watches(call) == [0, 2_440], "\(call)")
    }
    #expect(watches(.watchPods).count == 2)
    #expect(watches(.watchPods).last == 2_440)
  }

  @Test func `B.6 a 401 that arrives at the very check of 301 s ends in an exit at the next one`() {
    let played = played(seconds: 330) { scenario in
      scenario.secrets = []
      // Until 286 s the server's certificate is not valid yet; then the answer takes 15 s.
      scenario.groups[0].clockOffset.shift = Duration.zero - .seconds(580)
      scenario.latency.refusal = .constant(.seconds(15))
    }
    #expect(played.seconds(.requestAnswered, .createRequest).first == 301)
    #expect(played.seconds(.kubeletExited) == [302])
  }

  @Test func `B.7 an expired certificate ends in an exit 5 min after the last good check`() {
    let played = played(seconds: 4_000) { scenario in
      scenario.controllerManager.clusterSigningDuration = .hours(1)
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-certificate-rotation" }
    }
    // The check at 3600 s still finds it valid, because equality counts as valid. L.6: the scan of 3605 s
    // notices the last heartbeat.
    #expect(played.seconds(.nodeLost) == [3_655])
    #expect(played.seconds(.kubeletExited) == [3_900])
    #expect(played.seconds(.kubeconfigExpired) == [3_910])
    #expect(played.seconds(.certificateStored) == [0, 3_910])
    #expect(played.seconds(.requestAnswered, .createRequest) == [0, 2_430, 3_332, 3_910])
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  /// A real timer is always late: of 31 checks, 10 s apart, the last is more than 5 min after the first.
  @Test(arguments: [0, 1_000, 100_000, 99_999_000, -1_000, -100_000])
  func `B.6 it is the 30th check after the last good one, by any clock`(drift: Int64) {
    let played = played(seconds: 5_000) { scenario in
      scenario.controllerManager.clusterSigningDuration = .hours(1)
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-certificate-rotation" }
      scenario.groups[0].arrivals = .atOnce(.seconds(3))
      scenario.groups[0].clockDriftPPB = drift...drift
    }
    let expired = played.seconds(.certificateExpired)[0]
    let rate = 1 + Double(drift) / 1e9
    let checks = ((played.seconds(.kubeletExited)[0] - 3) * rate / 10).rounded()
    #expect(checks == ((expired - 3) * rate / 10).rounded(.down) + 30)
  }

  @Test func `B.8 a serving CSR is asked for again every 15 min, and csrapproving ignores it`() {
    let played = played(seconds: 1_000) { $0.groups[0].kubelet.serverTLSBootstrap = true }
    let created = played.all(.requestAnswered, .createRequest)
    #expect(played.world.requestCount == 3)
    #expect(
      (0..<3).map { played.world.request(at: $0).signerName }
        == [SignerName.kubeAPIServerClientKubelet, .kubeletServing, .kubeletServing].map(\.text))
    // B.2 row 2: registered at 0.1 s, found by the loop's next round.
    #expect(created.map { Double($0.time.nanoseconds) / 1e9 } == [0, 1, 903])
    #expect(
      (0..<3).map { played.world.request(at: $0).condition }
        == ["Approved,Issued", "Pending", "Pending"])
    #expect(
      played.all(.requestAnswered, .createSubjectAccessReview).map(\.request) == [0])
    #expect(played.all(.notRecognized).map(\.request) == [1, 2])
    #expect(played.world.node(at: 0).settlement == .ready)
  }

  @Test func `O14 a token that expires while the CSR is pending ends in 401 and an exit`() {
    let played = played(seconds: 1_300) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      scenario.secrets[0].expiration = .at(scenario.start + 60_000_000_000)
    }
    #expect(
      played.all(.requestAnswered, .createRequest).prefix(2).map(\.answer)
        == [.created, .unauthorized])
    #expect(played.seconds(.kubeletExited).first == 903)
    #expect(played.seconds(.kubeletStarted) == [0, 913, 1_224])
    #expect(played.seconds(.kubeletExited) == [903, 1_214])
  }

  @Test func `O14 A.11 a watch that ends meets 401, and nothing is seen of an approval after it`() {
    let played = played(seconds: 1_000) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      scenario.secrets[0].expiration = .at(scenario.start + 60_000_000_000)
      var manual = ApproverSettings.Manual()
      manual.firstLook = .seconds(700)
      scenario.approvers = [ApproverSettings(kind: .manual(manual))]
    }
    // Its timeout is 300 to 600 s.
    let watches = played.all(.requestAnswered, .watchRequest)
    #expect(watches.map(\.answer).prefix(2) == [.ok, .unauthorized])
    #expect(watches[1].time < .zero + .seconds(700))
    #expect(played.seconds(.administratorDecided) == [700])
    #expect(played.all(.approvalSeen).isEmpty)
    #expect(played.all(.certificateStored).isEmpty)
    #expect(played.seconds(.kubeletExited) == [903])
  }

  @Test func `O19 a denied CSR is followed by a new one at the pace of the ladder`() {
    let played = played(seconds: 700) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      var denier = ApproverSettings(kind: .external(ApproverSettings.External()))
      denier.decision = .deny
      denier.reason = "KubectlDeny"
      denier.message = "This CSR was denied by kubectl certificate deny."
      scenario.approvers = [denier]
    }
    #expect(
      played.seconds(.requestAnswered, .createRequest) == Self.ladder.filter { $0 <= 700 })
    #expect(played.all(.kubeletExited).isEmpty)
    for index in 0..<played.world.requestCount {
      #expect(played.world.request(at: index).condition == "Denied")
      #expect(played.world.request(at: index).reason == "KubectlDeny")
    }
    #expect(
      Set((0..<played.world.requestCount).map { played.world.request(at: $0).name }).count
        == played.world.requestCount)
    #expect(played.world.node(at: 0).settlement == .denied)
    // A denial is no approval: neither the count nor step 8.
    #expect(played.world.statistics.approved.count == 0)
    #expect(!played.steps(of: 0).contains(8))
  }

  @Test(arguments: [
    (BootstrapKubeconfig.State.absent, Settlement.bootstrapKubeconfigMissing),
    (.unreadable, .bootstrapKubeconfigUnreadable),
  ])
  func `O1 and O2 without a usable bootstrap kubeconfig the kubelet starts every 10 s`(
    state: BootstrapKubeconfig.State, settlement: Settlement
  ) {
    let played = played(seconds: 35) { $0.groups[0].bootstrapKubeconfig.state = state }
    #expect(played.seconds(.kubeletStarted) == [0, 10, 20, 30])
    #expect(played.seconds(.kubeletExited) == [0, 10, 20, 30])
    #expect(played.all(.requestAnswered).isEmpty)
    #expect(played.world.node(at: 0).settlement == settlement)
  }

  @Test func `A.1 the missing file is named in the error`() {
    let played = played(seconds: 1) { $0.groups[0].bootstrapKubeconfig.state = .absent }
    #expect(
      played.all(.bootstrapKubeconfigUnusable).map { played.world.message(of: $0) } == [
        "unable to load bootstrap kubeconfig: stat /etc/kubernetes/bootstrap-kubelet.conf: "
          + "no such file or directory"
      ])
  }

  @Test func `A.5 a generated name is csr and five letters that spell no word`() {
    let played = Cluster.kubeadm(nodes: 200).play()
    let alphabet = Set("bcdfghjklmnpqrstvwxz2456789")
    var names: Set<String> = []
    for index in 0..<200 {
      let name = played.world.request(at: index).name
      #expect(name.count == 9 && name.hasPrefix("csr-"))
      #expect(name.dropFirst(4).allSatisfy(alphabet.contains))
      names.insert(name)
    }
    #expect(names.count == 200)
  }

  private func played(seconds: Int64, _ change: (inout Scenario) -> Void) -> Played {
    Cluster.kubeadm(nodes: 1) { scenario in
      change(&scenario)
      scenario.stop = .duration
      scenario.duration = .seconds(seconds)
    }.play()
  }

  private func refusedConnections(seconds: Int64) -> Played {
    played(seconds: seconds) {
      $0.groups[0].bootstrapKubeconfig.server = "https://192.0.2.9:6443"
    }
  }
}
