import SimulationKernel

/// The loops of a kubelet that waits without a certificate, worked out instead of played
/// (protocol.md L.2): nothing can change their answers, so only their times matter.
///
/// Each call is taken to last the median of its latency: one simulated node would make some two
/// requests a second.
struct WaitingLoops: Sendable {
  let began: Instant
  /// How long one refused call takes.
  let callTime: Duration
  let node: NodeID
  let generation: UInt32
  let clock: Clock
  /// L.3: whether a registration that is refused looks for the Node next, as after a 403, not after a 401.
  var looksForNode = true
  /// Where the loops stood when they began to wait, of those that were played before; nil: at their beginning.
  var start: Resumption?

  /// Where the loops stand when the wait ends: when each one tries next, and the number of that try.
  struct Resumption: Sendable {
    var registration: (at: Instant, number: UInt32) = (.never, 0)
    var lease: (at: Instant, number: UInt32) = (.never, 0)
    var csiNode = Instant.never
    var reflectors: [Reflector] = []

    /// Where a reflector's backoff series stands.
    struct Reflector: Sendable {
      var at: Instant
      var number: UInt32
      var step: UInt32
      var restarted: Instant
    }
  }

  /// The same call several times.
  struct Series: Hashable, Sendable {
    let call: Call
    let first: Instant
    let last: Instant
    let count: UInt32
  }

  /// The reflectors in the order of their timers, with their calls.
  static let reflectors: [(watch: Call, list: Call, stream: Chance.Stream)] = [
    (.watchNodes, .listNodes, .reflectorNodes),
    (.watchServices, .listServices, .reflectorServices),
    (.watchCSIDrivers, .listCSIDrivers, .reflectorCSIDrivers),
    (.watchRuntimeClasses, .listRuntimeClasses, .reflectorRuntimeClasses),
  ]

  /// Every call of the loops.
  static let calls: [Call] =
    [.createNode, .getNode, .getLease, .getCSINode] + reflectors.flatMap { [$0.watch, $0.list] }

  /// Visits every request of tries that start before `end`, and tells where the loops stand.
  ///
  /// Each call is visited once, in the order of `calls`, whatever the gaps between its requests.
  ///
  /// - Parameter listsCycles: visits it as often as its gaps change, so that those of a series are even.
  @inline(__always)
  func run(
    until end: Instant, _ chance: Chance, listsCycles: Bool = false, visit: (Series) -> Void
  ) -> Resumption {
    var resumption = Resumption()
    let first = began + clock.trueDuration(WorkLoops.registrationSleep(0))
    resumption.registration = doubling(
      from: start?.registration ?? (at: first, number: 0), until: end, .createNode,
      looksForNode ? .getNode : nil, sleep: { WorkLoops.registrationSleep($0 + 1) },
      listsCycles, visit)
    resumption.lease = doubling(
      from: start?.lease ?? (at: began, number: 0), until: end, .getLease,
      sleep: WorkLoops.leaseSleep, listsCycles, visit)
    let poll = clock.trueDuration(WorkLoops.csiNodePoll)
    let firstPoll = start?.csiNode ?? began
    let polls = Self.count(from: firstPoll, until: end, every: poll)
    if polls > 0 {
      let last = firstPoll + poll * Int64(polls - 1)
      visit(Series(call: .getCSINode, first: firstPoll, last: last, count: polls))
    }
    resumption.csiNode = firstPoll + poll * Int64(polls)
    resumption.reflectors.reserveCapacity(Self.reflectors.count)
    let beginning = Resumption.Reflector(at: began, number: 0, step: 0, restarted: began)
    for (place, reflector) in Self.reflectors.enumerated() {
      let start = start?.reflectors[place] ?? beginning
      resumption.reflectors.append(
        run(reflector, from: start, until: end, chance, listsCycles, visit))
    }
    return resumption
  }

  /// A loop whose sleep doubles up to its greatest value: try by try first, then all at once.
  ///
  /// - Parameter second: what each try asks after the answer to its first request.
  @inline(__always)
  private func doubling(
    from start: (at: Instant, number: UInt32), until end: Instant, _ call: Call,
    _ second: Call? = nil, sleep: (UInt32) -> Duration, _ listsCycles: Bool,
    _ visit: (Series) -> Void
  ) -> (at: Instant, number: UInt32) {
    var next = start.at
    var last = start.at
    var number = start.number
    let work = second == nil ? callTime : callTime * 2
    while next < end {
      let period = work + clock.trueDuration(sleep(number))
      let isSteady = sleep(number) == sleep(number + 1)
      let count = isSteady ? Self.count(from: next, until: end, every: period) : 1
      last = next + period * Int64(count - 1)
      if listsCycles { visitTries(call, second, from: next, to: last, count: count, visit) }
      number += count
      next = last + period
    }
    if !listsCycles, number > start.number {
      let count = number - start.number
      visitTries(call, second, from: start.at, to: last, count: count, visit)
    }
    return (next, number)
  }

  /// How many of `first`, `first + period`, … are before `end`.
  private static func count(
    from first: Instant, until end: Instant, every period: Duration
  ) -> UInt32 {
    guard first < end else { return 0 }
    return UInt32(((end - first).nanoseconds - 1) / period.nanoseconds + 1)
  }

  /// A.11: WATCH, LIST, back off. The series restarts 2 min after its last restart.
  private func run(
    _ reflector: (watch: Call, list: Call, stream: Chance.Stream),
    from start: Resumption.Reflector, until end: Instant, _ chance: Chance, _ listsCycles: Bool,
    _ visit: (Series) -> Void
  ) -> Resumption.Reflector {
    let reset = clock.trueDuration(WorkLoops.reflectorReset)
    let shortest = WorkLoops.reflectorBackoff(0)
    let longest = WorkLoops.reflectorBackoff(.max)
    let cycle = callTime * 2
    // `WorkLoops.reflectorBackoff` of each step, and the stream found once: this loop was 5 % of the
    // instructions of the 5,000-worker run.
    var backoff = start.step == 0 ? shortest : WorkLoops.reflectorBackoff(start.step)
    let jitters = chance.jitters(reflector.stream, node.index)
    var (next, last, restarted) = (start.at, start.at, start.restarted)
    var (number, restart) = (start.number, start.number - start.step)
    while next < end {
      last = next
      if listsCycles {
        visitTries(reflector.watch, reflector.list, from: last, to: last, count: 1, visit)
      }
      let over = last + cycle
      if over - restarted > reset {
        (restart, restarted, backoff) = (number, over, shortest)
      }
      let wait = jitters.doubling(backoff, generation << 16 | number)
      next = over + clock.trueDuration(wait)
      number += 1
      backoff = min(backoff * 2, longest)
    }
    if !listsCycles, number > start.number {
      let count = number - start.number
      visitTries(reflector.watch, reflector.list, from: start.at, to: last, count: count, visit)
    }
    return Resumption.Reflector(
      at: next, number: number, step: number - restart, restarted: restarted)
  }

  /// Visits the one or two requests of each of so many tries.
  @inline(__always)
  private func visitTries(
    _ call: Call, _ second: Call?, from first: Instant, to last: Instant, count: UInt32,
    _ visit: (Series) -> Void
  ) {
    visit(Series(call: call, first: first, last: last, count: count))
    guard let second else { return }
    visit(
      Series(call: second, first: first + callTime, last: last + callTime, count: count))
  }
}
