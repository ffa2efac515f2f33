import SimulationKernel
import Testing

@testable import TLSBootstrap

/// What is counted of queues, workers and limiters, against the trace of the same run.
struct LittlesLawTests {
  /// 60 nodes at once, with recorded latencies.
  private func crowd(_ change: (inout Scenario) -> Void = { _ in }) -> Cluster {
    Cluster.kubeadm(nodes: 60) { scenario in
      scenario.latency = Latencies()
      change(&scenario)
    }
  }

  private func controllers(of played: Played) -> [Flows.Controller] {
    played.world.statistics.flows.controllers(at: played.world.now)
  }

  private func limiters(of played: Played) -> [Flows.Limiter] {
    played.world.statistics.flows.limiters(at: played.world.now)
  }

  private var clusters: [(name: String, cluster: Cluster)] {
    let slow = ApproverSettings.External(workers: 2, milliQPS: 500, burst: 1)
    return [
      ("defaults", crowd()),
      ("cut off while many wait", crowd { $0.cutOff(after: .seconds(2)) }),
      (
        "nobody may approve",
        crowd {
          $0.bindings.removeAll { $0.name.contains("autoapprove") }
          $0.cutOff(after: .seconds(100))
        }
      ),
      (
        "an external approver",
        crowd {
          $0.controllerManager.csrapproving = false
          $0.approvers = [ApproverSettings(kind: .external(slow))]
        }
      ),
      (
        "a controller-manager that is paused",
        crowd {
          $0.faults = [
            fault(.seconds(1), for: .seconds(7), .manager(ManagerFault(.pause)))
          ]
        }
      ),
      (
        "a controller-manager that is killed",
        crowd { $0.faults = [fault(.seconds(2), .manager(ManagerFault(.kill)))] }
      ),
      (
        "an external approver, cut off",
        crowd {
          $0.approvers = [ApproverSettings(kind: .external(slow))]
          $0.cutOff(after: .seconds(3))
        }
      ),
    ]
  }

  @Test func `who waited for a token of a process that is gone waits no longer`() {
    var cluster = crowd {
      $0.faults = [fault(.seconds(2), .manager(ManagerFault(.kill)))]
    }
    cluster.scenario.duration = .minutes(10)
    cluster.scenario.stop = .duration
    let limiters = limiters(of: cluster.play())
    #expect(limiters.contains { $0.waiting.entered > 0 })
    for limiter in limiters {
      #expect(limiter.waiting.present == 0 && limiter.waiting.occupied < .minutes(1))
    }
  }

