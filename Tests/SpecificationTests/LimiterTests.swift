import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section J.1 of protocol.md: csrapproving's bucket and workers against a second, simpler model.
struct LimiterTests {
  @Test(arguments: [
    Setting(milliRate: 7_500, burst: 3), Setting(workers: 1), Setting(workers: 2),
    Setting(workers: 20), Setting(review: .milliseconds(300)),
    Setting(workers: 1, review: .milliseconds(300)),
    Setting(workers: 20, review: .milliseconds(300), update: .milliseconds(7)),
    Setting(milliRate: 7_500, burst: 3, workers: 2, review: .milliseconds(300)),
    Setting(milliRate: 1_000, burst: 1, workers: 3, update: .milliseconds(41)),
    Setting(milliRate: 3_333, burst: 7, workers: 4, review: .milliseconds(11)),
  ])
  func `J.1 approvals come when the bucket and the workers of a plain model let them`(
    setting: Setting
  ) {
    let played = play(setting, good: 100, refused: 0)
    let approved = played.all(.requestAnswered, .updateApproval)
    var oracle = Oracle(setting, good: 100, refused: 0)
    let expected = oracle.run(until: setting.end)
    #expect(approved.count == 100)
    #expect(approved.map(\.time.nanoseconds).sorted() == expected.approvals)
  }

  @Test(arguments: [
    Setting(), Setting(milliRate: 7_500, burst: 3), Setting(workers: 1), Setting(workers: 20),
    Setting(review: .milliseconds(300)),
  ])
  func `J.1 200 CSRs that nobody may approve slow down 100 others as in the plain model`(
    setting: Setting
  ) {
    let played = play(setting, good: 100, refused: 200)
    let approved = played.all(.requestAnswered, .updateApproval).map(\.time.nanoseconds).sorted()
    let refused = played.all(.reviewRefused)
    var oracle = Oracle(setting, good: 100, refused: 200)
    let expected = oracle.run(until: setting.end)
    #expect(approved == expected.approvals)
    #expect(refused.count == expected.refusals)
  }

  @Test func `F.3 throughput is the lesser of 10 a second and 5 workers over the round trips`() {
    let setting = Setting(review: .milliseconds(600), update: .milliseconds(400))
    let played = play(setting, good: 100, refused: 0)
    let last = played.seconds(.requestAnswered, .updateApproval).max() ?? 0
    // 5 workers, 1 s each: 100 CSRs in 20 s.
    #expect(last == 20)
  }

  @Test func `A.11 without a rate each API group has 5 tokens a second of its own`() {
    let played = play(Setting(milliRate: 0), good: 100, refused: 0)
    let approved = played.all(.requestAnswered, .updateApproval).map(\.time.nanoseconds).sorted()
    // Both buckets give their burst at once, and then a token each 0.2 s: to the review, and to its approval.
    #expect(approved == (1...100).map { max(0, $0 - 30) * 200_000_000 })
    let limiters = played.world.statistics.flows.limiters(at: played.world.now)
    #expect(limiters.first { $0.owner == .csrapproving }?.tokens == 100)
    #expect(limiters.first { $0.owner == .csrapprovingReviews }?.tokens == 100)
  }

  @Test func `A.11 below zero a client has no limit`() {
    let played = play(Setting(milliRate: -1_000, burst: 1), good: 100, refused: 0)
    #expect(played.seconds(.requestAnswered, .updateApproval) == Array(repeating: 0, count: 100))
    #expect(played.all(.limiterWaited).isEmpty)
  }

  struct Setting: Sendable, CustomTestStringConvertible {
    var milliRate: Int64 = 20_000
    var burst: Int64 = 30
    var workers = 5
    var review = Duration.zero
    var update = Duration.zero
    var end: Duration { .seconds(600) }
    var testDescription: String {
      "\(milliRate)/1000 s, burst \(burst), \(workers) workers, "
        + "review \(review.nanoseconds) ns, update \(update.nanoseconds) ns"
    }
  }

