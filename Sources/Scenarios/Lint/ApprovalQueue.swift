import SimulationKernel
import TLSBootstrap

/// The line in front of an approver, worked out as a token bucket or a timetable: an estimate, within a few
/// percent of what a run shows.
struct ApprovalQueue {
  private let service: Service

  private enum Service {
    /// Seconds that one CSR takes from the bucket, and how many seconds' worth it holds.
    case bucket(cost: Double, burst: Double)
    /// Looks at given seconds; seconds for one CSR; the most CSRs a look.
    case looks([Double], each: Double, batch: Int)
  }

  /// CSRs a second, where that is a limit.
  var rate: Double? {
    if case .bucket(let cost, _) = service, cost > 0 { 1 / cost } else { nil }
  }

  /// nil: it never approves anything, or nothing can be said of when.
  init?(_ approver: GroupOutlook.Approver, _ scenario: Scenario, end: Duration) {
    let manager = scenario.controllerManager
    switch approver {
    case .request: return nil
    case .csrapproving:
      let work =
        scenario.latency.createSubjectAccessReview.median + scenario.latency.updateApproval.median
      service =
        manager.clientLimit.map { limit in
          Self.bucket(
            calls: limit.isPerGroup ? 1 : 2, milliQPS: limit.milliRate, burst: limit.burst,
            work: work, workers: manager.concurrentCSRSyncs)
        } ?? Self.worked(work, manager.concurrentCSRSyncs)
    case .policy(let number):
      let settings = scenario.approvers[number]
      switch settings.kind {
      case .external(let external):
        service = Self.bucket(
          calls: external.callsPerRequest, milliQPS: external.milliQPS, burst: external.burst,
          work: external.serviceTime.median + scenario.latency.updateApproval.median,
          workers: external.workers)
      case .manual(let manual):
        let looks = Self.looks(manual, settings.clock, start: scenario.start, end: end)
        guard !looks.isEmpty else { return nil }
        let calls = scenario.latency.read.median + scenario.latency.updateApproval.median
        service = .looks(
          looks, each: (manual.timePerRequest.median + calls).seconds,
          batch: manual.batch ?? .max)
      }
    }
  }

  private static func bucket(
    calls: Int, milliQPS: Int64, burst: Int64, work: Duration, workers: Int
  ) -> Service {
    let limited = Double(calls) * 1_000 / Double(milliQPS)
    let worked = work.seconds / Double(workers)
    return limited >= worked
      ? .bucket(cost: limited, burst: Double(burst) * 1_000 / Double(milliQPS))
      : Self.worked(work, workers)
  }

  private static func worked(_ work: Duration, _ workers: Int) -> Service {
    .bucket(cost: work.seconds / Double(workers), burst: 0)
  }

  /// Looks in working hours, at most a hundred thousand.
  private static func looks(
    _ manual: ApproverSettings.Manual, _ clock: ClockSkew, start: Int64, end: Duration
  ) -> [Double] {
    var looks: [Double] = []
    var time = manual.firstLook
    while time < end, looks.count < 100_000 {
      let reading = start + clock.offset.nanoseconds + time.nanoseconds
      let shown = Int64((Double(reading) / 1e9).rounded(.down))
      if manual.isAtWork(at: shown) {
        looks.append(time.seconds)
        time = time + manual.every
      } else {
        let rest = Duration.seconds(manual.rest(from: shown))
        time = time + manual.every * max(1, rest.nanoseconds / manual.every.nanoseconds)
      }
    }
    return looks
  }

  /// How long each waits whose CSR is created at these seconds, which are sorted.
  func waits(_ times: [Double]) -> [Double] {
    switch service {
    case .bucket(let cost, let burst):
      var debt = -Double.infinity
      return times.map { time in
        debt = max(debt, time) + cost
        return max(0, debt - time - burst)
      }
    case .looks(let looks, let each, let batch):
      var look = 0
      var taken = 0
      return times.map { time in
        while look < looks.count, looks[look] < time || taken == batch {
          look += 1
          taken = 0
        }
        guard look < looks.count else { return .infinity }
        taken += 1
        return looks[look] + Double(taken) * each - time
      }
    }
  }
}
