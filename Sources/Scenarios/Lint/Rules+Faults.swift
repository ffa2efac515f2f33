import SimulationKernel
import TLSBootstrap

private typealias Violation = LintRule.Violation

/// What faults break is meant to break: these rules are silent where `spec.expect` says that nodes are not
/// Ready at the end.
let faultRules: [LintRule] = [
  LintRule(
    "fault-never-ends", .warning,
    "A fault lasts to the end of the run and keeps nodes from becoming Ready, and no expectation says that "
      + "they do not."
  ) { input in
    input.unexpectedFaults.filter(\.lastsToTheEnd).compactMap { fault in
      input.endlessHarm(of: fault).map { harm in
        Violation(
          at: input.place("spec.faults[\(fault.number)]"),
          "\(fault.name) lasts to the end of the run: \(harm)",
          cure: "give it `for`, or say in `expect` which nodes are not Ready")
      }
    }
  },
  LintRule(
    "outage-longer-than-join", .warning,
    "The API server, the network or the controller-manager is away for longer than `kubeadm join` waits, "
      + "5 min: it gives up and does not try again."
  ) { input in
    let patience = KubeadmJoin.kubeconfigTimeout.seconds
    return input.unexpectedFaults.filter { !$0.lastsToTheEnd }.flatMap { fault in
      input.groups.filter(\.group.joinsByKubeadm).compactMap { outlook -> Violation? in
        guard let what = fault.stops(outlook, in: input.scenario) else { return nil }
        let until = fault.span.upperBound - patience
        let late = zip(outlook.arrivals, outlook.readyTimes(input.scenario)).count { start, ready in
          ready >= fault.span.lowerBound && start < until
        }
        guard late > 0, until > fault.span.lowerBound else { return nil }
        return Violation(
          at: input.place("spec.faults[\(fault.number)].for"),
          "`kubeadm join` gives up on \(LintInput.nodes(late)) of group \(outlook.group.name): "
            + "\(what) for \(LintInput.about(fault.span.upperBound - fault.span.lowerBound))",
          cure: "let \(fault.name) be shorter than "
            + "\(Quantity.text(KubeadmJoin.kubeconfigTimeout)), or let the nodes come later")
      }
    }
  },
  LintRule(
    "expect-before-fault-ends", .error,
    "More nodes are expected to be Ready by a time than can be while a fault lasts."
  ) { input in
    let faults = input.faults
    return input.expectations.enumerated().compactMap { number, expectation -> Violation? in
      guard case .ready(let count, let by?) = expectation.kind else { return nil }
      let limit = by.seconds
      var kept = 0
      var keeper: FaultOutlook?
      for outlook in input.groups {
        let stopping = faults.filter {
          $0.span.upperBound > limit && $0.stops(outlook, in: input.scenario) != nil
        }
        let late = outlook.arrivals.count { start in
          stopping.contains { $0.span.contains(start) }
        }
        kept += late
        if late > 0 { keeper = keeper ?? stopping.first }
      }
      let wanted = count.least(of: input.nodeCount)
      guard let keeper, input.nodeCount - kept < wanted, wanted <= input.nodeCount else {
        return nil
      }
      return Violation(
        at: input.place("spec.expect[\(number)]"),
        "expects \(LintInput.nodes(wanted)) Ready by \(Quantity.text(by)), and \(keeper.name) lasts "
          + "longer and keeps \(LintInput.nodes(kept)) from it",
        cure: "give a later time, or a shorter `for`")
    }
  },
  LintRule(
    "clock-step-beyond-backdate", .warning,
    "A fault puts the controller-manager's clock more than 5 min ahead of the API server's: certificates are "
      + "refused until the API server's clock has caught up."
  ) { input in
    input.unexpectedFaults.compactMap { fault -> Violation? in
      let scenario = input.scenario
      let ahead: Duration
      var servers = 1
      switch fault.timed.fault {
      case .managerClock(let clock): ahead = clock.offset
      case .serverClock(let clock, let replica):
        ahead = -clock.offset
        if replica != nil { servers = scenario.apiServer.replicas }
      default: return nil
      }
      let before = scenario.controllerManager.clock.offset - scenario.apiServer.clock.offset
      let waiting = input.groups.reduce(0) { sum, outlook in
        sum + outlook.readyTimes(scenario).count(where: fault.span.contains)
      }
      guard before <= CertificateValidity.backdate, waiting > 0,
        before + ahead > CertificateValidity.backdate
      else { return nil }
      return Violation(
        at: input.place("spec.faults[\(fault.number)].timeOffset"),
        "\(fault.name) puts the controller-manager's clock \(Quantity.text(before + ahead)) ahead of "
          + (servers == 1
            ? "the API server's while \(LintInput.nodes(waiting)) get a certificate"
            : "that of one of \(Quantity.count(servers)) API servers while "
              + "\(LintInput.nodes(waiting)) get a certificate, and some of them from that one"),
        cure: "step it by less than 5m, or the API server's clock with it")
    }
  },
  LintRule(
    "node-clock-step-too-far", .warning,
    "A fault steps nodes' clocks so far that by them the API server's certificate, or their own, is not valid."
  ) { input in
    input.unexpectedFaults.compactMap { fault -> Violation? in
      guard case .nodeClock(_, let clock) = fault.timed.fault else { return nil }
      // Of the API server's certificate what the clock shows then counts, of a new one the difference.
      let problem =
        input.newProblem(
          of: "serving-certificate-not-valid",
          in: input.withClocks(of: fault, ahead: clock.offset + fault.timed.at))
        ?? input.newProblem(
          of: "certificate-expired-on-arrival",
          in: input.withClocks(of: fault, ahead: clock.offset))
      return problem.map {
        Violation(
          at: input.place("spec.faults[\(fault.number)].timeOffset"),
          "\(fault.name) steps clocks by \(Quantity.text(clock.offset)): \($0)",
          cure: "step them by less")
      }
    }
  },
  LintRule(
    "fault-without-effect", .note,
    "A fault changes nothing: it is over before the first node starts, or leaves all as it was."
  ) { input in
    let faults = input.faults
    return faults.compactMap { fault -> Violation? in
      input.futility(of: fault, among: faults).map {
        Violation(
          at: input.place("spec.faults[\(fault.number)]"), "\(fault.name) has no effect: \($0)",
          cure: "let it come later or last longer, or remove it")
      }
    }
  },
]

