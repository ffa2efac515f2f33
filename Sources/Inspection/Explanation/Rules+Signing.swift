import SimulationKernel
import TLSBootstrap

/// Why its CSR is not signed, or its certificate is no use (O20 to O22, O25, M.2).
extension Rule {
  static let signingRules = [
    Rule(
      number: "O20", title: "the signer refused its CSR for good: Failed",
      settlements: [.refusedBySigner, .waiting, .ready],
      holds: {
        $0.record.settlement == .refusedBySigner
          || $0.says(.waitEnded, "certificate signing request failed")
      }, clues: waits,
      needed: { _ in "a CSR of the shape that the signer demands, and no other signer's verdict" },
      remedy: { node in
        Remedy(
          [.asAdministrator("kubectl describe csr   # the message of Failed")],
          overrides: node.leavingOutRequests { if case .update = $0 { true } else { false } })
      }),
    Rule(
      number: "O22", title: "the CA that signs has expired",
      settlements: [.nobodySigns, .waiting, .ready], holds: { $0.has(.signingFailed) },
      clues: waits + [.controller(.signingFailed)],
      faults: \.expiresSigningCA,
      clock: { $0.authorityVerdict },
      needed: { _ in "a CA that lives, in --cluster-signing-cert-file and in every trust bundle" },
      remedy: { node in
        renewsSigningCA(node)
      }),
    Rule(
      number: "O23", title: "no kube-controller-manager runs that signs",
      settlements: [.nobodySigns, .waiting, .bootstrapKubeconfigMissing],
      holds: { $0.isUnsigned && (!$0.scenario.controllerManager.running || $0.lacksManager) },
      clues: waits, faults: \.stopsManager,
      needed: { _ in
        "a kube-controller-manager that leads and reaches the API server of its own host, with "
          + "csrsigning among --controllers"
      },
      remedy: { node in startsManager(node, then: joinsAnew(node)) }),
    Rule(
      number: "O21", title: "csrsigning is not among the controllers that run",
      settlements: [.nobodySigns, .waiting, .bootstrapKubeconfigMissing],
      holds: {
        !$0.given.controllerManager.csrsigning
          && ($0.record.settlement == .nobodySigns || $0.isUnsigned)
      }, clues: waits,
      needed: { _ in "csrsigning among --controllers of kube-controller-manager" },
      remedy: { node in
        Remedy(
          [
            .runsControllers
          ] + joinsAnew(node),
          overrides: ["spec.controllerManager.controllers.csrsigning=true"])
      }),
    Rule(
      number: "O21",
      title: "kube-controller-manager has no key to sign with, so its signers do not run",
      settlements: [.nobodySigns, .waiting, .bootstrapKubeconfigMissing],
      holds: {
        $0.record.settlement == .nobodySigns
          || $0.isUnsigned && !$0.scenario.controllerManager.hasSigningKey
      }, clues: waits,
      needed: { _ in
        "--cluster-signing-cert-file and --cluster-signing-key-file, or another signer (kubeadm's "
          + "external CA has none)"
      },
      remedy: { node in
        Remedy(
          [
            .settingFlags(
              [
                "--cluster-signing-cert-file=/etc/kubernetes/pki/ca.crt",
                "--cluster-signing-key-file=/etc/kubernetes/pki/ca.key",
              ], of: "kube-controller-manager")
          ] + joinsAnew(node),
          overrides: node.given.controllerManager.hasSigningKey
            ? [] : ["spec.controllerManager.signingKey=true"])
      }),
    Rule(
      number: "O22", title: "the CA that signed its certificate has expired",
      settlements: [.certificateRefused, .waiting],
      holds: { $0.expiredAuthorityVerdict != nil },
      clues: [.authentication(nil), .request], faults: \.expiresSigningCA,
      clock: { $0.expiredAuthorityVerdict },
      needed: { _ in
        "a CA that lives, in --cluster-signing-cert-file and in every trust bundle: with the CA expires "
          + "what it signed (C.5)"
      },
      remedy: { node in renewsSigningCA(node) }),
    Rule(
      number: "O25", title: "the API server does not trust the CA that signed its certificate",
      settlements: [.certificateRefused, .waiting],
      holds: {
        $0.says(.authenticationFailed, "signed by unknown authority")
          || !$0.scenario.apiServer.trustsSigningCA
            && ($0.record.settlement == .certificateRefused
              // It has its certificate, and what it is answered is not played.
              || $0.had(.certificateStored) && !$0.isPending && !$0.isUnsigned)
      },
      clues: [.answer(.createNode, .unauthorized), .authentication(nil), .request],
      faults: \.replacesClientCA,
      needed: { _ in "the CA that signed it in --client-ca-file of kube-apiserver" },
      remedy: { node in trustsSigningCA(node) }),
    Rule(
      number: "O25",
      title: "the API server did not trust the CA that signed its certificate, for a while",
      settlements: [.ready],
      holds: { $0.said(.authenticationFailed, "signed by unknown authority") },
      clues: [.answer(.createNode, .unauthorized), .authentication(nil)],
      faults: \.replacesClientCA,
      needed: { _ in "the CA that signed it in --client-ca-file of kube-apiserver, all the time" },
      remedy: { node in Remedy([], of: node, undoing: \.replacesClientCA) }),
    Rule(
      number: "M.2", title: "by the API server's clock its certificate is not valid",
      settlements: [.certificateRefused, .waiting, .ready],
      holds: { node in
        node.record.settlement == .certificateRefused
          || node.says(.authenticationFailed, "x509: certificate has expired or is not yet valid")
          || node.record.settlement == .waiting && node.certificateVerdictNow != nil
      },
      clues: [.answer(.createNode, .unauthorized), .authentication(.createNode)],
      faults: { $0.isServerClock || $0.isManagerClock },
      clock: { $0.signerVerdict ?? $0.clientCertificateVerdict },
      needed: { _ in
        "clocks of kube-apiserver and kube-controller-manager less than five minutes apart"
      },
      remedy: { node in
        Remedy(
          [.onEveryControlPlane("chronyc makestep")],
          overrides: rightManagerClock(node) + rightServerClock(node))
      }),
  ]
}

// MARK: The CA

extension Rule {
  static func renewsSigningCA(_ node: NodeCase, then commands: [Remedy.Command] = []) -> Remedy {
    Remedy(
      [
        .onControlPlane(
          "kubeadm certs check-expiration   # then renew the CA, by hand, and what it signed")
      ] + commands, of: node, undoing: \.expiresSigningCA,
      or: ["spec.controllerManager.signingCANotAfter=2099-01-01T00:00:00Z"])
  }

  /// The API server is to trust who signed; a certificate of another cluster's CA is to go instead.
  static func trustsSigningCA(_ node: NodeCase) -> Remedy {
    let isForeign = node.given.apiServer.trustsSigningCA && node.fault(\.replacesClientCA) == nil
    guard !isForeign else {
      return Remedy(
        [.on(node, "rm \(pki)/kubelet-client-current.pem && systemctl restart kubelet")],
        overrides: ["\(node.groupKey).currentCertificate.state=Absent"])
    }
    return Remedy(
      [
        .onEveryControlPlane(
          "cat signing-ca.crt >> /etc/kubernetes/pki/ca.crt   # --client-ca-file")
      ], of: node, undoing: \.replacesClientCA, or: ["spec.apiServer.trustsSigningCA=true"])
  }
}
