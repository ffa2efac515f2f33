import Reporting
import SimulationKernel
import TLSBootstrap

/// Why its CSR is not approved, or not in time (O17 to O19, O23, O24, O28, O29, O32, O36).
extension Rule {
  /// Of a node whose CSR comes to no certificate.
  static let waits: [Clue] = [
    .kubeletLog("certificate_manager.go:613"), .kubeletLog("run.go:72"), .request,
  ]

  /// Requests a second with which csrapproving is done with as many CSRs as there are nodes while these wait, two
  /// for each, and a tenth to spare: within 15 min (B.4 row 4).
  private static func rateForAll(_ node: NodeCase) -> Int64 {
    let patience: Int64 = 15 * 60
    return (Int64(node.world.nodeCount) * 22 / 10 + patience - 1) / patience
  }

  private static let asksForLeader = Remedy.Command.asAdministrator(
    "kubectl -n kube-system get lease kube-controller-manager   # who leads, since when")
  static let listsManagers = Remedy.Command.onEveryControlPlane(
    "crictl ps -a --name 'kube-(controller-manager|apiserver)'")

  static func startsManager(_ node: NodeCase, then commands: [Remedy.Command] = []) -> Remedy {
    let commands = [asksForLeader, listsManagers] + startsAgain(node) + commands
    // What a fault does to one that never runs is no matter.
    return node.given.controllerManager.running
      ? Remedy(commands, of: node, undoing: \.stopsManager, or: runsManager(node))
      : Remedy(commands, overrides: runsManager(node))
  }

  /// By what keeps them from their work; a static pod is started by the kubelet of its host.
  static func startsAgain(_ node: NodeCase) -> [Remedy.Command] {
    if node.fault(\.pausesManager) != nil {
      return [.onEveryControlPlane("pkill -CONT kube-controller-manager")]
    }
    if node.fault(\.cutsManager) != nil {
      let server = "https://localhost:6443/healthz   # hangs, or is slow, as long as it is cut off"
      return [.onEveryControlPlane("curl -k \(server)")]
    }
    return [.onEveryControlPlane("systemctl restart kubelet   # starts static pods again")]
  }

  static func runsManager(_ node: NodeCase) -> [String] {
    let manager = node.given.controllerManager
    return (manager.running ? [] : ["spec.controllerManager.running=true"])
      + (manager.startsAt == nil ? [] : ["spec.controllerManager.startsAt=0s"])
  }