  @Test func `no pool ever had more keys than workers, also where its process is killed`() {
    for (name, cluster) in clusters {
      let flows = controllers(of: cluster.play())
      #expect(flows.contains { $0.workers.most > 1 }, "\(name)")
      for flow in flows { #expect(flow.workers.most <= 5, "\(name): \(flow.owner)") }
    }
  }

  @Test func `L = λW holds to the nanosecond in every queue, pool and limiter`() {
    for (name, cluster) in clusters {
      let world = cluster.play().world
      let flows = world.statistics.flows
      var places = flows.controllers(at: world.now).flatMap { [$0.queue, $0.workers] }
      places += flows.limiters(at: world.now).map(\.waiting)
      places += world.statistics.seats.map { $0.queue(at: world.now) }
      #expect(places.contains { $0.stayed != WideSum() }, "\(name)")
      for place in places { #expect(place.followsLittlesLaw, "\(name): \(place)") }
    }
  }

  @Test func `J.1 the approver's limiter counts what the trace tells`() throws {
    let played = crowd().play()
    let waits = played.all(.limiterWaited).filter { $0.component == .approver }
    let flow = try #require(limiters(of: played).first { $0.owner == .csrapproving })
    #expect(flow.tokens == 120)
    #expect(flow.waiting.entered == waits.count)
    #expect(flow.waiting.present == 0)
    #expect(flow.waiting.stayed.low == UInt64(waits.reduce(0) { $0 + $1.value }))
    #expect(flow.waiting.longest.nanoseconds == waits.map(\.value).max())
    // The time that the waits cover, overlaps once.
    var covered: Int64 = 0
    var end: Int64 = 0
    for wait in waits.sorted(by: { $0.time.nanoseconds - $0.value < $1.time.nanoseconds - $1.value }
    ) {
      let start = max(end, wait.time.nanoseconds - wait.value)
      covered += max(0, wait.time.nanoseconds - start)
      end = max(end, wait.time.nanoseconds)
    }
    #expect(flow.waiting.occupied.nanoseconds == covered)
    #expect(flow.waiting.longestSpell.to == waits.map(\.time).max())
  }

  @Test func `K.3 the queues of a priority level hold requests as long as the trace tells`() throws
  {
    var cluster = crowd {
      $0.apiServer.maxRequestsInFlight = 10
      $0.apiServer.maxMutatingRequestsInFlight = 10
      $0.latency.createRequest = .constant(.seconds(1))
      // In the background connections are closed, by which requests leave their queues (B.6).
      $0.groups[0].kubelet.rotateCertificates = false
    }
    let played = cluster.play()
    let waits = played.all(.seatAwaited)
    let places = played.world.statistics.seats.map { $0.queue(at: played.world.now) }
    #expect(places.contains { $0.most > 1 })
    #expect(places.reduce(0) { $0 + $1.entered } == waits.count { $0.value > 0 })
    #expect(places.allSatisfy { $0.present == 0 && $0.followsLittlesLaw })
    #expect(
      places.reduce(0) { $0 + $1.stayed.low } == UInt64(waits.reduce(0) { $0 + $1.value }))
    // What waits when the server goes down, or its client, or the connection, waits no longer.
    cluster.scenario.groups[0].kubelet.rotateCertificates = true
    for lost: Fault in [.apiServerDown(), .kubelet(NodeSelector(), .kill)] {
      cluster.scenario.faults = [fault(.milliseconds(1_500), for: .seconds(1), lost)]
      let world = cluster.play().world
      let places = world.statistics.seats.map { $0.queue(at: world.now) }
      #expect(places.allSatisfy { $0.followsLittlesLaw }, "\(lost)")
      let waiting = world.fairness.reduce(0) { $0 + $1.waiting }
      #expect(places.reduce(0) { $0 + $1.present } == waiting, "\(lost)")
    }
  }

  @Test func `G the signer's workers hold keys as long as the trace tells`() throws {
    let played = crowd().play()
    let done = played.all(.keyDone).filter { $0.component == .signer }
    let flow = try #require(controllers(of: played).first { $0.owner == .clientSigner })
    #expect(flow.workers.stayed.low == UInt64(done.reduce(0) { $0 + $1.value }))
    #expect(flow.workers.most <= 5)
    #expect(flow.queue.entered == flow.workers.entered)
  }

  @Test func `a place is occupied in spells, and adjoining ones are one`() {
    var place = Occupancy()
    let at = { Instant(nanoseconds: $0) }
    place.enter(at: at(10))
    place.enter(at: at(12))
    place.leave(since: at(10), at: at(15))
    place.leave(since: at(12), at: at(20))
    place.enter(at: at(20))
    place.leave(since: at(20), at: at(25))
    place.enter(at: at(40))
    let totals = place.totals(at: at(47))
    #expect(totals.entered == 4)
    #expect(totals.present == 1)
    #expect(totals.most == 2)
    #expect(totals.occupied == Duration(nanoseconds: 22))
    #expect(totals.longest == Duration(nanoseconds: 8))
    #expect(totals.longestSpell.from == at(10))
    #expect(totals.longestSpell.to == at(25))
    #expect(totals.stayed.low == 25)
    #expect(totals.area.low == 25)
    #expect(totals.followsLittlesLaw)
  }

  @Test func `sums go beyond 64 bits, up and down`() {
    var sum = WideSum()
    for _ in 0..<4 { sum.add(.max, times: 1_000) }
    #expect(sum.high == 1_999)
    for _ in 0..<4 { sum.add(.max, times: -1_000) }
    #expect(sum == WideSum())
    sum.add(5)
    var other = WideSum()
    other.add(7)
    sum.subtract(other)
    other.add(-9)
    #expect(sum == other)
    #expect(sum.high == -1)
  }

  @Test func `a mean is that of the wide sum, and sums compare by both halves`() {
    var sum = WideSum()
    #expect(sum.mean(of: 3) == .zero)
    sum.add(.max, times: 3)
    #expect(sum.mean(of: 3) == Duration(nanoseconds: .max))
    var other = sum
    other.add(2)
    #expect(sum < other && !(other < sum) && WideSum() < sum)
    #expect(other.mean(of: 4) == Duration(nanoseconds: .max / 4 * 3 + 2))
  }
}

extension Scenario {
  fileprivate mutating func cutOff(after length: Duration) {
    stop = .duration
    duration = length
  }
}

extension ApproverSettings.External {
  fileprivate init(workers: Int, milliQPS: Int64, burst: Int64) {
    self.init()
    self.workers = workers
    self.milliQPS = milliQPS
    self.burst = burst
  }
}
