import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Several API servers behind a load balancer: protocol.md C.4, J.3, K, O42.
struct ReplicaTests {
  private func play(
    servers: Int, nodes: Int, _ faults: [TimedFault] = [], jitter: World.Jitter = .lowest,
    _ change: (inout Scenario) -> Void = { _ in }
  ) -> Played {
    var cluster = Cluster.kubeadm(nodes: nodes) { scenario in
      scenario.apiServer.replicas = servers
      scenario.faults = faults
      change(&scenario)
    }
    cluster.jitter = jitter
    return cluster.play()
  }

  private func starts(_ seconds: [Int64]) -> (inout Scenario) -> Void {
    { $0.groups[0].arrivals = .times(seconds.map { .seconds($0) }) }
  }

  /// The answers to creates between two instants, each with the server that gave it.
  private func creates(
    _ played: Played, from start: Duration, to end: Duration = .days(1)
  ) -> [(server: Int64, answer: Answer)] {
    let opened = played.all(.connectionOpened)
    return played.all(.requestAnswered, .createRequest)
      .filter { (.zero + start..<(.zero + end)).contains($0.time) }
      .compactMap { answered in
        opened.last { $0.node == answered.node && $0.id < answered.id }
          .map { ($0.value, answered.answer) }
      }
  }

  // MARK: Connections

  @Test func `connections go to the servers in turn, and stay`() {
    let played = play(servers: 3, nodes: 5, [], starts([0, 20, 40, 60, 80]))
    // Of each node that of its token, that of its certificate, and another one when the kubelet has seen
    // that the certificate is new and closed the one before (B.6); the run ends before the last of them.
    let opened = played.all(.connectionOpened)
    #expect(opened.map(\.value) == (0..<14).map { $0 % 3 })
    #expect(opened.map(\.node) == (0..<14).map { $0 / 3 })
    #expect(played.ending == .allReady)
  }

  @Test func `by the source all connections of a node have one server`() {
    let played = play(servers: 3, nodes: 5) {
      $0.groups[0].arrivals = .times([0, 20, 40, 60, 80].map { .seconds($0) })
      $0.apiServer.balancing = .source
    }
    let opened = played.all(.connectionOpened)
    #expect(opened.count == 14)
    #expect(opened.allSatisfy { $0.value == Int64($0.node % 3) })
  }

  @Test func `one server opens no connection that is told`() {
    #expect(play(servers: 1, nodes: 3).all(.connectionOpened).isEmpty)
  }

  @Test func `B.6 a rotated certificate comes with a new connection`() {
    let played = play(servers: 2, nodes: 1) {
      $0.controllerManager.clusterSigningDuration = .hours(1)
      $0.duration = .hours(1)
      $0.stop = .duration
    }
    let renewals = played.all(.connectionsClosed).count
    #expect(renewals >= 2)
    #expect(played.all(.connectionOpened).count >= 2)
    #expect(played.all(.requestAnswered).allSatisfy { $0.answer != .unauthorized })
  }

  // MARK: Tokens

  @Test func `C.4 a revoked token keeps working up to 10 s on each server that has used it`() {
    let played = play(
      servers: 2, nodes: 4, [fault(.seconds(5), .token(Self.deletion))], starts([0, 6, 6, 6]))
    // Server 1 has not seen the token before its Secret went. A 401 ends the connection (B.7), and the try
    // two seconds later may reach server 0, which found the token good at 0 s and believes so until 10 s.
    let tries = creates(played, from: .seconds(6), to: .seconds(10))
    #expect(tries.contains { $0.server == 0 } && tries.contains { $0.server == 1 })
    #expect(tries.allSatisfy { $0.answer == ($0.server == 0 ? .created : .unauthorized) })
  }

