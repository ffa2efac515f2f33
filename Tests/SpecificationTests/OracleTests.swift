import SimulationKernel
import Testing

@testable import TLSBootstrap

/// What arithmetic alone says of whole runs. Nothing but limiters, workers and waits takes time, unless
/// a test says otherwise, so that most figures hold to the nanosecond.
struct OracleTests {
  // MARK: Approvers and signers

  @Test func `an external approver of 20 workers, 3 s each, takes 750 s for 5,000 CSRs`() {
    let played = clients(5_000) { scenario in
      scenario.controllerManager.csrapproving = false
      scenario.approvers = [Self.external(workers: 20, serviceTime: .seconds(3))]
    }
    let approved = played.seconds(.requestAnswered, .updateApproval)
    #expect(approved.count == 5_000)
    // 250 rounds of 3 s; its limiter's 20/s are three times the 6.7/s of its workers.
    let rounds = 5_000.0 / 20
    #expect(approved.max() == rounds * 3)
    #expect(approved.min() == 3)
  }

  @Test func `the same with the latencies of an idle server takes a few seconds longer`() {
    let played = clients(5_000) { scenario in
      scenario.latency = Latencies()
      scenario.controllerManager.csrapproving = false
      scenario.approvers = [Self.external(workers: 20, serviceTime: .seconds(3))]
    }
    let last = played.seconds(.requestAnswered, .updateApproval).max() ?? 0
    // Each of a worker's 250 rounds has one update besides. Twice its median, and what the recorded p99
    // of some 10 ms adds once in a hundred, stay below 20 ms a round.
    #expect((750...750 + 250 * 0.02).contains(last), "\(last)")
  }

  @Test func `a signer alone at 5 QPS takes 2,000 s for 10,000 approved CSRs`() {
    let played = clients(10_000) { scenario in
      scenario.controllerManager.csrapproving = false
      scenario.controllerManager.kubeAPIMilliQPS = 5_000
      scenario.approvers = [Self.external(workers: 1_000, serviceTime: .zero)]
    }
    // F.3, H: one update each; the burst is free.
    // Half of the creates find their flow's queues full, and come again after 1 s.
    #expect(played.seconds(.requestAnswered, .updateApproval).max() == 1)
    let issued = played.seconds(.requestAnswered, .updateStatus)
    #expect(issued.count == 10_000)
    #expect(issued.max() == (10_000 - Self.burst) / 5)
    #expect(issued.max().map { abs($0 / 2_000 - 1) < 0.01 } == true)
  }

  @Test func `csrapproving at 5 QPS takes 4,000 s for 10,000 CSRs`() {
    let played = approving(10_000, milliQPS: 5_000)
    let approved = played.seconds(.requestAnswered, .updateApproval)
    #expect(approved.count == 10_000)
    // F.3: a SubjectAccessReview and an update each.
    #expect(approved.max() == (2 * 10_000 - Self.burst) / 5)
    #expect(approved.max().map { abs($0 / 4_000 - 1) < 0.01 } == true)
  }

  @Test(arguments: [6, 20, 100])
  func `more workers gain nothing once QPS binds`(workers: Int) {
    // One update after one review, and never more than the bucket gives: the last token is the last.
    let last = (2 * 500 - Self.burst) / 20
    #expect(approving(500, workers: 5).seconds(.requestAnswered, .updateApproval).max() == last)
    let more = approving(500, workers: workers)
    #expect(more.seconds(.requestAnswered, .updateApproval).max() == last)
    // Twice the rate does.
    let faster = approving(500, milliQPS: 40_000, workers: workers)
    #expect(faster.seconds(.requestAnswered, .updateApproval).max() == last / 2)
  }

  // MARK: Waits

  @Test func `L.2 1,000 nodes that are approved one after the other register by the stairs`() {
    let played = Cluster.kubeadm(nodes: 1_000) { $0.apiServer.maxRequestsInFlight = 60_000 }.play()
    #expect(played.ending == .allReady)
    let stored = milliseconds(played, .certificateStored)
    let registered = milliseconds(played, .nodeRegistered)
    #expect(stored.count == 1_000 && registered.count == 1_000)
    var waits: [Int64] = []
    for (node, certificate) in stored {
      let next = Self.registrationTries.first { $0 >= certificate } ?? -1
      #expect(registered[node] == next, "\(certificate) ms")
      if certificate >= 12_700 { waits.append(next - certificate) }
    }
    // Certificates come evenly: half a stair of 7 s. A whole burst of five in one step of 500 ms, and
    // the last stair not being whole, move the mean by less than the step.
    let mean = waits.reduce(0, +) / Int64(waits.count)
    #expect(abs(mean - 3_500) < 500, "\(mean)")
  }