  private func play(_ setting: Setting, good: Int, refused: Int) -> Played {
    Cluster.kubeadm(nodes: good) { scenario in
      scenario.controllerManager.kubeAPIMilliQPS = setting.milliRate
      scenario.controllerManager.kubeAPIBurst = setting.burst
      scenario.controllerManager.concurrentCSRSyncs = setting.workers
      // All nodes come at once, and the plain model knows no seats.
      scenario.apiServer.maxRequestsInFlight = 60_000
      // Signing must not share the workers' fate.
      scenario.controllerManager.csrsigning = false
      scenario.latency.createSubjectAccessReview = .constant(setting.review)
      scenario.latency.updateApproval = .constant(setting.update)
      if refused > 0 {
        var group = scenario.groups[0]
        group.name = "refused"
        group.nodeNames = (1...refused).map { "refused-\($0)" }
        group.bootstrapKubeconfig.token = "fedcba.0123456789abcdef"
        scenario.groups.append(group)
        var secret = Cluster.secret
        secret.name = "bootstrap-token-fedcba"
        secret.tokenID = "fedcba"
        secret.authExtraGroups = "system:bootstrappers:refused"
        scenario.secrets.append(secret)
        scenario.bindings.append(
          Cluster.binding("refused", "system:node-bootstrapper", "system:bootstrappers:refused"))
      }
      scenario.stop = .duration
      scenario.duration = setting.end
    }.play()
  }

  /// Workers that take keys in order, one token for each call, and the retries of G; nothing else.
  private struct Oracle {
    let setting: Setting
    let good: Int
    /// (time, order, what)
    var agenda: [(time: Int64, order: Int, act: Act)] = []
    var order = 0
    var queue: [Int]
    var idle: Int
    var bucket: Bucket
    var retries = Bucket(milliRate: 10_000, burst: 100)
    var failures: [Int: Int] = [:]
    var approvals: [Int64] = []
    var refusals = 0

    enum Act { case reviewed(Int), updated(Int), comesAgain(Int) }

    init(_ setting: Setting, good: Int, refused: Int) {
      self.setting = setting
      self.good = good
      queue = Array(0..<(good + refused))
      idle = setting.workers
      bucket = Bucket(milliRate: setting.milliRate, burst: setting.burst)
    }

    mutating func run(until end: Duration) -> (approvals: [Int64], refusals: Int) {
      start(0)
      while let next = agenda.enumerated().min(by: {
        ($0.element.time, $0.element.order) < ($1.element.time, $1.element.order)
      }) {
        agenda.remove(at: next.offset)
        let now = next.element.time
        if now > end.nanoseconds { break }
        switch next.element.act {
        case .reviewed(let key) where key < good:
          plan(.updated(key), at: now + bucket.wait(now) + setting.update.nanoseconds)
        case .reviewed(let key):
          refusals += 1
          let failed = failures[key, default: 0]
          failures[key] = failed + 1
          let own = failed > 12 ? 1_000_000_000_000 : min(200_000_000 << failed, 1_000_000_000_000)
          plan(.comesAgain(key), at: now + max(Int64(own), retries.wait(now)))
          idle += 1
        case .updated:
          approvals.append(now)
          idle += 1
        case .comesAgain(let key):
          queue.append(key)
        }
        start(now)
      }
      return (approvals.sorted(), refusals)
    }

    mutating func start(_ now: Int64) {
      while idle > 0, !queue.isEmpty {
        idle -= 1
        plan(
          .reviewed(queue.removeFirst()), at: now + bucket.wait(now) + setting.review.nanoseconds)
      }
    }

    mutating func plan(_ act: Act, at time: Int64) {
      order += 1
      agenda.append((time, order, act))
    }
  }

  /// Tokens are counted in parts: one token is 10¹² of them, and each nanosecond brings `milliRate`.
  private struct Bucket {
    let milliRate: Int64
    let burst: Int64
    var parts: Int64
    var seen: Int64 = 0
    static let token: Int64 = 1_000_000_000_000

    init(milliRate: Int64, burst: Int64) {
      self.milliRate = milliRate
      self.burst = burst
      parts = burst * Self.token
    }

    mutating func wait(_ now: Int64) -> Int64 {
      parts = min(burst * Self.token, parts + (now - seen) * milliRate)
      seen = now
      parts -= Self.token
      return parts >= 0 ? 0 : (-parts + milliRate - 1) / milliRate
    }
  }
}
