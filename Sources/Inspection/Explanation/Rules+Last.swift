import Scenarios
import SimulationKernel
import TLSBootstrap

/// The node that does not run; what it cannot store or share (O26, O33), and what no other rule explains.
extension Rule {
  static let absenceRules = [
    Rule(
      number: "-", title: "the run ended before its first start",
      settlements: [.waiting],
      holds: { $0.record.started == .never && !$0.world.isHeld(node: $0.node) }, clues: [],
      needed: { _ in "more time: nothing is wrong with it" },
      remedy: { _ in Remedy(overrides: ["spec.duration=24h"]) }),
    Rule(
      number: "-", title: "its kubelet does not run: it was stopped, or its machine is off",
      settlements: [.waiting], holds: { $0.world.isHeld(node: $0.node) }, clues: [.request],
      faults: \.stopsKubelet,
      needed: { _ in "somebody who starts it again" },
      remedy: { node in
        Remedy([.on(node, "systemctl start kubelet")], of: node, undoing: \.isKubelet)
      }),
    Rule(
      number: "-", title: "its kubelet is paused: the process is there and does nothing",
      settlements: [.waiting], holds: { $0.world.isPaused(node: $0.node) }, clues: [.request],
      faults: \.pausesKubelet,
      needed: { _ in "somebody who lets it go on" },
      remedy: { node in
        Remedy([.on(node, "kill -CONT $(pidof kubelet)")], of: node, undoing: \.isKubelet)
      }),
    Rule(
      number: "O4", title: "the network keeps it from the API server",
      settlements: [.waiting], holds: { $0.world.isCutOff(node: $0.node) },
      clues: [.kubeletLog("certificate_manager.go:596"), .request],
      faults: \.isPartition,
      needed: { node in "packets from \(node.called) that reach \(node.server)" },
      remedy: { node in
        Remedy(
          [.on(node, "curl -k \(node.server)/healthz   # hangs until they do")], of: node,
          undoing: \.isNetwork)
      }),
  ]

  static let spaceRules = [
    Rule(
      number: "O33", title: "its disk takes no certificate",
      settlements: [
        .waiting, .ready, .certificateExpired, .tokenRefused, .bootstrapKubeconfigMissing,
      ],
      holds: { $0.has(.storeFailed) },
      clues: [.kubeletLog("certificate_manager.go:622"), .kubeletLog("run.go:72"), .request],
      faults: \.fillsDisk,
      needed: { _ in "room in \(pki), and leave to write there" },
      remedy: { node in
        Remedy(
          [
            .on(node, "df -h \(pki)   # then make room:"),
            .on(node, "crictl rmi --prune && journalctl --vacuum-size=100M"),
            .on(node, "systemctl restart kubelet"),
          ], of: node, undoing: \.fillsDisk)
      })
  ]

  static let storageRules = [
    Rule(
      number: "O26", title: "another node has its name",
      settlements: [.ready, .waiting],
      holds: { node in
        node.given.allowsDuplicateNodeNames
          && (node.has(.nodeAdopted) || node.has(.requestAnswered, .updateLease, .conflict))
      },
      clues: [
        .kubeletLog("kubelet_node_status.go:128"), .answer(.createNode, .alreadyExists),
        .answer(.updateLease, .conflict),
      ],
      needed: { _ in "a hostname of its own, or --hostname-override: both renew one Lease now" },
      remedy: { node in
        Remedy(
          [.on(node, "hostnamectl set-hostname \(node.name)-b && systemctl restart kubelet")],
          overrides: renames(node.name, node.given.groups))
      })
  ]

  static let lacksApprover = "no approver is for its CSR"
  static let waitsOn = "it still waits, and nothing says that it waits in vain"

