import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Sections A.3 to A.7 of protocol.md: MODE-F, which bootstraps before anything else starts.
struct ForegroundTests {
  @Test func `A.3 MODE-F takes the steps in the order of the specification`() {
    let played = foreground(seconds: 20)
    var steps: [Int] = []
    for step in played.steps(of: 0) where steps.last != step { steps.append(step) }
    #expect(steps == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
    #expect(played.all(.kubeconfigWrittenEarly).isEmpty)
    #expect(played.waits.isEmpty)
    #expect(played.seconds(.nodeRegistered) == [0.1])
  }

  @Test func `A.3 MODE-F never renews`() {
    let played = foreground(seconds: 7_200) {
      $0.controllerManager.clusterSigningDuration = .hours(1)
    }
    #expect(played.world.requestCount == 1)
    #expect(played.all(.rotationPlanned).isEmpty)
    #expect(played.seconds(.nodeLost).count == 1)
    #expect(played.all(.kubeletExited).isEmpty)
  }

  @Test func `A.4 healthz is asked every 2.0 to 2.4 s for 60 s`() {
    var cluster = Cluster.kubeadm(nodes: 100) { scenario in
      scenario.groups[0].kubelet.rotateCertificates = false
      scenario.secrets = []
      scenario.stop = .duration
      scenario.duration = .seconds(69)
    }
    cluster.jitter = .drawn
    let played = cluster.play()
    for node in 0..<100 {
      let polls = played.all(.requestAnswered, .getHealthz).filter { $0.node == node }
        .map { Double($0.time.nanoseconds) / 1e9 }
      let gaps = zip(polls.dropFirst(), polls).map { $0 - $1 }
      #expect(polls.first == 0)
      #expect(gaps.allSatisfy { $0 >= 2 && $0 < 2.4 })
      #expect((25...30).contains(polls.count))
      #expect((polls.last ?? 0) < 60)
    }
    #expect(played.seconds(.kubeletExited) == Array(repeating: 60, count: 100))
  }

  @Test
  func `A.4 with a token that authenticates healthz is good at once, and a 403 exits at once`() {
    let played = foreground(seconds: 15) {
      $0.bindings.removeAll { $0.name == "kubeadm:kubelet-bootstrap" }
    }
    #expect(played.seconds(.requestAnswered, .getHealthz) == [0, 10])
    #expect(played.seconds(.kubeletExited) == [0, 10])
    #expect(played.seconds(.kubeletStarted) == [0, 10])
  }

  @Test func `A.4 while connections are refused MODE-F exits at 60 s and starts again at 70 s`() {
    let played = foreground(seconds: 215) {
      $0.groups[0].bootstrapKubeconfig.server = "https://192.0.2.9:6443"
    }
    #expect(played.seconds(.kubeletExited) == [60, 130, 200])
    #expect(played.seconds(.connectionFailed, .createRequest) == [60, 130, 200])
    #expect(played.seconds(.kubeletStarted) == [0, 70, 140, 210])
  }

  @Test func `A.4 a try has 1 s, and a later answer counts for nothing`() {
    let played = foreground(seconds: 70) {
      $0.latency.read = .constant(.milliseconds(1_001))
    }
    let tries = played.all(.connectionFailed, .getHealthz)
    #expect(tries.allSatisfy { $0.answer == .deadlineExceeded })
    // Given up after 1 s each, with gaps of 2 s.
    #expect(played.seconds(.connectionFailed, .getHealthz) == (0..<20).map { Double(3 * $0 + 1) })
    #expect(played.seconds(.serverAwaited) == [60])
    #expect(played.seconds(.requestAnswered, .createRequest).first == 60)
    #expect(played.all(.certificateStored).count == 1)
  }

  @Test func `A.4 a try that is answered within 1 s is good`() {
    let played = foreground(seconds: 70) { $0.latency.read = .constant(.milliseconds(999)) }
    #expect(played.all(.connectionFailed, .getHealthz).isEmpty)
    #expect(played.seconds(.requestAnswered, .createRequest) == [0.999])
  }

