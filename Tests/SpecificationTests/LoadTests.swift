import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Sections K and A.11 of protocol.md: an API server with too few seats, and what its clients do.
struct LoadTests {
  @Test func `K.3 one flow has 300 places besides the seats, and whoever comes then is refused`() {
    let played = crowd(nodes: 400, seats: 120, create: .seconds(10), for: .milliseconds(900))
    let limit = played.world.fairness[0][.globalDefault].limit
    let refused = played.all(.requestAnswered, .createRequest)
    #expect(played.world.fairness[0].waiting == 300)
    #expect(refused.map(\.answer) == Array(repeating: .tooManyRequests, count: 100 - limit))
    #expect(refused.allSatisfy { $0.time == .zero })
    #expect(played.world.statistics.seats(of: "global-default")?.refused == 100 - limit)
  }

  @Test func `K.3 who waits 15 s for a seat is refused`() {
    let played = crowd(nodes: 200, seats: 25, create: .seconds(33), for: .milliseconds(15_900))
    let executing = played.world.fairness[0][.globalDefault].seatsInUse
    let refused = played.all(.requestAnswered, .createRequest)
    #expect((1...25).contains(executing))
    #expect(refused.count == 200 - executing)
    #expect(refused.allSatisfy { $0.answer == .tooManyRequests })
    #expect(refused.allSatisfy { $0.value == Duration.seconds(15).nanoseconds })
  }

  @Test func `K.3 a wait ends with the request whose seat is taken over`() {
    let played = crowd(nodes: 30, seats: 120, create: .seconds(4), for: .seconds(60))
    let waits = played.all(.seatAwaited)
    #expect(waits.count >= 20)
    for wait in waits {
      let end = played.events[Int(wait.endedBy) - 1]
      #expect(end.kind == .requestAnswered)
      #expect(end.time == wait.time)
      // The wait began with the request, which it leads on to its answer.
      let answers = played.all(.requestAnswered).filter { $0.time >= wait.time }
      #expect(answers.contains { played.chain(of: $0).contains(wait) })
    }
    #expect(Set(waits.map(\.endedBy)).count == waits.count)
    let waited = played.world.statistics.seats.map(\.waits)
    #expect(waited.reduce(0) { $0 + $1.waited } == waits.count { $0.value > 0 })
    #expect(
      waited.reduce(0) { $0 + Int64($1.total.low) } == waits.reduce(0) { $0 + $1.value })
  }

  @Test func `K.3 a client is told to wait longer when refusals go on, and waits so long`() {
    let played = crowd(nodes: 400, seats: 25, create: .seconds(30), for: .seconds(120))
    let pauses = played.all(.retryAfterWaited)
    #expect(Set(pauses.map(\.value)).isSuperset(of: [1_000_000_000, 2_000_000_000]))
    for pause in pauses {
      let refusal = played.events[Int(pause.cause) - 1]
      #expect(refusal.kind == .requestAnswered && refusal.answer == .tooManyRequests)
      #expect((pause.time - refusal.time).nanoseconds == pause.value)
    }
  }

  @Test func `A.11 after 10 retries the attempt fails, and the server does not count as healthy`() {
    let played = crowd(nodes: 2, seats: 1, create: .seconds(33), for: .seconds(400)) {
      $0.apiServer.enablePriorityAndFairness = false
      $0.apiServer.maxMutatingRequestsInFlight = 1
    }
    // Without APF: one write at a time, Retry-After 1.
    let failed = played.all(.attemptFailed)
    #expect(failed.first.map(\.node) == 1)
    #expect(failed.first.map(\.time) == .zero + .seconds(10))
    let sent = played.all(.requestAnswered, .createRequest).filter { $0.node == 1 }
      .filter { $0.time <= .zero + .seconds(10) }
    #expect(sent.map(\.answer) == Array(repeating: .tooManyRequests, count: 11))
    #expect(sent.map { $0.time.nanoseconds / 1_000_000_000 } == Array(0...10))
    #expect(
      sent.first.flatMap { played.world.message(of: $0) }
        == "the server has received too many requests and has asked us to try again later "
        + "(post certificatesigningrequests.certificates.k8s.io)")
    #expect(!Answer.tooManyRequests.provesServerHealth)
  }

  @Test func `O31 an overload is over by itself`() {
    let played = crowd(nodes: 600, seats: 120, create: .milliseconds(100))
    #expect(played.all(.requestAnswered).contains { $0.answer == .tooManyRequests })
    #expect(played.ending == .allReady)
    #expect(played.world.readyCount == 600)
  }

  @Test func `C.1 a 401 takes no seat`() {
    let played = crowd(nodes: 50, seats: 25, create: .seconds(10), for: .seconds(1)) {
      $0.secrets = []
    }
    #expect(played.all(.requestAnswered, .createRequest).count == 50)
    #expect(played.all(.requestAnswered).allSatisfy { $0.answer == .unauthorized })
    #expect(played.world.statistics.seats.allSatisfy { $0.waits.count == 0 })
  }

  @Test func `C.1 a request can be queued and then be forbidden`() {
    let played = crowd(nodes: 30, seats: 120, create: .seconds(1), for: .seconds(10)) {
      $0.latency.refusal = .constant(.seconds(1))
      $0.bindings.removeAll { $0.name == "kubeadm:kubelet-bootstrap" }
    }
    let wait = played.all(.seatAwaited).first
    let denied = played.all(.authorizationFailed).first { $0.cause == wait?.id }
    #expect(denied != nil)
  }

  @Test func `K.1 probes are exempt`() {
    let played = crowd(nodes: 100, seats: 25, create: .seconds(10), for: .seconds(1)) {
      $0.latency.read = .constant(.seconds(1))
      $0.groups[0].kubelet.rotateCertificates = false
    }
    #expect(played.all(.requestAnswered, .getHealthz).count == 100)
    #expect(played.all(.requestAnswered, .getHealthz).allSatisfy { $0.answer == .ok })
    #expect(played.all(.seatAwaited, .getHealthz).isEmpty)
  }

  @Test func `K.3 a kubelet that exits takes its requests out of the queues`() {
    // The whole server is one write wide; the second group's first try is a 401, so that it exits
    // while its next CSR waits.
    var cluster = Cluster.kubeadm(nodes: 30) {
      $0.apiServer.maxRequestsInFlight = 60
      $0.apiServer.maxMutatingRequestsInFlight = 60
      $0.latency.createRequest = .constant(.seconds(33))
      $0.stop = .duration
      $0.duration = .seconds(10)
    }
    cluster.scenario.seed = 3
    var world = World(cluster.scenario, jitter: .lowest)
    world.advance(to: .zero + .seconds(1))
    let waiting = world.fairness[0].waiting
    #expect(waiting > 10)
    let node = world.turn.calls.queued.map { world.turn.calls[$0.number].owner }.last ?? 0
    world.withdraw(queuedBy: NodeID(Int(node)))
    #expect(world.fairness[0].waiting == waiting - 1)
    #expect(world.turn.calls.queued.count == waiting - 1)
  }

  @Test func `K.3 without priority and fairness 200 writes are in flight at most`() {
    let played = crowd(nodes: 250, seats: 600, create: .seconds(5), for: .seconds(1)) {
      $0.apiServer.enablePriorityAndFairness = false
      $0.apiServer.maxMutatingRequestsInFlight = 200
    }
    let refused = played.all(.requestAnswered, .createRequest).filter { $0.time == .zero }
    #expect(refused.count == 50)
    #expect(refused.allSatisfy { $0.answer == .tooManyRequests })
  }
}

