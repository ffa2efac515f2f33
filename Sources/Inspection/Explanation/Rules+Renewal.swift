import SimulationKernel
import TLSBootstrap

/// Certificates that end, and kubelets that start with one (M.2, B.7, O4, O10, O22, O23, O25, O30, O38 to O40).
extension Rule {
  /// A token that outlives the run.
  private static func longToken(_ node: NodeCase) -> [String] {
    node.tokenKey.map { ["\($0).ttl=8760h"] } ?? []
  }

  /// The binding by which csrapproving approves renewals.
  static func bindsRenewal(_ node: NodeCase) -> Remedy {
    let role = "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient"
    return Remedy(
      [
        .asAdministrator(
          "kubectl create clusterrolebinding kubeadm:node-autoapprove-certificate-rotation "
            + "--clusterrole=\(role) --group=system:nodes")
      ], of: node, undoing: { takes([role], $0, node) })
  }

  static let renewalRules = [
    Rule(
      number: "M.2",
      title:
        "the controller-manager's clock is behind: its certificates have expired when they are made",
      settlements: [
        .certificateExpired, .certificateRefused, .tokenRefused, .bootstrapKubeconfigMissing,
        .waiting, .ready,
      ],
      holds: { $0.signerVerdict.map { $0.limit.hasPrefix("NotAfter") } ?? false },
      clues: [.kubeletLog("transport.go:120"), .authentication(nil), .request],
      faults: \.isManagerClock,
      clock: { $0.signerVerdict },
      needed: { _ in "a clock of kube-controller-manager that is right" },
      remedy: { node in
        Remedy(
          [.onEveryControlPlane("chronyc makestep")] + writesBootstrapKubeconfig(node),
          overrides: rightManagerClock(node))
      }),
    Rule(
      number: "M.2", title: "its clock is behind: it takes a certificate for good that has expired",
      settlements: [.certificateExpired, .waiting, .ready],
      holds: {
        $0.ownOffset < .zero
          && ($0.says(.authenticationFailed, "x509", to: .createRequest)
            || $0.unseenExpiryVerdict != nil)
      },
      clues: [.kubeletLog("certificate_manager.go:596"), .authentication(.createRequest)],
      faults: \.isNodeClock,
      clock: { $0.unseenExpiryVerdict ?? $0.clientCertificateVerdict },
      needed: { node in
        "a clock on \(node.called) that is right: by its own it renews too late, and is cut off until "
          + "that clock has passed NotAfter too"
      },
      remedy: { node in
        Remedy([.on(node, "chronyc makestep")], overrides: rightClock(node))
      }),
    Rule(
      number: "O23",
      title: "no controller-manager was at work when its certificate had to be renewed",
      settlements: [.certificateExpired, .tokenRefused, .bootstrapKubeconfigMissing, .waiting],
      holds: { node in
        node.renewal.map { node.fault(during: $0, \.stopsManager) != nil } ?? false
      },
      clues: [
        .kubeletLog("transport.go:120"), .kubeletLog("certificate_manager.go:613"), .request,
      ],
      faults: \.stopsManager,
      clock: { $0.expiryVerdict },
      needed: { _ in
        "a kube-controller-manager that leads before NotAfter; afterwards a bootstrap kubeconfig "
          + "whose token still lives"
      },
      remedy: { node in
        Remedy(
          [listsManagers] + writesBootstrapKubeconfig(node), of: node, undoing: \.stopsManager)
      }),
    Rule(
      number: "O4",
      title: "it could not reach the API server when its certificate had to be renewed",
      settlements: [.certificateExpired, .tokenRefused, .bootstrapKubeconfigMissing, .waiting],
      holds: { $0.hadWhileRenewing(.connectionFailed, .createRequest) },
      clues: [.kubeletLog("certificate_manager.go:596"), .kubeletLog("transport.go:120")],
      faults: \.keepsFromServer,
      clock: { $0.expiryVerdict },
      needed: { node in
        "\(node.server) within reach before NotAfter; afterwards a bootstrap kubeconfig whose token "
          + "still lives"
      },
      remedy: { node in
        Remedy(
          [.on(node, "curl -k \(node.server)/healthz")] + writesBootstrapKubeconfig(node),
          of: node, undoing: \.keepsFromServer)
      }),
    Rule(
      number: "O22",
      title: "its certificate ended with the CA that signs",
      settlements: [.certificateExpired, .tokenRefused, .bootstrapKubeconfigMissing, .waiting],
      holds: { node in
        guard node.had(.certificateExpired), let (made, validity) = node.latestCertificate else {
          return false
        }
        let end = node.world.signingCANotAfter
        return validity.upperBound >= end / 1_000_000_000 * 1_000_000_000
          && node.world.managerClock(at: made).reading(at: node.world.now) > end
      },
      clues: [
        .kubeletLog("transport.go:120"), .kubeletLog("certificate_manager.go:613"),
        .kubeletLog("bootstrap.go:267"), .authentication(nil), .request,
        .controller(.signingFailed),
      ],
      faults: \.expiresSigningCA,
      clock: { $0.authorityVerdict ?? $0.expiryVerdict },
      needed: { _ in
        "a CA that outlives the certificates that it signs, and is renewed before its NotAfter"
      },
      remedy: { node in renewsSigningCA(node, then: writesBootstrapKubeconfig(node)) }),
    Rule(
      number: "O25",
      title: "the API server ceased to trust the CA of its certificate before that was renewed",
      settlements: [.certificateExpired, .tokenRefused, .bootstrapKubeconfigMissing, .waiting],
      holds: { node in
        node.had(.certificateExpired) && node.had(.certificateStored)
          && !node.scenario.apiServer.trustsSigningCA
      },
      clues: [
        .kubeletLog("transport.go:120"), .kubeletLog("certificate_manager.go:596"),
        .authentication(nil), .request,
      ],
      faults: \.replacesClientCA,
      needed: { _ in "the CA that signed it in --client-ca-file of kube-apiserver" },
      remedy: { node in trustsSigningCA(node) }),
    Rule(
      number: "O39", title: "its certificate expired while its kubelet was paused",
      settlements: [.certificateExpired, .tokenRefused, .bootstrapKubeconfigMissing, .waiting],
      holds: { node in
        node.certificateEnd.map {
          node.fault(during: $0..<$0 + .seconds(1), \.pausesKubelet) != nil
        }
          ?? false
      },
      clues: [
        .kubeletLog("transport.go:120"), .kubeletLog("certificate_manager.go:596"),
        .kubeletLog("bootstrap.go:267"), .authentication(.createRequest),
      ],
      faults: \.pausesKubelet,
      clock: { $0.expiryVerdict },
      needed: { _ in
        "a kubelet that runs before NotAfter, so that it renews; afterwards a bootstrap kubeconfig "
          + "with a token that lives"
      },
      remedy: { node in
        Remedy(writesBootstrapKubeconfig(node), of: node, undoing: \.pausesKubelet)
      }),
    Rule(
      number: "M.2", title: "by the API server's clock its certificate ended before it was renewed",
      settlements: [.certificateExpired, .tokenRefused, .bootstrapKubeconfigMissing],
      holds: { $0.has(.certificateExpired) && $0.earlyExpiryVerdict != nil },
      clues: [
        .kubeletLog("certificate_manager.go:596"), .authentication(.createRequest),
        .kubeletLog("transport.go:120"),
      ],
      faults: { $0.isServerClock || $0.isManagerClock },
      clock: { $0.earlyExpiryVerdict },
      needed: { _ in
        "a clock of kube-apiserver that is right: it refuses certificates that have life left; "
          + "afterwards a bootstrap kubeconfig whose token still lives"
      },
      remedy: { node in
        Remedy(
          [.onEveryControlPlane("chronyc makestep")] + writesBootstrapKubeconfig(node),
          overrides: rightServerClock(node))
      }),
    Rule(
      number: "M.2", title: "its clock is behind: by it the renewal came too late",
      settlements: [.certificateExpired, .tokenRefused, .bootstrapKubeconfigMissing, .waiting],
      holds: { $0.has(.certificateExpired) && $0.lateRenewalVerdict != nil },
      clues: [
        .kubeletLog("certificate_manager.go:596"), .authentication(.createRequest),
        .kubeletLog("transport.go:120"), .kubeletLog("bootstrap.go:267"),
      ],
      faults: \.isNodeClock,
      clock: { $0.lateRenewalVerdict },
      needed: { node in
        "a clock on \(node.called) that is right, so that it renews before NotAfter; afterwards a "
          + "bootstrap kubeconfig whose token still lives"
      },
      remedy: { node in
        Remedy(
          [.on(node, "chronyc makestep")] + writesBootstrapKubeconfig(node),
          overrides: rightClock(node))
      }),
    Rule(
      number: "O40", title: "the renewal of its certificate was not approved before it expired",
      settlements: [.certificateExpired, .tokenRefused, .bootstrapKubeconfigMissing, .waiting],
      holds: { $0.has(.certificateExpired) && $0.has(.rotationStarted) },
      clues: [
        .kubeletLog("transport.go:120"), .kubeletLog("certificate_manager.go:596"),
        .kubeletLog("bootstrap.go:267"), .authentication(.createRequest),
        .kubeletLog("certificate_manager.go:613"), .controller(.reviewRefused),
      ],
      faults: \.isBinding,
      clock: { $0.expiryVerdict },
      needed: { _ in
        "a binding of system:nodes to selfnodeclient before NotAfter; afterwards a bootstrap "
          + "kubeconfig whose token still lives"
      },
      remedy: { node in
        var remedy = bindsRenewal(node)
        remedy.commands += writesBootstrapKubeconfig(node)
        return remedy
      }),
    Rule(
      number: "O38",
      title: "its certificate expired, and a kubelet that does not rotate asks for no other",
      settlements: [.certificateExpired, .tokenRefused],
      holds: { node in
        !node.group.kubelet.rotateCertificates
          && (node.record.settlement == .certificateExpired
            || node.latestCertificate != nil && node.has(.kubeconfigExpired)
              && node.has(.authenticationFailed, .createRequest))
      },
      clues: [
        .controller(.nodeUnknown), .kubeletLog("bootstrap.go:267"), .authentication(nil),
      ],
      clock: { $0.clientCertificateVerdict },
      needed: { _ in
        "rotateCertificates: true; once it has expired, a start anew with a bootstrap kubeconfig "
          + "whose token lives"
      },
      remedy: { node in
        let rotates = Remedy.Command.on(
          node,
          "sed -i 's/^rotateCertificates: false/rotateCertificates: true/' "
            + "/var/lib/kubelet/config.yaml")
        let starts =
          node.tokenHasEnded
          ? writesBootstrapKubeconfig(node) : [.on(node, "systemctl restart kubelet")]
        return Remedy(
          [rotates] + starts, overrides: ["\(node.groupKey).kubelet.rotateCertificates=true"])
      }),
    Rule(
      number: "O39",
      title: "its certificate expired while it was off, and so did the token to get another with",
      settlements: [.tokenRefused],
      holds: { $0.has(.kubeconfigExpired) && $0.has(.authenticationFailed, .createRequest) },
      clues: [
        .kubeletLog("bootstrap.go:267"), .kubeletLog("certificate_manager.go:596"),
        .authentication(.createRequest),
      ],
      faults: \.stopsKubelet,
      clock: { node in
        node.latest(.kubeconfigExpired).flatMap { node.certificateVerdict(at: $0) }
      },
      needed: { _ in
        "to be up before NotAfter, so that it renews; afterwards a bootstrap kubeconfig with a "
          + "token that lives"
      },
      remedy: { node in
        Remedy(writesBootstrapKubeconfig(node), overrides: longToken(node))
      }),
    Rule(
      number: "O10",
      title: "its disk lost the certificate, and the token to get another with has expired",
      settlements: [.tokenRefused],
      holds: { $0.hadCertificate && $0.fault(\.wipesDisk) != nil },
      clues: [
        .kubeletLog("certificate_manager.go:596"), .kubeletLog("bootstrap.go:297"),
        .authentication(.createRequest),
      ],
      faults: \.wipesDisk,
      clock: { $0.tokenVerdict },
      needed: { _ in
        "/var/lib/kubelet kept, or a bootstrap kubeconfig with a token that lives, as a node of an "
          + "autoscaling group gets it at each boot"
      },
      remedy: { node in
        Remedy(writesBootstrapKubeconfig(node), overrides: longToken(node))
      }),
    Rule(
      number: "O30", title: "its key names an old CSR whose certificate has expired",
      settlements: [.requestOutdated, .ready],
      holds: { $0.record.settlement == .requestOutdated || $0.outdatedRequest != nil },
      clues: [
        .kubeletLog("run.go:72", saying: "not compatible"),
        .answer(.createRequest, .alreadyExists),
      ],
      clock: { node in
        (node.outdatedRequest ?? node.latest(.attemptFailed))
          .flatMap { node.certificateVerdict(at: $0) }
      },
      needed: { _ in
        "that CSR deleted, as csrcleaner does an hour after its approval, or another key; "
          + "rotateCertificates: true renews in time and names no CSR after its key"
      },
      remedy: { node in
        Remedy(
          [.asAdministrator("kubectl delete csr \(node.latestRequest?.name ?? "NAME")")],
          overrides: ["spec.controllerManager.clusterSigningDuration=8760h"])
      }),
    Rule(
      number: "O38",
      title: "its certificate expired and there is no bootstrap kubeconfig to get another with",
      settlements: [.certificateExpired, .bootstrapKubeconfigMissing],
      holds: { $0.has(.kubeconfigExpired) || $0.has(.certificateExpired) },
      clues: [
        .kubeletLog("run.go:72"), .kubeletLog("transport.go:120"), .kubeletLog("bootstrap.go:267"),
        .authentication(nil),
      ],
      clock: { node in
        (node.latest(.kubeconfigExpired) ?? node.latest(.certificateExpired))
          .flatMap { node.certificateVerdict(at: $0) }
      },
      needed: { _ in
        "to be up before NotAfter, so that it renews; afterwards a bootstrap kubeconfig with a "
          + "token that lives"
      },
      remedy: { writesBootstrapKubeconfig($0) }),
    Rule(
      number: "O39",
      title: "its certificate expired while it was off, and it bootstrapped again",
      settlements: [.ready, .waiting],
      holds: {
        $0.has(.kubeconfigExpired) && $0.has(.bootstrapKubeconfigLoaded)
          && !$0.has(.certificateExpired)
      },
      clues: [.kubeletLog("bootstrap.go:267"), .kubeletLog("bootstrap.go:101")],
      clock: { node in
        node.latest(.kubeconfigExpired).flatMap { node.certificateVerdict(at: $0) }
      },
      needed: { _ in "a certificate that had not expired: it would have needed no CSR" },
      remedy: { node in
        Remedy(overrides: ["\(node.groupKey).currentCertificate.notAfter=2099-12-31T00:00:00Z"])
      }),
    Rule(
      number: "B.7", title: "its certificate expired while it ran, and it bootstrapped again",
      settlements: [.ready, .waiting],
      holds: { $0.has(.certificateExpired) && $0.bootstrappedAgain },
      clues: [.kubeletLog("transport.go:120"), .kubeletLog("bootstrap.go:101")],
      clock: { $0.expiryVerdict },
      needed: { _ in "a renewal before NotAfter, and a clock that is not stepped across it" },
      remedy: { node in Remedy([], of: node, undoing: \.isNodeClock) }),
    Rule(
      number: "B.7", title: "its certificate expired while it ran, before its renewal came",
      settlements: [.ready, .waiting],
      holds: { $0.has(.certificateExpired) && !$0.bootstrappedAgain },
      clues: [
        .kubeletLog("transport.go:120"), .kubeletLog("certificate_manager.go:613"), .request,
      ],
      clock: { $0.expiryVerdict },
      needed: { _ in "a renewal before NotAfter, and a clock that is not stepped across it" },
      remedy: { node in Remedy([], of: node, undoing: \.isNodeClock) }),
  ]
}