  @Test func `without an approver CSRs grow as N·t/15 min until the clean-up after 24 h`() {
    let nodes = 3
    let played = Cluster.kubeadm(nodes: nodes) { scenario in
      withoutApproval(&scenario)
      scenario.stop = .duration
      scenario.duration = .hours(72)
    }.play()
    let created = played.all(.requestAnswered, .createRequest).filter { $0.answer == .created }
    let deleted = played.all(.requestAnswered, .deleteRequest).filter { $0.answer == .ok }
    let pending = { (hours: Double) in
      let at = { (events: [TraceEvent]) in
        events.count { Double($0.time.nanoseconds) / 3_600e9 <= hours }
      }
      return at(created) - at(deleted)
    }
    for hours in [0.5, 1, 3, 6, 12, 23.9, 24.5, 25.5, 36, 48, 60.5, 71] {
      #expect(pending(hours) == nodes * Self.pendingOfOneNode(hours), "\(hours) h")
    }
    // By the rule of thumb. Between two CSRs of a node there are 0 to 32 s besides the 15 min (B.2),
    // at most 3.6 %, and what counts is whole CSRs: one more or less a node.
    for hours in [1.0, 6, 12, 24] {
      let rule = Double(nodes) * hours * 4
      #expect(abs(Double(pending(hours)) - rule) <= 0.036 * rule + Double(nodes), "\(hours) h")
    }
    // The plateau: those of a day, and of up to the hour until the next pass of csrcleaner.
    for hours in stride(from: 25.0, through: 72, by: 0.25) {
      let day = Double(nodes) * 24 * 3_600 / 928
      #expect((day - 3...day + Double(nodes) * 5).contains(Double(pending(hours))), "\(hours) h")
    }
    #expect(played.all(.kubeletExited).isEmpty)
  }

  // MARK: Clocks

  @Test func `M.2 skew begins to hurt at the backdate of 5 min, and not before`() {
    // H.3: NotBefore is C − 5 min, in whole seconds. S1: its first use is the registration at 0.1 s.
    let backdate = Duration.minutes(5)
    let ahead = greatestHarmless { $0.controllerManager.clock.offset = $1 }
    #expect(ahead == backdate + .seconds(1) - Duration(nanoseconds: 1))
    // The API server's clock behind is the same thing, but for its own reading at 0.1 s, which is not
    // cut to whole seconds.
    let behind = greatestHarmless { $0.apiServer.clock.offset = Duration.zero - $1 }
    #expect(behind == backdate + .milliseconds(100))
  }

  /// By bisection between no skew and 10 min, to the nanosecond.
  private func greatestHarmless(_ skew: (inout Scenario, Duration) -> Void) -> Duration {
    var good: Int64 = 0
    var bad = Duration.minutes(10).nanoseconds
    #expect(isHarmless(good, skew) && !isHarmless(bad, skew))
    while bad - good > 1 {
      let middle = good + (bad - good) / 2
      if isHarmless(middle, skew) { good = middle } else { bad = middle }
    }
    return Duration(nanoseconds: good)
  }

  private func isHarmless(
    _ nanoseconds: Int64, _ skew: (inout Scenario, Duration) -> Void
  ) -> Bool {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      skew(&scenario, Duration(nanoseconds: nanoseconds))
      scenario.stop = .duration
      scenario.duration = .milliseconds(200)
    }.play()
    return played.seconds(.nodeRegistered) == [0.1]
  }

  // MARK: By hand

  /// J.5: `--kube-api-burst` of a default controller-manager.
  private static let burst = 30.0

  /// L.2 in milliseconds: sleeps of 0.1, 0.2, 0.4 … 6.4 s and then 7 s, each before a try.
  private static let registrationTries: [Int64] = {
    var tries: [Int64] = []
    var sleep: Int64 = 100
    var now: Int64 = 0
    while now < 200_000 {
      now += sleep
      tries.append(now)
      sleep = min(sleep * 2, 7_000)
    }
    return tries
  }()

  /// When the first event of this kind was, by node.
  private func milliseconds(_ played: Played, _ kind: TraceEvent.Kind) -> [UInt32: Int64] {
    let times = played.all(kind).map { ($0.node, $0.time.nanoseconds / 1_000_000) }
    return Dictionary(times) { first, _ in first }
  }

  /// B.2 without jitter: five tries of 15 min, 2, 4, 8 and 16 s apart, then each at the first tick of
  /// 32 s at which none is under way. I.1: csrcleaner looks each hour, and however little
  /// later, for what is older than a day.
  private static func pendingOfOneNode(_ hours: Double) -> Int {
    var creations = [0, 902, 1_806, 2_714, 3_630]
    let firstTick = 3_630 + 900 + 32
    var next = firstTick
    while next < 72 * 3_600 {
      creations.append(next)
      next = firstTick + (next + 900 - firstTick + 31) / 32 * 32
    }
    let now = Int(hours * 3_600)
    let lastPass = now / 3_600 * 3_600
    return creations.count { $0 <= now && $0 + 24 * 3_600 > lastPass }
  }

  // MARK: Clusters

  /// Bare clients that ask once, all at once, and wait.
  private func clients(_ count: Int, _ change: (inout Scenario) -> Void) -> Played {
    CSRClientTests.cluster(
      clients: count, settings: CSRClientTests.settings(patience: .hours(10))
    ) { scenario in
      // 5,000 creates at once find a seat each.
      scenario.apiServer.maxRequestsInFlight = 60_000
      scenario.stop = .ready
      change(&scenario)
    }.play()
  }

  /// csrapproving alone.
  private func approving(
    _ count: Int, milliQPS: Int64 = 20_000, workers: Int = 5
  ) -> Played {
    clients(count) { scenario in
      scenario.controllerManager.csrsigning = false
      scenario.controllerManager.kubeAPIMilliQPS = milliQPS
      scenario.controllerManager.concurrentCSRSyncs = workers
      scenario.stop = .duration
      scenario.duration = .hours(2)
    }
  }

  private static func external(workers: Int, serviceTime: Duration) -> ApproverSettings {
    var external = ApproverSettings.External()
    external.workers = workers
    external.serviceTime = .constant(serviceTime)
    // Its limiter does not bind, unless it is the default's 20/s beside slow workers.
    if serviceTime == .zero { (external.milliQPS, external.burst) = (1_000_000_000, 10_000) }
    return ApproverSettings(kind: .external(external))
  }
}