  static let approvalRules = [
    Rule(
      number: "O19", title: "its CSR is denied",
      settlements: [.denied, .nobodyApproves, .waiting, .ready],
      holds: { $0.says(.waitEnded, "is denied") || $0.record.settlement == .denied }, clues: waits,
      needed: { node in
        "`kubectl certificate approve` where somebody denies; a denied CSR stays denied"
      },
      remedy: { node in
        let denier = node.given.approvers.first { $0.decision == .deny }
        return Remedy(
          [
            .asAdministrator("kubectl delete csr \(node.latestRequest?.name ?? "NAME")"),
            .asAdministrator(
              "kubectl certificate approve NEW-CSR   # of its next try, before it is denied"),
          ],
          overrides: denier.map { ["spec.approval.\($0.name).decision=Approve"] }
            ?? node.leavingOutRequests {
              if case .decide(_, .deny) = $0 { true } else { false }
            })
      }),
    Rule(
      number: "O24", title: "an approver may not approve for the signer",
      settlements: [.nobodyApproves, .waiting],
      holds: { $0.isPending && refusedApprover($0) != nil },
      clues: waits + [.answerToOthers(.updateApproval)],
      needed: { node in
        "update on certificatesigningrequests/approval, and approve on "
          + "kubernetes.io/kube-apiserver-client-kubelet, for "
          + (refusedApprover(node)?.user ?? "the approver")
      },
      remedy: letsApprove),
    Rule(
      number: "O24", title: "an approver might not approve for the signer",
      settlements: [.ready], holds: { refusedApprover($0) != nil },
      clues: [.answerToOthers(.updateApproval), .request],
      faults: \.isBinding,
      needed: { node in
        "update on certificatesigningrequests/approval, and approve on "
          + "kubernetes.io/kube-apiserver-client-kubelet, for "
          + (refusedApprover(node)?.user ?? "the approver") + " before the node comes"
      },
      remedy: letsApprove),
    Rule(
      number: "O24", title: "kube-controller-manager may not approve or sign for the signer",
      settlements: [.nobodyApproves, .nobodySigns, .waiting],
      holds: { node in
        [(Call.updateApproval, Answer.forbiddenToApprove), (.updateStatus, .forbiddenToSign)]
          .contains {
            node.has(.requestAnswered, $0.0, $0.1, by: { $0 != .approver })
              || node.has(.authorizationFailed, $0.0, by: { $0 != .approver })
          }
      },
      clues: waits + [.answerToOthers(.updateApproval), .answerToOthers(.updateStatus)],
      needed: { _ in
        "approve and sign on kubernetes.io/kube-apiserver-client-kubelet for the identity of the "
          + "controllers, as system:serviceaccount:kube-system:certificate-controller has them"
      },
      remedy: { _ in
        Remedy(
          [
            .settingFlags(
              ["--use-service-account-credentials=true"], of: "kube-controller-manager")
          ],
          overrides: ["spec.controllerManager.useServiceAccountCredentials=true"])
      }),
    Rule(
      number: "O23", title: "csrapproving is not among the controllers that run",
      settlements: [.nobodyApproves, .waiting],
      holds: { node in
        let manager = node.scenario.controllerManager
        return manager.running && !manager.csrapproving && node.isPending
          && node.given.approvers.isEmpty
      }, clues: waits,
      needed: { _ in
        "csrapproving among --controllers of kube-controller-manager, or somebody who approves"
      },
      remedy: { _ in
        Remedy(
          [
            .runsControllers
          ], overrides: ["spec.controllerManager.controllers.csrapproving=true"])
      }),
    Rule(
      number: "O23", title: "no kube-controller-manager runs that approves",
      settlements: [.nobodyApproves, .waiting],
      holds: { node in
        guard node.given.approvers.isEmpty else { return false }
        return node.waitedForManager
          || node.isPending && (!node.scenario.controllerManager.running || node.lacksManager)
      }, clues: waits,
      faults: \.stopsManager,
      needed: { _ in
        "a kube-controller-manager that leads and reaches the API server of its own host, with "
          + "csrapproving among --controllers"
      },
      remedy: { node in startsManager(node) }),
    Rule(
      number: "O18", title: "csrapproving does not recognise its CSR",
      settlements: [.nobodyApproves, .waiting], holds: { $0.has(.notRecognized) },
      clues: waits + [.controller(.notRecognized)],
      needed: { _ in
        "O=system:nodes, CN=system:node:NAME, no SANs, the signer "
          + "kubernetes.io/kube-apiserver-client-kubelet and its usages"
      },
      remedy: { node in
        Remedy([
          .asAdministrator("kubectl certificate approve \(node.latestRequest?.name ?? "NAME")")
        ])
      }),
    Rule(
      number: "O23", title: "no controller-manager was at work while its CSR waited",
      settlements: [.ready],
      holds: { node in
        guard node.given.approvers.isEmpty else { return false }
        // Of an earlier CSR, or of the one that was approved.
        if node.waitedForManager { return true }
        guard let wait = node.approvalWait, wait.upperBound - wait.lowerBound > .seconds(1) else {
          return false
        }
        let startsAt = node.given.controllerManager.startsAt ?? .zero
        return Instant.zero + startsAt > wait.lowerBound
          || node.fault(during: wait, \.stopsManager) != nil
      }, clues: [.request], faults: \.stopsManager,
      needed: { _ in "another controller-manager that leads, sooner: its lease lasts 15 s" },
      remedy: { node in
        Remedy([asksForLeader], of: node, undoing: \.stopsManager, or: runsManager(node))
      }),
    Rule(
      number: "O40", title: "no binding lets the renewal of its certificate be approved",
      settlements: [.ready], holds: { $0.hadRefusedReview(ofRenewal: true) },
      clues: [
        .kubeletLog("certificate_manager.go:613"), .controller(.reviewRefused), .request,
      ],
      faults: \.isBinding,
      needed: { _ in "a binding of system:nodes to selfnodeclient before NotAfter" },
      remedy: bindsRenewal),
    Rule(
      number: "O17", title: "no binding let its CSR be approved",
      settlements: [.ready], holds: { $0.hadRefusedReview(ofRenewal: false) },
      clues: [.controller(.reviewRefused), .request],
      faults: { $0.isBinding || $0.tokenGroups != nil },
      needed: { node in "a binding of \(node.bootstrapGroup) to nodeclient before the node comes" },
      remedy: { node in binds([.approval], node) }),
    Rule(
      number: "O17", title: "no binding lets its CSR be approved, and nobody else approves",
      settlements: [.nobodyApproves],
      holds: { node in
        node.scenario.controllerManager.csrapproving || node.given.approvers.isEmpty
          || node.approver != nil
      },
      clues: waits + [.controller(.reviewRefused)],
      faults: { $0.isBinding || $0.tokenGroups != nil },
      needed: { node in
        "a binding of \(node.bootstrapGroup) to nodeclient, or somebody who approves"
      },
      remedy: { node in
        binds([.approval], node)
      }),
    Rule(
      number: "O28", title: "its CSR was deleted while it waited",
      settlements: [.waiting, .ready], holds: { $0.has(.deletionSeen) },
      clues: waits,
      needed: { _ in "that nobody deletes CSRs that wait" },
      remedy: { node in
        Remedy(
          overrides: node.leavingOutRequests { if case .delete = $0 { true } else { false } })
      }),
    Rule(
      number: "O29", title: "its CSR was deleted and made again under its name",
      settlements: [.waiting, .ready], holds: { $0.has(.replacementSeen) },
      clues: waits,
      needed: { _ in "that nobody restores CSRs that wait: the new one has another UID" },
      remedy: { node in
        Remedy(
          overrides: node.leavingOutRequests { if case .replace = $0 { true } else { false } })
      }),
    Rule(
      number: "O36", title: "its kubelet was killed while its CSR waited",
      settlements: [.waiting, .ready],
      holds: { node in
        guard let created = node.sightings.last(.requestAnswered, .createRequest, .created),
          let exit = node.sightings.last(.kubeletExited), exit.first.value == 0,
          node.has(.kubeletExited), node.fault(\.isKubelet) != nil
        else { return false }
        let fetched = node.sightings.last(.certificateFetched)?.first.id ?? .max
        return created.first.id < exit.first.id && exit.first.id < fetched
      }, clues: [.request],
      faults: \.isKubelet,
      needed: { node in
        node.group.kubelet.rotateCertificates
          ? "a kubelet that runs until it has its certificate: its key was in memory only, so that "
            + "it made another CSR and the old one is signed for nobody"
          : "a kubelet that runs until it has its certificate; it kept its key and met its own CSR"
      },
      remedy: { node in Remedy([], of: node, undoing: \.isKubelet) }),
    Rule(
      number: "O32", title: "csrapproving's queue is longer than its patience",
      settlements: [.waiting, .ready],
      holds: { node in
        let isInQueue =
          node.record.settlement == .ready || node.isPending || node.wasApprovedTooLate
        return isInQueue && node.gaveUp && !node.waitedForManager
          && node.scenario.controllerManager.csrapproving
          && node.world.statistics.approverLimiter.waited > 0
          && node.world.statistics.abandonedApproved > 0
      }, clues: waits,
      needed: { node in
        let limit = node.given.controllerManager.clientLimit
        let rate = Text.rate(milli: (limit?.milliRate ?? 0) * (limit?.isPerGroup == true ? 2 : 1))
        return "an approver that is faster than CSRs come: each costs it two requests of "
          + "\(rate) a second, and those that gave up are approved for nobody"
      },
      remedy: { node in
        let manager = node.given.controllerManager
        let rate = max(20, manager.kubeAPIMilliQPS / 1_000 * 2, rateForAll(node))
        let burst = max(30, manager.kubeAPIBurst * 2)
        return Remedy(
          [
            .settingFlags(
              ["--kube-api-qps=\(rate)", "--kube-api-burst=\(burst)"],
              of: "kube-controller-manager")
          ],
          overrides: [
            "spec.controllerManager.kubeAPIQPS=\(rate)",
            "spec.controllerManager.kubeAPIBurst=\(burst)",
          ])
      }),
  ]
}