extension LintInput {
  var faults: [FaultOutlook] {
    let all = scenario.faults.enumerated().map { FaultOutlook($0, $1, end: end) }
    return all.map { fault in
      var fault = fault
      for other in all { fault.end(by: other) }
      return fault
    }
  }

  /// Whether an expectation says that nodes are not Ready at the end.
  var expectsFailure: Bool { expectations.contains { $0.allowsFailure(of: nodeCount) } }

  /// All, or none where nodes are expected not to be Ready.
  fileprivate var unexpectedFaults: [FaultOutlook] { expectsFailure ? [] : faults }

  /// What a fault that never ends does to the nodes that are not Ready when it begins.
  fileprivate func endlessHarm(of fault: FaultOutlook) -> String? {
    for outlook in groups {
      let late = outlook.readyTimes(scenario).count { $0 >= fault.span.lowerBound }
      if let what = fault.stops(outlook, in: scenario), late > 0 {
        return
          "\(what), and \(Self.nodes(late)) of group \(outlook.group.name) are not Ready by then"
      }
      // Which nodes it hits, and whether those are Ready by then, nobody knows where only some are not.
      if let what = fault.stops(outlook, in: scenario, isPartial: true),
        late == outlook.arrivals.count
      {
        return "some nodes of group \(outlook.group.name) are never Ready, because \(what)"
      }
    }
    return brokenRule(by: fault)
  }

  /// The first mistake that the scenario has with what a standing fault makes of it, and not without.
  private func brokenRule(by fault: FaultOutlook) -> String? {
    let rules = (tokenRules + permissionRules + approvalRules + signerRules)
      .filter { $0.severity == .error }
    let changed = changed(by: fault)
    guard !changed.groups.isEmpty, changed.scenario != scenario else { return nil }
    return newProblem(of: rules, in: changed)
  }

  fileprivate func newProblem(of rule: String, in other: LintInput) -> String? {
    newProblem(of: LintRule.all.filter { $0.id == rule }, in: other)
  }

  /// With the clocks of the nodes that a fault can hit so much further ahead.
  fileprivate func withClocks(of fault: FaultOutlook, ahead: Duration) -> LintInput {
    var scenario = scenario
    for (place, outlook) in groups.enumerated() where fault.concerns(outlook) {
      scenario.groups[place].clockOffset.shift = outlook.group.clockOffset.shift + ahead
    }
    return LintInput(scenario, expectations, objects, comments)
  }

  /// What rules say of another scenario and not of this one.
  private func newProblem(of rules: [LintRule], in other: LintInput) -> String? {
    let known = Set(rules.flatMap { $0.check(self) }.map(\.problem))
    return rules.lazy.flatMap { $0.check(other) }.map(\.problem).first { !known.contains($0) }
  }

  /// With what the fault makes of the scenario, and without the groups that are Ready by then.
  private func changed(by fault: FaultOutlook) -> LintInput {
    var scenario = scenario.changed(by: fault.timed)
    let late = Set(
      groups.filter { outlook in
        outlook.readyTimes(scenario).contains { $0 >= fault.span.lowerBound }
      }.map(\.group.name))
    scenario.groups.removeAll { !late.contains($0.name) }
    return LintInput(scenario, expectations, objects, comments)
  }

  /// Why a fault changes nothing; nil: it does, or nobody knows.
  fileprivate func futility(of fault: FaultOutlook, among faults: [FaultOutlook]) -> String? {
    switch fault.timed.fault {
    case .serverClock(let clock, _), .managerClock(let clock), .nodeClock(_, let clock):
      if clock == ClockFault() { return "the clock stays as it is" }
      // What a clock gains stays.
      if clock.driftPPB != 0 { return nil }
    case .network(_, .delay(.constant(.zero))): return "nothing takes longer"
    case .token, .authority:
      if scenario.changed(by: fault.timed) == scenario { return "all stays as it was" }
    case .binding, .kubelet, .disk, .runtimeDown, .apiServerDown, .apiServerKilled,
      .apiServerPaused, .managerNetwork, .staleSecrets, .network, .manager:
      break
    }
    let first = groups.filter(fault.concerns).compactMap(\.arrivals.first).min()
    let isAlone = faults.allSatisfy { $0.number == fault.number || !$0.meets(fault) }
    guard let first, fault.effectEnds < first, isAlone, scenario.requests.isEmpty else {
      return nil
    }
    return "it is over at \(Self.about(fault.span.upperBound)), before the first node starts, at "
      + Self.about(first)
  }
}

extension Expectation {
  /// Whether it holds though some node is not Ready at the end.
  fileprivate func allowsFailure(of total: Int) -> Bool {
    switch kind {
    case .failed(let count), .waiting(let count): count.least(of: total) > 0
    case .ready(let count, by: nil): count.least(of: total) < total
    case .node(_, let state, _): state != .ready
    case .ready, .approved, .issued, .timeToReady: false
    }
  }
}
