import SimulationKernel
import TLSBootstrap

private typealias Violation = LintRule.Violation

let signerRules: [LintRule] = [
  LintRule(
    "no-signer", .error,
    "No signer runs: no controller-manager, csrsigning off, no key to sign with, or no permission."
  ) { input in
    let manager = input.scenario.controllerManager
    guard input.groups.contains(where: \.needsCertificate) else { return [] }
    let key: String?
    if !manager.running {
      key = "running"
    } else if !manager.csrsigning {
      key = "controllers.csrsigning"
    } else if !manager.hasSigningKey {
      key = "signingKey"
    } else {
      key = input.review.signersArePermitted ? nil : "useServiceAccountCredentials"
    }
    guard let key else { return [] }
    let isOfRBAC = key == "useServiceAccountCredentials" && input.scenario.lacksRBAC
    return [
      Violation(
        at: input.place(
          isOfRBAC ? "spec.apiServer.authorizationMode" : "spec.controllerManager.\(key)"),
        "no signer of the controller-manager can issue certificates",
        cure: isOfRBAC ? addsRBAC : "correct `spec.controllerManager.\(key)`")
    ]
  },
  LintRule(
    "signing-ca-expired", .error, "The CA that signs expires before the last node starts."
  ) { input in
    let last = input.groups.filter(\.needsCertificate).compactMap(\.arrivals.last).max() ?? 0
    let clock = input.scenario.controllerManager.clock
    guard let end = input.scenario.controllerManager.signingCANotAfter,
      input.reading(clock, at: .seconds(Int64(last))) >= end
    else { return [] }
    return [
      Violation(
        at: input.place("spec.controllerManager.signingCANotAfter"),
        "the signing CA ends at \(Timestamp.text(end)), before the last node starts",
        cure: "give a later time")
    ]
  },
  LintRule(
    "signing-ca-not-trusted", .error,
    "The API server does not trust the CA that signs, so it refuses every certificate."
  ) { input in
    input.scenario.apiServer.trustsSigningCA
      ? []
      : [
        Violation(
          at: input.place("spec.apiServer.trustsSigningCA"),
          "the API server refuses every certificate that is signed in the run",
          cure: "put the signing CA into `--client-ca-file`")
      ]
  },
  LintRule(
    "life-shorter-than-backdate", .error,
    "Certificates live so shortly that their renewal, at 70 percent of their life at the earliest, is due "
      + "when they are issued, because they are backdated by five minutes."
  ) { input in
    let duration = input.scenario.controllerManager.clusterSigningDuration
    // Life is the duration and the backdate: its first 70 percent must reach beyond the backdate.
    let life = duration + CertificateValidity.backdate
    guard life.scaled(by: 7, over: 10) <= CertificateValidity.backdate,
      input.groups.contains(where: input.renews)
    else { return [] }
    return [
      Violation(
        at: input.place("spec.controllerManager.clusterSigningDuration"),
        "certificates of \(Quantity.text(duration)) are renewed as soon as they are issued",
        cure: "give at least 10m")
    ]
  },
  LintRule(
    "life-shorter-than-renewals", .error,
    "Certificates end before all nodes can have renewed them: more nodes than the approver serves in the "
      + "last 30 percent of a certificate's life."
  ) { input in
    let duration = input.scenario.controllerManager.clusterSigningDuration
    let window = duration.scaled(by: 3, over: 10).seconds
    let nodes = input.groups.filter { input.renews($0) && $0.approver == .csrapproving }
      .reduce(0) { $0 + $1.arrivals.count }
    guard duration < input.end, let queue = input.queue(.csrapproving), let rate = queue.rate,
      Double(nodes) > rate * window
    else { return [] }
    return [
      Violation(
        at: input.place("spec.controllerManager.clusterSigningDuration"),
        "\(LintInput.nodes(nodes)) renew certificates of \(Quantity.text(duration)), and csrapproving serves "
          + "\(Quantity.count(Int(rate * window))) in the last 30 percent of that",
        cure: "lengthen it, or raise `spec.controllerManager.kubeAPIQPS`")
    ]
  },
]

