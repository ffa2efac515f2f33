import SimulationKernel
import TLSBootstrap

/// `kubeadm join` (N.2, O46, O47).
extension Rule {
  /// What happens again to a node that has to join anew.
  static func joinsAgain(_ node: NodeCase) -> [Remedy.Command] {
    [
      .onControlPlane("kubeadm token create --print-join-command"),
      .on(node, "kubeadm reset -f && kubeadm join …   # as it was printed"),
    ]
  }

  /// Of a node whose `kubeadm join` failed, or gave up and took the bootstrap kubeconfig with it.
  static func joinsAnew(_ node: NodeCase) -> [Remedy.Command] {
    let isLost = node.record.settlement == .bootstrapKubeconfigMissing
    return node.record.settlement == .joinFailed || isLost && node.group.joinsByKubeadm
      ? joinsAgain(node) : []
  }

  static let kubeadmRules = [
    Rule(
      number: "O46",
      title: "kubeadm join gave up on the certificate and deleted the bootstrap kubeconfig",
      settlements: [.bootstrapKubeconfigMissing, .ready, .waiting],
      holds: {
        ($0.says(.joinFailed, "failed while waiting for TLS bootstrap") || $0.startsLate)
          && !$0.has(.requestAnswered, .createRequest, .forbidden)
          // What still keeps it from its certificate is the cause, and told by other rules.
          && !$0.has(.storeFailed) && !$0.lacksSigner
      },
      clues: [.kubeletLog("run.go:72"), .kubeadm, .request],
      needed: { node in
        node.startsLate
          ? "a certificate within the four minutes that kubeadm join waits for a kubelet that starts "
            + "with it; one that is not restarted afterwards may still get it"
          : "a certificate within the five minutes that kubeadm join waits; a kubelet that is not "
            + "restarted afterwards may still get it, because it holds the token in memory"
      },
      remedy: { node in
        Remedy(
          (node.latestRequest?.approved == nil
            ? [
              .asAdministrator(
                "kubectl get csr -o name | xargs kubectl certificate approve   # within five minutes"
              )
            ] : []) + joinsAgain(node), overrides: looksSooner(node))
      }),
    Rule(
      number: "O47", title: "its clock is ahead by more than a certificate lives",
      settlements: [
        .certificateExpired, .bootstrapKubeconfigMissing, .tokenRefused, .waiting,
      ],
      holds: { ($0.sightings.last(.certificateExpired)?.count ?? 0) > 1 && $0.ownOffset > .zero },
      clues: [
        .kubeletLog("run.go:72"), .kubeletLog("transport.go:120"), .kubeletLog("bootstrap.go:267"),
        .request,
      ],
      clock: { $0.expiryVerdict },
      needed: { node in
        "a clock on \(node.called) that is right: each certificate is past its NotAfter as soon as "
          + "it is there"
      },
      remedy: { node in
        Remedy(
          [.on(node, "chronyc makestep")] + writesBootstrapKubeconfig(node),
          overrides: rightClock(node))
      }),
  ]
}

extension NodeCase {
  /// N.2: of MODE-F, whose kubelet has no /healthz before its certificate, kubeadm gives up a minute sooner.
  fileprivate var startsLate: Bool {
    !group.kubelet.rotateCertificates && had(.requestAnswered, .createRequest, .created)
      && says(.joinFailed, "failed while waiting for the kubelet to start")
  }
}
