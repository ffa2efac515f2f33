import SimulationKernel
import TLSBootstrap

/// The node that does not run; what it cannot store or share (O26, O33), and what no other rule explains.
extension Rule {
  static let absenceRules = [
    Rule(
      number: "-", title: "its kubelet does not run: it was stopped, or its machine is off",
      settlements: [.waiting], holds: { $0.world.isHeld(node: $0.node) }, clues: [.request],
      faults: \.stopsKubelet,
      needed: { _ in "somebody who starts it again" },
      remedy: { node in .withoutFaults([.on(node, "systemctl start kubelet")]) }),
    Rule(
      number: "-", title: "its kubelet is paused: the process is there and does nothing",
      settlements: [.waiting], holds: { $0.world.isPaused(node: $0.node) }, clues: [.request],
      faults: \.pausesKubelet,
      needed: { _ in "somebody who lets it go on" },
      remedy: { node in .withoutFaults([.on(node, "kill -CONT $(pidof kubelet)")]) }),
    Rule(
      number: "O4", title: "the network keeps it from the API server",
      settlements: [.waiting], holds: { $0.world.isCutOff(node: $0.node) },
      clues: [.kubeletLog("certificate_manager.go:596"), .request],
      faults: \.isPartition,
      needed: { node in "packets from \(node.name) that reach \(node.server)" },
      remedy: { node in
        .withoutFaults([.on(node, "curl -k \(node.server)/healthz   # hangs until they do")])
      }),
  ]

  static let spaceRules = [
    Rule(
      number: "O33", title: "its disk takes no certificate",
      settlements: [
        .waiting, .ready, .certificateExpired, .tokenRefused, .bootstrapKubeconfigMissing,
      ],
      holds: { $0.record.settlement == .ready ? $0.has(.storeFailed) : $0.lacksRoom },
      clues: [.kubeletLog("certificate_manager.go:622"), .kubeletLog("run.go:72"), .request],
      faults: \.fillsDisk,
      needed: { _ in "room in \(pki), and leave to write there" },
      remedy: { node in
        .withoutFaults([
          .on(node, "df -h \(pki)   # then make room:"),
          .on(node, "crictl rmi --prune && journalctl --vacuum-size=100M"),
          .on(node, "systemctl restart kubelet"),
        ])
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
          overrides: ["\(node.groupKey).names=[\(node.name)-b]"])
      })
  ]

  static let lastRules = [
    Rule(
      number: "E.5", title: "its CSR waits for a human, longer than it has patience",
      settlements: [.waiting],
      holds: { node in
        let isPending = node.latestRequest.map { $0.approved == nil && $0.denied == nil } ?? false
        return isPending && !node.given.approvers.isEmpty
      }, clues: [.kubeletLog("certificate_manager.go:613"), .request],
      needed: { _ in "an approval within 15 minutes" },
      remedy: { node in
        Remedy([
          .asAdministrator("kubectl certificate approve \(node.latestRequest?.name ?? "NAME")")
        ])
      }),
    Rule(
      number: "-", title: "it still waits, and nothing says that it waits in vain",
      settlements: [.waiting], holds: { _ in true },
      clues: [.kubeletLog("certificate_manager.go:613"), .request],
      needed: { _ in "more time: the run ended before the node's state was settled" },
      remedy: { node in Remedy(overrides: ["spec.duration=24h"]) }),
  ]
}