// MARK: Deadlines

extension LoadTests {
  @Test func `O43 a create that takes more than 34 s is answered 504, and leaves an orphan`() {
    let played = crowd(nodes: 1, seats: 600, create: .seconds(40), for: .seconds(60))
    let answer = played.all(.requestAnswered, .createRequest).first
    #expect(answer?.answer == .timeout)
    #expect(answer?.time == .zero + .seconds(34))
    #expect(
      answer.flatMap { played.world.message(of: $0) }
        == "Timeout: request did not complete within the allotted timeout")
    #expect(played.seconds(.attemptFailed).first == 34)
    #expect(played.seconds(.writeCommitted) == [40])
    // The orphan is approved and issued like any other; nobody fetches it.
    #expect(played.all(.requestAnswered, .updateStatus).map(\.request) == [0])
    #expect(played.all(.certificateFetched).isEmpty)
    // Not sent again by client-go: the next one is the next attempt's.
    #expect(played.all(.retryAfterWaited).isEmpty)
  }

  @Test func `O43 in MODE-F a create that times out again makes no other CSR`() {
    let played = crowd(nodes: 1, seats: 600, create: .seconds(40), for: .seconds(120)) {
      $0.groups[0].kubelet.rotateCertificates = false
    }
    let answers = played.all(.requestAnswered, .createRequest).map(\.answer)
    #expect(answers == [.timeout, .timeout])
    #expect(played.world.requestCount == 1)
  }

  @Test func `K.4 a read that takes more than 60 s is answered 504, a watch is not`() {
    let played = crowd(nodes: 1, seats: 600, create: .zero, for: .seconds(200)) {
      $0.latency.listRequest = .constant(.seconds(70))
      $0.latency.read = .constant(.seconds(70))
    }
    let lists = played.all(.requestAnswered, .listRequest)
    #expect(lists.first?.answer == .timeout)
    #expect(lists.first?.time == .zero + .seconds(60))
    #expect(
      played.all(.requestAnswered).filter { $0.call.shape.verb == "watch" }
        .allSatisfy { $0.answer == .ok })
  }

  @Test func `L.1 a heartbeat has 10 s, and waits 2.5 s for a seat`() {
    let slow = heartbeats { $0.latency.write = .constant(.seconds(11)) }
    let patch = slow.all(.requestAnswered, .patchNodeStatus).first
    #expect(patch?.answer == .timeout)
    #expect(patch?.value == Duration.seconds(10).nanoseconds)
    let busy = heartbeats(nodes: 60) {
      $0.apiServer.maxRequestsInFlight = 13
      $0.apiServer.maxMutatingRequestsInFlight = 12
      $0.latency.write = .constant(.seconds(7))
    }
    let refused = busy.all(.requestAnswered).filter {
      $0.answer == .tooManyRequests && [.getLease, .patchNodeStatus].contains($0.call)
    }
    #expect(refused.contains { $0.value == Duration.milliseconds(2_500).nanoseconds })
    #expect(busy.all(.connectionFailed).contains { $0.answer == .deadlineExceeded })
  }

  private func heartbeats(nodes: Int = 1, _ change: (inout Scenario) -> Void) -> Played {
    Cluster.kubeadm(nodes: nodes) { scenario in
      scenario.groups[0].kubelet.playsHeartbeats = true
      scenario.stop = .duration
      scenario.duration = .seconds(120)
      change(&scenario)
    }.play()
  }
}

