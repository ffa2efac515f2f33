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
  let generation: UInt16
  let clock: Clock

  /// Where the loops stand when the wait ends: when each one tries next, and the number of that try.
  struct Resumption: Hashable, Sendable {
    var registration: (at: Instant, number: UInt32) = (.never, 0)
    var lease: (at: Instant, number: UInt32) = (.never, 0)
    var csiNode = Instant.never
    var reflectors: [(at: Instant, number: UInt32)] = []

    static func == (left: Resumption, right: Resumption) -> Bool {
      left.registration == right.registration && left.lease == right.lease
        && left.csiNode == right.csiNode
        && left.reflectors.elementsEqual(right.reflectors, by: ==)
    }
    func hash(into hasher: inout Hasher) {
      hasher.combine(registration.at)
      hasher.combine(csiNode)
    }
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

  /// Visits each request that starts before `end`, loop by loop, and tells where the loops stand.
  func run(
    until end: Instant, _ chance: Chance, visit: (Call, Instant) -> Void
  ) -> Resumption {
    var resumption = Resumption()
    var next = began + clock.trueDuration(WorkLoops.registrationSleep(0))
    var number: UInt32 = 0
    while next < end {
      visit(.createNode, next)
      visit(.getNode, next + callTime)
      number += 1
      next = next + callTime * 2 + clock.trueDuration(WorkLoops.registrationSleep(number))
    }
    resumption.registration = (next, number)
    next = began
    number = 0
    while next < end {
      visit(.getLease, next)
      next = next + callTime + clock.trueDuration(WorkLoops.leaseSleep(number))
      number += 1
    }
    resumption.lease = (next, number)
    next = began
    let poll = clock.trueDuration(WorkLoops.csiNodePoll)
    while next < end {
      visit(.getCSINode, next)
      next = next + poll
    }
    resumption.csiNode = next
    for reflector in Self.reflectors {
      resumption.reflectors.append(run(reflector, until: end, chance, visit))
    }
    return resumption
  }

  /// A.11: WATCH, LIST, back off. The series restarts 2 min after its last restart.
  private func run(
    _ reflector: (watch: Call, list: Call, stream: Chance.Stream), until end: Instant,
    _ chance: Chance, _ visit: (Call, Instant) -> Void
  ) -> (at: Instant, number: UInt32) {
    var next = began
    var number: UInt32 = 0
    var step: UInt32 = 0
    var restarted = began
    while next < end {
      visit(reflector.watch, next)
      visit(reflector.list, next + callTime)
      let over = next + callTime * 2
      if over - restarted > clock.trueDuration(WorkLoops.reflectorReset) {
        step = 0
        restarted = over
      }
      let backoff = chance.jitter(
        WorkLoops.reflectorBackoff(step), by: 1, over: 1, reflector.stream, node.index,
        UInt32(generation) << 16 | number)
      next = over + clock.trueDuration(backoff)
      number += 1
      step += 1
    }
    return (next, number)
  }
}