  @Test func `O42 a server with a stale cache of Secrets refuses a token of which others know`()
    throws
  {
    let played = play(
      servers: 2, nodes: 6,
      [
        fault(.zero, for: .seconds(10), .token(Self.deletion)),
        fault(.zero, for: .seconds(60), .staleSecrets(replica: 1)),
      ], starts([20, 20, 20, 30, 30, 30]))
    let tries = creates(played, from: .zero)
    #expect(tries.contains { $0.server == 0 } && tries.contains { $0.server == 1 })
    #expect(tries.allSatisfy { $0.answer == ($0.server == 0 ? .created : .unauthorized) })
    let refused = try #require(played.all(.authenticationFailed).first)
    #expect(played.world.message(of: refused)?.contains("bootstrap-token-abcdef") == true)
    #expect(played.ending == .allReady)
  }

  @Test func `O42 one server alone that is stale refuses until it has caught up`() {
    let played = play(
      servers: 1, nodes: 1,
      [
        fault(.zero, for: .seconds(10), .token(Self.deletion)),
        fault(.zero, for: .seconds(25), .staleSecrets()),
      ], starts([20]))
    #expect(
      played.all(.authenticationFailed).map { $0.time } == [20, 22].map { .zero + .seconds($0) })
    #expect(played.ending == .allReady)
  }

  // MARK: Clocks (M)

  private func ahead(_ offset: Duration, replica: Int) -> TimedFault {
    fault(.zero, .serverClock(ClockFault(offset: offset), replica: replica))
  }

  @Test func `M.1 row 1 each server goes by its own clock about a token's expiration`() {
    let played = play(servers: 2, nodes: 4, [ahead(.hours(2), replica: 1)]) {
      $0.secrets[0].expiration = .at($0.start + Duration.hours(1).nanoseconds)
    }
    let tries = creates(played, from: .zero)
    #expect(tries.contains { $0.server == 0 } && tries.contains { $0.server == 1 })
    #expect(tries.allSatisfy { $0.answer == ($0.server == 0 ? .created : .unauthorized) })
    #expect(played.ending == .allReady)
  }

  @Test func `M.1 row 5 a certificate is good where one server's clock has not passed NotAfter`() {
    let played = play(servers: 2, nodes: 4, [ahead(.hours(2), replica: 1)]) {
      $0.controllerManager.clusterSigningDuration = .hours(1)
      $0.duration = .minutes(30)
      $0.stop = .duration
    }
    // Server 1 refuses every certificate at birth; after a 401 the next connection may be to server 0.
    let refused = played.all(.authenticationFailed).filter { $0.step == 0 }
    #expect(!refused.isEmpty)
    #expect(
      refused.allSatisfy {
        played.world.message(of: $0)?.contains("certificate has expired") == true
      })
    #expect(played.world.readyCount == 4)
    #expect(played.all(.nodeUnknown).isEmpty)
  }

  @Test func `M.1 row 13 a CSR is dated by the server that stored it`() throws {
    let played = play(servers: 2, nodes: 2, [ahead(.hours(2), replica: 1)]) {
      $0.apiServer.balancing = .source
      withoutApproval(&$0)
      $0.duration = .minutes(1)
      $0.stop = .duration
    }
    let start = played.world.scenario.start
    #expect(
      (0..<2).map { played.world.latestWrite(ofRequest: $0).dated - start }
        == [0, Duration.hours(2).nanoseconds])
  }

  @Test func `M.1 the clock of every server is stepped, and one more`() {
    let played = play(
      servers: 2, nodes: 2,
      [
        fault(.zero, .serverClock(ClockFault(offset: .hours(2)))),
        fault(.zero, for: .seconds(30), .serverClock(ClockFault(offset: .hours(-2)), replica: 0)),
      ]
    ) {
      $0.groups[0].arrivals = .times([.zero, .seconds(40)])
      $0.secrets[0].expiration = .at($0.start + Duration.hours(1).nanoseconds)
      $0.apiServer.balancing = .source
      $0.duration = .seconds(50)
      $0.stop = .duration
    }
    #expect(creates(played, from: .zero).map(\.answer).first == .created)
    // Server 1 never knew a time at which the token was good.
    #expect(
      played.all(.requestAnswered, .createRequest).filter { $0.node == 1 }
        .allSatisfy { $0.answer == .unauthorized })
  }

  private static let deletion = TokenFault(tokenID: "abcdef", action: .delete)

  // MARK: Outages (K.4)

  @Test func `K.4 of two servers the one that is left takes over, and nobody is refused`() {
    let played = play(
      servers: 2, nodes: 4, [fault(.seconds(10), for: .seconds(30), .apiServerDown(replica: 1))]
    ) {
      withoutApproval(&$0)
      $0.duration = .minutes(2)
      $0.stop = .duration
    }
    #expect(played.all(.connectionFailed, .createRequest).isEmpty)
    #expect(
      !played.all(.connectionFailed).contains { $0.answer == .connectionRefused })
    // Two of the watches were on server 1; they break, and go on with server 0.
    let again = played.all(.requestAnswered, .watchRequest).filter {
      $0.time >= .zero + .seconds(10)
    }
    #expect(again.count == 2)
    let moved = played.all(.connectionOpened).filter { $0.time >= .zero + .seconds(10) }
    #expect(moved.map(\.value) == [0, 0])
  }

  @Test func `K.4 who has moved stays where it is when the server is back`() {
    let played = play(
      servers: 2, nodes: 3, [fault(.seconds(10), for: .seconds(30), .apiServerDown(replica: 1))]
    ) {
      withoutApproval(&$0)
      $0.groups[0].arrivals = .times([0, 0, 60].map { .seconds($0) })
      $0.duration = .minutes(2)
      $0.stop = .duration
    }
    #expect(played.all(.connectionOpened).map(\.value) == [0, 1, 0, 1])
  }

  @Test func `K.4 with all of them down connections are refused`() {
    let played = play(servers: 3, nodes: 1, [fault(.zero, for: .seconds(40), .apiServerDown())])
    #expect(played.all(.connectionFailed, .createRequest).count == 5)
    #expect(played.seconds(.requestAnswered, .createRequest) == [62])
    #expect(played.ending == .allReady)
  }

  @Test func `K.4 a server that may finish answers what it has, and takes nothing new`() {
    let answers = { (grace: Duration) in
      play(
        servers: 1, nodes: 1,
        [fault(.seconds(1), for: .seconds(20), .apiServerDown(grace: grace))]
      ) {
        $0.latency.createRequest = .constant(.seconds(3))
        withoutApproval(&$0)
        $0.duration = .seconds(10)
        $0.stop = .duration
      }
    }
    let finished = answers(.seconds(30))
    #expect(finished.world.requestCount == 1)
    #expect(finished.seconds(.requestAnswered, .createRequest) == [3])
    #expect(finished.all(.connectionFailed, .listRequest).first?.answer == .connectionRefused)
    for grace in [Duration.zero, .seconds(1)] {
      let killed = answers(grace)
      #expect(killed.world.requestCount == 0)
      #expect(killed.all(.connectionFailed, .createRequest).first?.answer == .connectionLost)
    }
  }

  @Test func `K.4 a server that is killed ends what it has at once, and begins empty`() {
    let played = play(
      servers: 1, nodes: 6, [fault(.seconds(3), for: .seconds(4), .apiServerDown())]
    ) {
      $0.apiServer.enablePriorityAndFairness = true
      $0.apiServer.maxRequestsInFlight = 1
      $0.apiServer.maxMutatingRequestsInFlight = 1
      $0.latency.createRequest = .constant(.seconds(5))
      withoutApproval(&$0)
      $0.duration = .seconds(30)
      $0.stop = .duration
    }
    // Who waited for a seat, and who had one: all read EOF at 3 s.
    let lost = played.all(.connectionFailed, .createRequest).filter { $0.answer == .connectionLost }
    #expect(lost.count == 6)
    #expect(lost.allSatisfy { $0.time == .zero + .seconds(3) })
    // Whatever is answered was sent to the next process.
    #expect(
      played.all(.requestAnswered, .createRequest).allSatisfy {
        $0.time.nanoseconds - $0.value >= Duration.seconds(7).nanoseconds
      })
  }

  @Test func `K.4, O43 a server that is killed writes nothing, also not what was answered 504`() {
    let played = play(
      servers: 1, nodes: 1, [fault(.seconds(37), for: .seconds(10), .apiServerDown())]
    ) {
      $0.latency.createRequest = .constant(.seconds(40))
      withoutApproval(&$0)
      $0.duration = .seconds(60)
      $0.stop = .duration
    }
    #expect(played.seconds(.requestAnswered, .createRequest).first == 34)
    // The second try, of 36 s, breaks at the kill; the first has had its answer.
    #expect(played.seconds(.connectionFailed, .createRequest).first == 37)
    #expect(played.all(.writeCommitted).isEmpty)
    #expect(played.world.requestCount == 0)
  }

  @Test func `C.3 a server that starts lists the Secrets, however stale it was`() {
    let played = play(
      servers: 1, nodes: 1,
      [
        fault(.zero, for: .minutes(5), .staleSecrets()),
        fault(.seconds(4), .token(Self.deletion)),
        fault(.seconds(8), for: .seconds(1), .apiServerDown()),
      ], starts([20]))
    #expect(!played.all(.authenticationFailed).isEmpty)
    #expect(played.world.requestCount == 0)
  }

  @Test func `A.11 a watch that moves to a server of before goes on`() {
    let played = moves(restarting: nil)
    #expect(played.all(.requestAnswered, .watchRequest).allSatisfy { $0.answer == .ok })
    #expect(played.all(.requestAnswered, .listRequest).count == 2)
  }

  @Test func `A.11 one that moves to a server started since is told 410, and lists`() {
    let played = moves(restarting: fault(.seconds(5), for: .seconds(1), .apiServerDown(replica: 0)))
    let gone = played.all(.requestAnswered, .watchRequest).filter { $0.answer == .gone }
    #expect(gone.count == 1)
  }

  /// Node 1 watches at server 1, which goes down at 20 s.
  private func moves(restarting earlier: TimedFault?) -> Played {
    let down = fault(.seconds(20), for: .seconds(60), .apiServerDown(replica: 1))
    return play(servers: 2, nodes: 2, (earlier.map { [$0] } ?? []) + [down]) {
      withoutApproval(&$0)
      // While server 0 is down for a second, nobody's watch is there.
      $0.groups[0].arrivals = .times([earlier == nil ? 0 : 30, 0].map { .seconds($0) })
      $0.duration = .minutes(1)
      $0.stop = .duration
    }
  }

  // MARK: Controller-managers (J.3)

  @Test func `J.3 a leader whose own server is down loses the lead to one whose server is not`() {
    let played = play(
      servers: 2, nodes: 2, [fault(.seconds(20), for: .minutes(5), .apiServerDown(replica: 0))]
    ) {
      $0.controllerManager.replicas = 2
      $0.groups[0].arrivals = .times([0, 25].map { .seconds($0) })
    }
    let elected = played.all(.leaderElected)
    #expect(elected.map(\.value) == [1])
    #expect(played.all(.managerExited).map(\.value).first == 0)
    // 15 s after the last renewal that was stored, within its jitter and polls (J.3).
    let instant = elected.first?.time ?? .never
    #expect(instant > .zero + .seconds(30) && instant < .zero + .seconds(45))
    #expect(played.ending == .allReady)
  }

  @Test func `J.3 the outage of another server costs no leadership`() {
    let played = play(
      servers: 2, nodes: 2, [fault(.seconds(20), for: .minutes(5), .apiServerDown(replica: 1))]
    ) {
      $0.controllerManager.replicas = 2
      $0.groups[0].arrivals = .times([0, 25].map { .seconds($0) })
    }
    #expect(played.all(.leaderElected).isEmpty)
    #expect(played.ending == .allReady)
  }

  // MARK: Load (K.2)

  @Test func `K.2 each server has its own seats and queues`() {
    let refused = { (servers: Int) in
      play(servers: servers, nodes: 1_500, jitter: .drawn) {
        $0.latency.createRequest = .constant(.milliseconds(300))
      }.world.statistics.seats.reduce(0) { $0 + $1.refused }
    }
    let alone = refused(1)
    #expect(alone > 0)
    #expect(refused(3) < alone / 2)
  }
}