// MARK: Other clients

extension LoadTests {
  @Test func `A.11 a controller's request takes a token again for each retry`() {
    // One write at a time; the CSRs reach the informer together, and their reviews take 1 s each.
    let played = crowd(nodes: 5, seats: 600, create: .zero, for: .seconds(30)) {
      $0.apiServer.enablePriorityAndFairness = false
      $0.apiServer.maxMutatingRequestsInFlight = 1
      $0.groups[0].arrivals = .times((0..<5).map { .milliseconds(10 * $0) })
      $0.latency.watchDelivery = .constant(.milliseconds(500))
      $0.latency.createSubjectAccessReview = .constant(.seconds(1))
      $0.controllerManager.kubeAPIMilliQPS = 1_000
      $0.controllerManager.kubeAPIBurst = 3
    }
    let again = played.all(.retryAfterWaited).filter { $0.component == .approver }
    #expect(!again.isEmpty)
    let limited = played.all(.limiterWaited).filter { wait in
      again.contains { $0.id == wait.cause }
    }
    #expect(!limited.isEmpty)
    #expect(limited.allSatisfy { $0.component == .approver })
  }

  @Test func `A.11 a reflector that is refused for load watches again, without a list`() {
    let played = crowd(nodes: 1, seats: 600, create: .zero, for: .seconds(1)) { _ in }
    // Its own client's retries come first, so the refusals that it sees are far apart; here one is
    // handed to it.
    var kubelet = played.world.kubelets[0]
    var turn = played.world.turn
    turn.effects.clear()
    var call = PendingCall(
      call: .watchNodes, client: .kubelet, owner: 0, node: 0, credential: .none)
    call.purpose = .nodesReflector
    call.answer = .tooManyRequests
    call.generation = kubelet.generation
    kubelet.receive(.answered(call), &turn)
    #expect(turn.effects.count == 1)
    guard case .schedule(.kubeletTimer(_, .nodesReflector, _), let instant, _) = turn.effects[0]
    else {
      Issue.record("no backoff")
      return
    }
    #expect(instant - turn.now >= .milliseconds(800))
  }
}

extension LoadTests {
  /// Nodes that start at once against a server with so many seats.
  private func crowd(
    nodes: Int, seats: Int, create: Duration, for length: Duration? = nil,
    _ change: (inout Scenario) -> Void = { _ in }
  ) -> Played {
    Cluster.kubeadm(nodes: nodes) { scenario in
      scenario.apiServer.maxRequestsInFlight = seats
      scenario.apiServer.maxMutatingRequestsInFlight = 0
      scenario.latency.createRequest = .constant(create)
      if let length {
        scenario.stop = .duration
        scenario.duration = length
      }
      change(&scenario)
    }.play()
  }
}

extension Statistics {
  fileprivate func seats(of level: String) -> SeatWaits? { seats.first { $0.level == level } }
}