  @Test func `A.4 a network slower than 1 s lets MODE-F wait for 60 s, and go on`() {
    let played = foreground(seconds: 90) {
      $0.latency.network = .constant(.milliseconds(600))
    }
    #expect(played.seconds(.connectionFailed, .getHealthz).count == 20)
    #expect(played.seconds(.requestAnswered, .createRequest) == [60.6])
    #expect(played.all(.certificateStored).count == 1)
  }

  @Test func `A.4 a last try that is on its way after 60 s ends with the wait`() {
    let played = foreground(seconds: 61) {
      $0.secrets = []
      $0.latency.refusal = .constant(.milliseconds(960))
    }
    // Tries 2.96 s apart: the 21st is sent at 59.2 s.
    #expect(played.seconds(.connectionFailed, .getHealthz) == [60])
    #expect(played.seconds(.serverAwaited) == [60])
    #expect(played.seconds(.requestAnswered, .createRequest) == [60.96])
  }

  @Test func `A.4 A.11 a 429 is no answer within 1 s`() {
    let played = foreground(seconds: 10) { scenario in
      scenario.apiServer.enablePriorityAndFairness = false
      scenario.apiServer.maxRequestsInFlight = 1
      // Another client's read has the only seat until 0.9 s.
      var read = ForeignRequest()
      read.verb = "list"
      read.resource = "nodes"
      scenario.requests = [ClientRequest(name: "read", act: .ask(read))]
      scenario.groups[0].arrivals = .times([.milliseconds(500)])
      scenario.latency.read = .constant(.milliseconds(900))
    }
    #expect(played.seconds(.requestAnswered, .getHealthz).first == 0.5)
    #expect(played.all(.requestAnswered, .getHealthz).first?.answer == .tooManyRequests)
    #expect(played.seconds(.connectionFailed, .getHealthz) == [1.5])
    #expect(played.all(.retryAfterWaited, .getHealthz).isEmpty)
    #expect(played.seconds(.requestAnswered, .getHealthz).last == 4.4)
  }

  @Test func `A.5 a MODE-F name has 52 characters`() {
    let played = foreground(seconds: 1)
    let name = played.world.request(at: 0).name
    #expect(name.hasPrefix("node-csr-"))
    #expect(name.count == 52)
  }