let loadRules: [LintRule] = [
  LintRule(
    "queue-longer-than-patience", .error,
    "More CSRs than are approved while their creators wait (15 min × the rate of approvals): those give up and "
      + "ask anew, and their old CSRs are approved for nobody. With more than twice as many no new CSR is "
      + "approved in time any more, and the queue never ends; with fewer all takes longer, a warning."
  ) { input in
    input.groups.compactMap { outlook in
      let patience = outlook.patience.seconds
      let late = outlook.waits.count { $0 > patience }
      guard late > 0, let approver = outlook.approver, let rate = input.queue(approver)?.rate
      else { return nil }
      let isEndless = outlook.waits.contains { $0 > endlessWait * patience }
      let total = outlook.waits.count
      return .init(
        at: input.place("spec.nodes[\(outlook.group.name)].count"),
        "\(Quantity.count(late)) of \(LintInput.nodes(total)) of group \(outlook.group.name) wait longer than "
          + "\(Quantity.text(outlook.patience)): \(decimal(rate)) approvals a second serve "
          + "\(Quantity.count(Int(rate * patience))) in that time, "
          + (isEndless
            ? "and who asks anew never catches up" : "and who asks anew makes it longer for all"),
        cure: approver == .csrapproving
          ? "raise `spec.controllerManager.kubeAPIQPS`, or spread their start"
          : "let the approver be faster, or spread their start",
        severity: isEndless ? .error : .warning)
    }
  },
  LintRule(
    "looks-too-rare", .warning,
    "An administrator approves so late that kubelets have given up on their CSR: those are approved and "
      + "signed for nobody."
  ) { input in
    input.groups.compactMap { outlook in
      let patience = outlook.patience.seconds
      let late = outlook.waits.count { $0 > patience }
      guard late > 0, case .policy(let number)? = outlook.approver,
        input.queue(.policy(number))?.rate == nil
      else { return nil }
      let policy = input.scenario.approvers[number]
      return .init(
        at: input.place("spec.approval[\(policy.name)].manual"),
        "\(policy.name) comes to \(LintInput.nodes(late)) of group \(outlook.group.name) after "
          + "their kubelets have given up, at \(Quantity.text(outlook.patience))",
        cure: "let `every` be shorter than that, and `firstLook` earlier")
    }
  },
  LintRule(
    "join-gives-up", .warning,
    "`kubeadm join` waits 5 min for the certificate, gives up and deletes the bootstrap kubeconfig before "
      + "the CSR is approved."
  ) { input in
    input.groups.compactMap { outlook in
      let limit = KubeadmJoin.kubeconfigTimeout
      let late = outlook.waits.count { $0 > limit.seconds }
      guard outlook.group.joinsByKubeadm, late > 0 else { return nil }
      return .init(
        at: input.place("spec.nodes[\(outlook.group.name)].join"),
        "`kubeadm join` gives up on \(LintInput.nodes(late)) of group \(outlook.group.name): they "
          + "are approved after more than \(Quantity.text(limit))",
        cure: "approve faster, or spread their start")
    }
  },
]

/// Beyond how many times the patience a wait is endless.
///
/// 2¼. Protocol.md 0.9 has twice, of CSRs that come at once; the API server lets tens of thousands in over
/// minutes, so that 20,000 nodes with a controller-manager's defaults still all join, and 21,000 do not.
private let endlessWait = 2.25

/// With three decimals at most, cut off.
private func decimal(_ value: Double) -> String {
  Quantity.decimal(UInt64(value * 1_000), per: 1_000)
}

extension LintInput {
  fileprivate func queue(_ approver: GroupOutlook.Approver) -> ApprovalQueue? {
    ApprovalQueue(approver, scenario, end: end)
  }
}
