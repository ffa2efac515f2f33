import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Sections C.5, L.6 and M of protocol.md: a heartbeat counts if it is taken, whatever it was that kept
/// earlier ones from being; the same whether heartbeats are derived or played.
struct HeartbeatReviewTests {
  /// When the node turned Unknown and Known again, and whether it is Ready in the end.
  private struct Course: Equatable {
    var unknown: [Double]
    var known: [Double]
    var isReady: Bool
  }

  private func play(
    _ isPlayed: Bool, seconds: Int64, _ change: (inout Scenario) -> Void
  ) -> Played {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.groups[0].kubelet.playsHeartbeats = isPlayed
      scenario.stop = .duration
      scenario.duration = .seconds(seconds)
      change(&scenario)
    }.play()
  }

  private func course(of played: Played) -> Course {
    Course(
      unknown: played.seconds(.nodeUnknown), known: played.seconds(.nodeKnown),
      isReady: played.world.readyCount == 1)
  }

  private func signing(_ length: Duration, _ scenario: inout Scenario) {
    scenario.controllerManager.clusterSigningDuration = length
  }

  @Test(arguments: [false, true], [0, 1, -1])
  func `C.5 the server's clock alone ends the certificate of a kubelet that does not rotate`(
    isPlayed: Bool, offset: Int64
  ) {
    let played = play(isPlayed, seconds: 7_200) {
      signing(.hours(1), &$0)
      $0.groups[0].kubelet.rotateCertificates = false
      $0.groups[0].clockOffset = SignedDistribution(
        .constant(.zero), shift: .milliseconds(offset))
    }
    #expect(played.seconds(.nodeUnknown).count == 1)
    #expect((3_650...3_660).contains(played.seconds(.nodeUnknown)[0]))
    #expect(played.world.node(at: 0).settlement == .certificateExpired)
  }

  @Test(arguments: [false, true])
  func `O25 a renewed certificate of another CA is refused once it is used`(isPlayed: Bool) {
    let played = play(isPlayed, seconds: 2_400) {
      signing(.minutes(10), &$0)
      $0.latency.kubeletInitialization = .constant(.milliseconds(500))
      $0.faults = [fault(.seconds(60), .authority(.replaceSigningCA))]
    }
    // Renewed at 70 % of 15 min, less the backdate: 330 s; B.6: used at the next check, 10 s later at most.
    let renewed = played.all(.certificateStored)[1].time
    let closed = played.all(.connectionsClosed)[1].time
    #expect(closed > renewed && closed - renewed <= .seconds(10))
    let course = course(of: played)
    #expect(course.unknown.count == 1 && course.known == [] && !course.isReady)
    let gone = Double((closed - Instant.zero).nanoseconds) / 1e9
    #expect((gone + 40...gone + 60).contains(course.unknown[0]))
    #expect(played.world.node(at: 0).settlement == .certificateRefused)
    // B.6: until then the open connection carries the certificate of before.
    let between = played.events.filter {
      $0.kind == .requestAnswered && $0.call == .updateLease && $0.time > renewed
        && $0.time < closed
    }
    #expect(between.map(\.answer) == (isPlayed ? [.ok] : []))
  }

  @Test(arguments: [false, true])
  func `C.5 of a later certificate of another CA the server says that, not that the first expired`(
    isPlayed: Bool
  ) {
    let played = play(isPlayed, seconds: 700) {
      signing(.minutes(10), &$0)
      $0.faults = [fault(.seconds(60), .authority(.replaceSigningCA))]
    }
    let refused = played.all(.authenticationFailed).filter { $0.time > .zero + .seconds(610) }
    let texts = Set(refused.map { played.world.message(of: $0) })
    #expect(texts == ["x509: certificate signed by unknown authority"])
    #expect(!refused.isEmpty)
  }

  @Test(arguments: [false, true])
  func `M.2 a certificate that is not valid yet counts as soon as the server's clock is there`(
    isPlayed: Bool
  ) {
    let played = play(isPlayed, seconds: 2_400) {
      signing(.minutes(10), &$0)
      $0.faults = [
        fault(.seconds(60), for: .minutes(10), .managerClock(ClockFault(offset: .minutes(20))))
      ]
    }
    let renewed = played.all(.certificateStored)[1].time
    let valid = Double((renewed - Instant.zero).nanoseconds) / 1e9 + 15 * 60
    let course = course(of: played)
    #expect(course.unknown.count == 1 && course.known.count == 1 && course.isReady)
    #expect((valid...valid + 11).contains(course.known[0]))
    #expect(played.all(.settled).isEmpty)
  }

  @Test(arguments: [false, true])
  func `L.6 what a node cannot tell makes it no better known`(isPlayed: Bool) {
    let played = play(isPlayed, seconds: 2_400) {
      signing(.minutes(10), &$0)
      $0.faults = [fault(.seconds(200), .network(NodeSelector(), .partition))]
    }
    let course = course(of: played)
    #expect(course.unknown.count == 1 && course.known == [] && !course.isReady)
  }

  /// A fault that ends, and another that goes on.
  static let overlaps: [[TimedFault]] = [
    [
      fault(.seconds(100), for: .minutes(5), .network(NodeSelector(), .partition)),
      fault(.seconds(200), .kubelet(NodeSelector(), .pause)),
    ],
    [
      fault(.seconds(50), for: .minutes(5), .authority(.replaceClientCA)),
      fault(.seconds(100), .network(NodeSelector(), .partition)),
    ],
    [
      fault(.seconds(100), for: .minutes(5), .network(NodeSelector(), .partition)),
      fault(.seconds(200), .authority(.replaceServingCA)),
    ],
    [
      fault(.seconds(100), for: .minutes(5), .network(NodeSelector(), .partition)),
      fault(.seconds(200), .authority(.replaceClientCA)),
    ],
  ]

  @Test(arguments: [false, true], overlaps)
  func `L.6 the end of one fault does not undo another`(isPlayed: Bool, faults: [TimedFault]) {
    let course = course(of: play(isPlayed, seconds: 1_800) { $0.faults = faults })
    #expect(course.unknown.count == 1 && course.known == [] && !course.isReady)
  }

  @Test func `A.11 O5 a dial that a partition held up meets the server's new CA`() {
    let played = play(true, seconds: 420) { $0.faults = Self.overlaps[2] }
    let late = played.all(.requestAnswered).filter {
      $0.time >= .zero + .seconds(400) && $0.node == 0
    }
    #expect(late.isEmpty)
    #expect(played.all(.connectionFailed).contains { $0.answer == .unknownAuthority })
  }

  @Test(arguments: [false, true])
  func `L.6 nobody is known while no API server is up`(isPlayed: Bool) {
    let played = play(isPlayed, seconds: 1_800) {
      $0.faults = [
        fault(.seconds(100), for: .minutes(5), .network(NodeSelector(), .partition)),
        fault(.seconds(300), for: .minutes(20), .apiServerDown()),
      ]
    }
    let course = course(of: played)
    #expect(course.unknown.count == 1 && course.known.count == 1 && course.isReady)
    #expect((1_500...1_511).contains(course.known[0]))
  }

  @Test(arguments: [false, true])
  func `L.6 a node is known by a heartbeat, not by the end of what kept it away`(isPlayed: Bool) {
    let played = play(isPlayed, seconds: 1_000) {
      $0.faults = [fault(.seconds(61), for: .minutes(10), .authority(.replaceClientCA))]
    }
    let course = course(of: played)
    #expect(course.unknown.count == 1 && course.known.count == 1 && course.isReady)
    #expect(course.known[0] > 661 && course.known[0] <= 671)
  }

  @Test(arguments: [false, true])
  func `M.1 row 18 each report of a clock that was stepped back counts for 50 s and more`(
    isPlayed: Bool
  ) {
    let played = play(isPlayed, seconds: 4_200) {
      $0.faults = [
        fault(.minutes(10), .nodeClock(NodeSelector(), ClockFault(offset: .minutes(-60))))
      ]
    }
    let course = course(of: played)
    #expect(course.unknown.count > 10)
    #expect(zip(course.known, course.unknown.dropFirst()).allSatisfy { $1 - $0 >= 50 })
    // L.4: the status loop finds conditions that are not its own.
    #expect(zip(course.unknown, course.known).allSatisfy { $1 - $0 <= 11 })
  }

  @Test(arguments: [false, true])
  func `C.5 with the CA expire the certificates below it`(isPlayed: Bool) {
    let played = play(isPlayed, seconds: 3_000) {
      signing(.hours(1), &$0)
      $0.faults = [fault(.minutes(30), .authority(.expireSigningCA))]
    }
    let course = course(of: played)
    #expect(course.unknown.count == 1 && course.known == [] && !course.isReady)
    #expect((1_840...1_860).contains(course.unknown[0]))
    let refused = played.all(.authenticationFailed, .createRequest).prefix(1)
    #expect(refused.map(\.answer) == [.unauthorized])
    #expect(
      refused.allSatisfy {
        (played.world.message(of: $0) ?? "").hasSuffix("is after 2026-01-01T00:30:00Z")
      })
  }

  @Test(arguments: [true, false])
  func `C.5 only another CA helps a node whose certificate is below one that has expired`(
    rotates: Bool
  ) {
    for length in [nil, Duration.minutes(10)] {
      let played = play(false, seconds: 4_000) {
        $0.groups[0].kubelet.rotateCertificates = rotates
        $0.faults = [fault(.minutes(30), for: length, .authority(.expireSigningCA))]
      }
      let settlement = played.world.node(at: 0).settlement
      #expect(settlement == (length == nil ? .certificateRefused : .ready), "\(settlement)")
    }
  }

  @Test(arguments: [false, true])
  func `L.6 D.1 a node whose rights are taken is Unknown`(isPlayed: Bool) {
    let played = play(isPlayed, seconds: 300) {
      $0.apiServer.authorizationModes = [.rbac]
      $0.roles = [RBAC.Role(name: "node", rules: BuiltinRoles.nodeRules)]
      $0.bindings.append(Cluster.binding("nodes", "node", "system:nodes"))
      $0.faults = [fault(.seconds(95), .binding(BindingFault(name: "nodes")))]
    }
    let course = course(of: played)
    #expect(course.unknown.count == 1 && course.known == [] && !course.isReady)
    #expect((140...160).contains(course.unknown[0]))
  }

  // MARK: A certificate that is over for the kubelet only

  /// Certificates of 1 h, the node's clock stepped ahead after 10 min.
  private func play(
    _ isPlayed: Bool, aheadBy step: Duration, for length: Duration? = nil,
    _ change: (inout Scenario) -> Void = { _ in }
  ) -> Played {
    play(isPlayed, seconds: 1_200) {
      signing(.hours(1), &$0)
      let clock = Fault.nodeClock(NodeSelector(), ClockFault(offset: step))
      $0.faults = [fault(.minutes(10), for: length, clock)]
      change(&$0)
    }
  }

  @Test(arguments: [false, true])
  func `B.6 M.2 a node ahead of NotAfter keeps its open connection until it exits`(isPlayed: Bool) {
    // 61 min: each further certificate has expired when it is made, O47.
    let played = play(isPlayed, aheadBy: .minutes(61))
    #expect(played.seconds(.certificateExpired).first == 600)
    let exited = played.seconds(.kubeletExited)
    #expect(exited.first.map { (890...900).contains($0) } == true)
    let course = course(of: played)
    #expect(course.unknown.count == 1 && course.known == [] && !course.isReady)
    #expect(course.unknown.first.map { (930...950).contains($0) } == true, "\(course)")
  }

  @Test(arguments: [false, true])
  func `B.7 M.2 a node that bootstraps anew by its open connection's time is never Unknown`(
    isPlayed: Bool
  ) {
    let played = play(isPlayed, aheadBy: .minutes(57))
    #expect(played.seconds(.certificateStored).count > 1)
    #expect(course(of: played) == Course(unknown: [], known: [], isReady: true))
  }

  @Test(arguments: [false, true])
  func `M.2 a new connection of a node ahead of NotAfter is anonymous`(isPlayed: Bool) {
    let played = play(isPlayed, aheadBy: .minutes(61)) {
      $0.faults.append(
        fault(
          .seconds(660), for: .seconds(60),
          .network(NodeSelector(), .partition)))
    }
    let course = course(of: played)
    #expect(course.unknown.count == 1 && course.known == [])
    #expect(course.unknown.first.map { (700...720).contains($0) } == true, "\(course)")
  }
}