  static let lastRules = [
    Rule(
      number: "O1", title: "there is no kubeconfig and no bootstrap kubeconfig to get one with",
      settlements: [.bootstrapKubeconfigMissing, .ready],
      holds: { $0.record.settlement != .ready || $0.had(.bootstrapKubeconfigUnusable) },
      clues: [.kubeletLog("run.go:72")],
      faults: \.deletesBootstrapKubeconfig,
      needed: { _ in "a bootstrap kubeconfig with the server, its CA and a token" },
      remedy: { writesBootstrapKubeconfig($0) }),
    Rule(
      number: "N.2", title: "kubeadm join gave up before it started the kubelet",
      settlements: [.joinFailed], holds: { _ in true }, clues: [.kubeadm],
      needed: { _ in "an API server that answers, and a token that it knows, while kubeadm asks" },
      remedy: { node in Remedy(joinsAgain(node), of: node, undoing: \.breaksConnections) }),
    Rule(
      number: "E.5", title: lacksApprover,
      settlements: [.waiting, .nobodyApproves],
      holds: { node in
        node.isPending && !node.given.approvers.isEmpty && node.approver == nil
          && !node.csrapprovingMayApprove
      },
      clues: waits,
      needed: { node in
        let user = node.latestRequest.map { node.world.username(of: $0.requestor) } ?? "its user"
        return "an approver for CSRs of \(node.called), which \(user) creates"
      },
      remedy: { node in
        let approves = Remedy.Command.asAdministrator(
          "kubectl certificate approve \(node.latestRequest?.name ?? "NAME")")
        guard let policy = node.given.approvers.first(where: { $0.decision == .approve }) else {
          return Remedy(
            [approves, .runsControllers],
            overrides: ["spec.controllerManager.controllers.csrapproving=true"])
        }
        return Remedy(
          [approves, .asAdministrator("# then let \(policy.name) match such CSRs")],
          overrides: widens(policy.matching, of: policy.name))
      }),
    Rule(
      number: "E.5", title: "its CSR waits for a human, longer than it has patience",
      settlements: [.waiting],
      holds: { $0.isPending && $0.manualApprover != nil },
      clues: [.kubeletLog("certificate_manager.go:613"), .request],
      needed: { _ in "an approval within 15 minutes" },
      remedy: { node in
        Remedy(
          [.asAdministrator("kubectl certificate approve \(node.latestRequest?.name ?? "NAME")")],
          overrides: looksSooner(node))
      }),
    Rule(
      number: "E.5", title: "its CSR waits for an external approver that is slower than CSRs come",
      settlements: [.waiting],
      holds: { $0.isPending && $0.approver != nil },
      clues: [.kubeletLog("certificate_manager.go:613"), .request],
      needed: { node in "an approval by \(node.approver?.name ?? "it") within 15 minutes" },
      remedy: { node in
        let name = node.approver?.name ?? ""
        return Remedy(
          [.asAdministrator("# workers and client rate of \(name) that keep up with the nodes")],
          overrides: keepsUp(node))
      }),
    Rule(
      number: "B.8", title: "nobody approves its CSR for a serving certificate",
      settlements: [.ready],
      holds: { $0.group.kubelet.serverTLSBootstrap && $0.servingRequest != nil }, clues: [],
      needed: { node in
        "somebody who approves CSRs of kubernetes.io/kubelet-serving, because csrapproving does not: "
          + "until then kubectl logs and exec fail on \(node.called)"
      },
      remedy: { node in
        Remedy([
          .asAdministrator("kubectl certificate approve \(node.servingRequest ?? "NAME")")
        ])
      }),
    Rule(
      number: "O4", title: "the network loses or delays what it sends to the API server",
      settlements: [.waiting],
      holds: { node in
        node.sightings.last(.connectionFailed) != nil
          && node.fault(during: node.world.now..<Instant.never, \.isNetwork) != nil
      },
      clues: [
        .kubeletLog("certificate_manager.go:596"), .kubeletLog("reflector.go:608"), .request,
      ],
      faults: \.isNetwork,
      needed: { node in "packets from \(node.called) that reach \(node.server), and in time" },
      remedy: { node in
        Remedy(
          [.on(node, "curl -k -m 5 \(node.server)/healthz   # again and again: how many fail?")],
          of: node, undoing: \.isNetwork)
      }),
    Rule(
      number: "-", title: waitsOn,
      settlements: [.waiting], holds: { _ in true },
      clues: [.kubeletLog("certificate_manager.go:613"), .request],
      needed: { _ in "more time: the run ended before the node's state was settled" },
      remedy: { node in Remedy(overrides: ["spec.duration=24h"]) }),
  ]
}