  @Test func `A.6 after an exit MODE-F rejoins the same CSR: 409, GET, reuse`() {
    let played = foreground(seconds: 4_100) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      var manual = ApproverSettings.Manual()
      manual.firstLook = .seconds(4_000)
      scenario.approvers = [ApproverSettings(kind: .manual(manual))]
    }
    #expect(played.seconds(.kubeletExited) == [3_600])
    #expect(played.seconds(.kubeletStarted) == [0, 3_610])
    #expect(
      played.all(.requestAnswered, .createRequest).map(\.answer) == [.created, .alreadyExists])
    let reads = played.all(.requestAnswered, .getRequest).filter {
      $0.node == 0 && $0.actor.kind == .bootstrapToken
    }
    #expect(reads.map(\.answer) == [.ok])
    #expect(played.world.requestCount == 1)
    #expect(played.seconds(.certificateStored) == [4_000])
    let name = played.world.request(at: 0).name
    #expect(
      played.world.message(of: played.all(.requestAnswered, .createRequest)[1])
        == "certificatesigningrequests.certificates.k8s.io \"\(name)\" already exists")
  }

  @Test func `A.6 a denied CSR poisons every later start of MODE-F`() {
    let played = foreground(seconds: 45) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      var denier = ApproverSettings(kind: .external(ApproverSettings.External()))
      denier.decision = .deny
      scenario.approvers = [denier]
      scenario.controllerManager.csrcleaner = false
    }
    #expect(played.seconds(.kubeletStarted) == [0, 10, 20, 30, 40])
    #expect(played.seconds(.kubeletExited) == [0, 10, 20, 30, 40])
    #expect(played.world.requestCount == 1)
    #expect(
      played.all(.requestAnswered, .createRequest).map(\.answer)
        == [.created] + Array(repeating: .alreadyExists, count: 4))
    #expect(played.world.node(at: 0).settlement == .denied)
  }

  @Test func `A.7 MODE-F waits 3600 s for its certificate`() {
    let played = foreground(seconds: 3_605) {
      $0.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
    }
    #expect(played.all(.waitEnded).map(\.value) == [3_600_000_000_000])
    #expect(played.seconds(.kubeletExited) == [3_600])
  }

  @Test func `M.1 row 11 MODE-F's wait is by the kubelet's own clock, lists included`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.groups[0].kubelet.rotateCertificates = false
      scenario.roles = [Cluster.bootstrapperWithoutWatch]
      // It gains a fourth: 3,600 s take 2,880 s.
      scenario.groups[0].clockDriftPPB = 250_000_000...250_000_000
      scenario.stop = .duration
      scenario.duration = .seconds(2_885)
    }.play()
    #expect(played.seconds(.waitEnded) == [2_880])
    #expect(played.seconds(.kubeletExited) == [2_880])
    let lists = played.seconds(.requestAnswered, .listRequest)
    #expect(lists.prefix(4) == [0, 0.8, 1.6, 2.4])
  }

  @Test(arguments: [true, false])
  func `why a node waits in vain is told once in both modes`(rotates: Bool) {
    let played = foreground(seconds: 2) { scenario in
      scenario.groups[0].kubelet.rotateCertificates = rotates
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
    }
    #expect(
      played.all(.settled).map { played.world.message(of: $0) }
        == ["nobody will approve its CSR (O17, O18, O23, O24)"])
    #expect(played.world.failedCount == 1)
  }

  @Test(arguments: [true, false])
  func `O16 without list and watch the kubelet asks each second and never sees its certificate`(
    rotates: Bool
  ) {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.groups[0].kubelet.rotateCertificates = rotates
      scenario.roles = [Cluster.bootstrapperWithoutWatch]
      scenario.stop = .duration
      scenario.duration = .milliseconds(10_500)
    }.play()
    #expect(played.seconds(.requestAnswered, .listRequest) == (0...10).map(Double.init))
    // A.7: each time in the other version too.
    let others = played.all(.requestAnswered, .listBetaRequest)
    #expect(others.count == 11 && others.allSatisfy { $0.answer == .forbidden })
    #expect(played.world.request(at: 0).condition == "Approved,Issued")
    #expect(played.all(.certificateStored).isEmpty)
    #expect(played.world.node(at: 0).settlement == .notAllowedToWatch)
  }

  @Test func `A.7 who may list is told that v1beta1 is not served, and tries again after 1 s`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.faults = [fault(.milliseconds(150), for: .seconds(1), .apiServerDown())]
      scenario.latency.network = .constant(.milliseconds(100))
    }.play()
    // Each refusal takes there and back half of what an answer would.
    #expect(played.seconds(.connectionFailed, .listRequest) == [0.2])
    #expect(played.seconds(.connectionFailed, .listBetaRequest) == [0.3])
    #expect(played.seconds(.requestAnswered, .listRequest) == [1.5])
    var world = played.world
    let number = world.turn.calls.add(
      PendingCall(
        call: .listBetaRequest, client: .kubelet, owner: 0, node: 0,
        credential: .component(Identity(.controllerManager))))
    #expect(!world.server.execute(number, &world.turn))
    #expect(world.turn.calls[number].answer == .notFound)
  }

  private func foreground(
    seconds: Int64, _ change: (inout Scenario) -> Void = { _ in }
  ) -> Played {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.groups[0].kubelet.rotateCertificates = false
      change(&scenario)
      scenario.stop = .duration
      scenario.duration = .seconds(seconds)
    }.play()
  }
}
