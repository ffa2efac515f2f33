import SimulationKernel
import TLSBootstrap

/// What all faults on one clock come to: at no time may it be further off, or go more wrongly, than a single
/// key may say.
struct ClockFaultSums {
  /// A fault on a clock, and where its offset or drift is written.
  struct Located {
    let timed: TimedFault
    let clock: ClockFault
    let place: Place
  }

  let reading: Reading
  let scenario: Scenario

  func check(_ faults: [Located]) {
    checkServers(faults)
    check(
      faults.filter { if case .managerClock = $0.timed.fault { true } else { false } },
      ClockError(scenario.controllerManager.clock), "the clock of kube-controller-manager")
    checkNodes(faults)
  }

  private func checkServers(_ faults: [Located]) {
    let server = scenario.apiServer
    for replica in 0..<max(1, server.replicas) {
      let skew = replica < server.replicaClocks.count ? server.replicaClocks[replica] : server.clock
      let own = faults.filter { fault in
        guard case .serverClock(_, let other) = fault.timed.fault else { return false }
        return other == nil || other == replica
      }
      check(own, ClockError(skew), "the clock of kube-apiserver")
    }
  }

  /// A fault on a share of nodes may hit any of them.
  private func checkNodes(_ faults: [Located]) {
    let faults = faults.filter { $0.selector != nil }
    // Most scenarios have few: no node can be worse off than one that all of them hit.
    let errors = scenario.groups.map(ClockError.init(of:))
    guard let widest = errors.reduce(nil, { $0?.union($1) ?? $1 }), excess(faults, widest) != nil
    else { return }
    for (group, error) in zip(scenario.groups, errors) {
      let hits = faults.filter { ($0.selector?.count(in: group) ?? 0) > 0 }
      let (some, one) = hits.split { $0.selector?.isOfOneName == true }
      let byName = Dictionary(grouping: one) { $0.selector?.name ?? "" }
      check(some, error, "a clock of group \(group.name)")
      for (name, own) in byName.sorted(by: { $0.key < $1.key }) {
        check(some + own, error, "the clock of \(name)")
      }
    }
  }
}

extension ClockFaultSums {
  /// The bounds of an error that a clock may have without any fault.
  private struct ClockError {
    var offset: ClosedRange<Int64>
    var driftPPB: ClosedRange<Int64>

    init(_ skew: ClockSkew) {
      offset = skew.offset.nanoseconds...skew.offset.nanoseconds
      driftPPB = skew.driftPPB...skew.driftPPB
    }

    init(of group: NodeGroup) {
      let least = group.clockOffset.shift
      let most =
        if case .uniform(_, let to) = group.clockOffset.spread { least + to } else { least }
      offset = least.nanoseconds...most.nanoseconds
      driftPPB = group.clockDriftPPB
    }

    func union(_ other: ClockError) -> ClockError {
      var union = self
      union.offset =
        min(
          offset.lowerBound, other.offset.lowerBound)...max(
          offset.upperBound, other.offset.upperBound)
      union.driftPPB =
        min(
          driftPPB.lowerBound, other.driftPPB.lowerBound)...max(
          driftPPB.upperBound, other.driftPPB.upperBound)
      return union
    }
  }

  private struct Excess {
    let place: Place
    let isDrift: Bool
  }

  private func check(_ faults: [Located], _ error: ClockError, _ clock: String) {
    guard let excess = excess(faults, error) else { return }
    let drift = Quantity.greatestDriftPPB / 1_000
    reading.fail(
      excess.place,
      "with the other faults of that time and its own error \(clock) "
        + (excess.isDrift
          ? "gains or loses more than \(drift)ppm" : "is off by more than 20 years"),
      cure: excess.isDrift
        ? "give smaller drifts, or let the faults end earlier with `for`"
        : "give smaller offsets, or let the faults end earlier with `for`")
  }

  /// The first time at which all together are too much; what a clock gains by drifting, it keeps.
  private func excess(_ faults: [Located], _ error: ClockError) -> Excess? {
    var changes: [(at: Duration, offset: Int64, drift: Int64, place: Place)] = []
    for fault in faults {
      let (offset, drift) = (fault.clock.offset.nanoseconds, fault.clock.driftPPB)
      changes.append((fault.timed.at, offset, drift, fault.place))
      if let length = fault.timed.length {
        changes.append((fault.timed.at + length, -offset, -drift, fault.place))
      }
    }
    let mostOffset = ClockReader.greatestOffset.nanoseconds
    var (offset, drift) = (error.offset, error.driftPPB)
    var excess: Excess?
    changes.sort { $0.at < $1.at }
    for (index, change) in changes.enumerated() {
      offset = offset.lowerBound + change.offset...offset.upperBound + change.offset
      drift = drift.lowerBound + change.drift...drift.upperBound + change.drift
      let isTooFar = offset.magnitude > mostOffset
      if !isTooFar, drift.magnitude <= Quantity.greatestDriftPPB {
        excess = nil
      } else {
        excess = excess ?? Excess(place: change.place, isDrift: !isTooFar)
      }
      // What happens at one time counts together, as long as it can be added.
      let isLast = index + 1 == changes.count || changes[index + 1].at > change.at
      if let excess, isLast || offset.magnitude > 2 * mostOffset { return excess }
    }
    return nil
  }
}

extension ClockFaultSums.Located {
  fileprivate var selector: NodeSelector? {
    if case .nodeClock(let nodes, _) = timed.fault { nodes } else { nil }
  }
}

extension NodeSelector {
  fileprivate var isOfOneName: Bool { name.map { !$0.contains("*") } ?? false }
}

extension ClosedRange<Int64> {
  fileprivate var magnitude: Int64 { Swift.max(upperBound, -lowerBound) }
}

extension Array {
  /// Those that are not so, and those that are.
  fileprivate func split(_ isSecond: (Element) -> Bool) -> ([Element], [Element]) {
    (filter { !isSecond($0) }, filter(isSecond))
  }
}