// MARK: Other approvers than csrapproving

extension Rule {
  /// Settings by which a policy matches every CSR.
  private static func widens(_ matching: ApproverSettings.Matching, of name: String) -> [String] {
    let key = "spec.approval.\(name).matching"
    return (matching.requestor == nil ? [] : ["\(key).requestor=\"*\""])
      + (matching.nodeName == nil ? [] : ["\(key).nodeName=\"*\""])
      + (matching.signerName == nil
        ? [] : ["\(key).signerName=\(SignerName.kubeAPIServerClientKubelet.text)"])
  }

  /// Settings by which the external approver is done with a CSR of each node within their patience, a tenth to spare:
  /// with as many workers and requests a second as that takes, and twice as many where it has those.
  private static func keepsUp(_ node: NodeCase) -> [String] {
    guard let approver = node.approver, case .external(let external) = approver.kind else {
      return []
    }
    let (nodes, patience) = (Int64(node.world.nodeCount), Duration.minutes(15).nanoseconds)
    let calls = Int64(external.callsPerRequest)
    let work = external.serviceTime.median + node.given.latency.updateApproval.median * calls
    let workers = (work.nanoseconds / 1_000 * nodes * 11 / 10) / (patience / 1_000) + 1
    let milliQPS = (calls * nodes * 1_100 * 1_000_000_000) / patience + 1
    let isTooSlow = (
      workers: workers > external.workers, calls: milliQPS > external.milliQPS
    )
    let isEither = isTooSlow.workers || isTooSlow.calls
    let key = "spec.approval.\(approver.name).external"
    return
      (isTooSlow.workers || !isEither
      ? ["\(key).workers=\(max(workers, Int64(external.workers) * 2))"] : [])
      + (isTooSlow.calls || !isEither
        ? ["\(key).qps=\((max(milliQPS, external.milliQPS * 2) + 999) / 1_000)"] : [])
  }

  /// Settings by which each node that has the name of one before it has another, in its place among the names of its
  /// group.
  private static func renames(_ name: String, _ groups: [NodeGroup]) -> [String] {
    var suffix = ""
    return groups.compactMap { group in
      let names = group.nodeNames.map { other in
        guard other == name else { return other }
        defer { suffix += suffix.isEmpty ? "-b" : "b" }
        return other + suffix
      }
      return names == group.nodeNames
        ? nil : "spec.nodes.\(group.name).names=[\(names.joined(separator: ", "))]"
    }
  }

  /// Settings by which the human who approves looks within a minute, and then every five, at as many CSRs as there are
  /// nodes, and is done with them in ten.
  static func looksSooner(_ node: NodeCase) -> [String] {
    guard let (name, manual) = node.manualApprover else { return [] }
    let key = "spec.approval.\(name).manual"
    let everyDay = ApproverSettings.Manual().workingDays
    let effort = Duration.milliseconds(10 * 60_000 / Int64(node.world.nodeCount))
    return (manual.firstLook > .minutes(1) ? ["\(key).firstLook=1m"] : [])
      + (manual.every > .minutes(5) ? ["\(key).every=5m"] : [])
      + (manual.timePerRequest.median > effort
        ? ["\(key).timePerRequest=\(Quantity.text(effort))"] : [])
      + (manual.batch.map { $0 < node.world.nodeCount } ?? false
        ? ["\(key).batch=\(node.world.nodeCount)"] : [])
      + (manual.workingHours == nil ? [] : ["\(key).workingHours=00:00-24:00"])
      + (manual.workingDays == everyDay
        ? [] : ["\(key).workingDays=[Mon, Tue, Wed, Thu, Fri, Sat, Sun]"])
  }
}
