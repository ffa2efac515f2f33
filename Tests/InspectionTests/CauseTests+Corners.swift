/// Corners that a review found, by what hid their cause.
extension CauseTests {
  private static let off = "controllerManager: {controllers: {csrapproving: false}}"
  private static let human = off + "\n  approval: [{name: human, manual: {firstLook: 5h}}]"

  /// The first CSR is approved at once, by a policy that looks once a day.
  private static let laterHuman =
    off
    + "\n  approval: [{name: human, manual: {firstLook: 20s, every: 24h}}]"

  /// A trouble of the first minute, and a human who never comes.
  private static func waitsForHuman(_ fault: String, requests: String = "") -> Corner {
    Corner(
      number: "E.5", title: "its CSR waits for a human", settings: human + requests,
      faults: [fault], duration: "2h")
  }

  /// What was over long before the end is not the cause.
  static let pastCorners = [
    waitsForHuman("{action: kubelet-kill, at: 20s}"),
    waitsForHuman("{action: token-delete, for: 15s}"),
    Corner(
      number: "E.5", title: "its CSR waits for a human", settings: laterHuman,
      faults: ["{action: disk-full, for: 2m}"], duration: "2h"),
    waitsForHuman("{action: pod-failure, at: 20s, for: 5s, on: kube-apiserver}"),
    waitsForHuman("{action: time-offset, timeOffset: -2h, for: 15s, on: {node: a-1}}"),
    waitsForHuman("", requests: "\n  requests: [{name: tidy, at: 20s, delete: {of: node/a-1}}]"),
    Corner(
      number: "E.5", title: "no approver is for its CSR",
      settings: off
        + "\n  approval: [{name: e, external: {qps: 50}, matching: {requestor: 'system:node:*'}}]",
      says: "requestor=\"*\""),
    Corner(
      number: "E.5", title: "its CSR waits for an external approver",
      settings: off
        + "\n  approval: [{name: e, external: {qps: 0.001, burst: 1, callsPerRequest: 3}}]",
      duration: "15m"),
  ]

  private static let join = ", join: Kubeadm"

  private static func joins(
    _ number: String, _ title: String, settings: String = "", fault: String? = nil,
    node: String = "", token: String = "", start: String = "10s", ttl: String = "24h",
    says: String = ""
  ) -> Corner {
    Corner(
      number: number, title: title, settings: settings, faults: [fault].compactMap { $0 },
      node: join + node, token: token, start: start, ttl: ttl, duration: "2h", says: says)
  }

  static let kubeadmCorners = [
    joins("O10", "its token has expired", start: "1h", ttl: "30m", says: ".ttl="),
    joins(
      "O8", "there is no Secret of its token",
      node: ", bootstrapKubeconfig: {token: zzzzzz.ffffffffffffffff}"),
    joins(
      "O7", "what kubeadm join was given as token is none",
      node: ", bootstrapKubeconfig: {token: abcdef.short}",
      says: "bootstrapKubeconfig.token=abcdef.0123456789abcdef"),
    joins(
      "N.2", "kubeadm join found a kubelet.conf of before", node: ", kubeconfig: {state: Present}",
      says: "kubeconfig.state=Absent"),
    joins(
      "N.2", "kubeadm join found no container runtime", node: ", containerRuntime: Absent",
      says: "containerRuntime=Present"),
    joins(
      "N.2", "kubeadm join found no container runtime",
      fault: "{action: container-runtime-stop}", says: "systemctl enable --now containerd"),
    joins("O45", "its token may not sign cluster-info", token: ", usages: [authentication]"),
    joins(
      "O45", "its token may not sign cluster-info", node: ", bootstrapKubeconfig: {state: Absent}",
      token: ", usages: [authentication]", says: "patch secret bootstrap-token-abcdef "),
    joins(
      "O5", "the CA in its kubeconfig did not sign the API server's certificate",
      node: ", bootstrapKubeconfig: {certificateAuthority: Other}", says: "kubeadm join …"),
    joins(
      "O45", "cluster-info is not signed with its token",
      settings: "controllerManager: {controllers: {bootstrapsigner: false}}"),
    joins(
      "N.2", "the API server takes no anonymous requests",
      settings: "apiServer: {anonymousAuth: false}", says: "--anonymous-auth=true"),
    joins(
      "N.2", "the API server takes no anonymous requests",
      settings: "apiServer: {authorizationMode: [AlwaysAllow]}",
      says: "--authorization-mode=Node,RBAC"),
    joins(
      "N.2", "nobody may read cluster-info",
      fault:
        "{action: binding-absent, namespace: kube-public, "
        + "binding: 'kubeadm:bootstrap-signer-clusterinfo'}",
      says: "kubectl -n kube-public create rolebinding kubeadm:bootstrap-signer-clusterinfo"),
    joins(
      "N.2", "its token may not read kubeadm's configuration",
      fault:
        "{action: binding-absent, namespace: kube-system, binding: 'kubeadm:nodes-kubeadm-config'}",
      says: "kubectl -n kube-system create rolebinding kubeadm:nodes-kubeadm-config"),
    joins("O11", "its token may not authenticate", token: ", usages: [signing]"),
    joins(
      "O9", "its token is not that of the Secret",
      node: ", bootstrapKubeconfig: {token: abcdef.ffffffffffffffff}"),
    joins(
      "O13", "the API server does not take bootstrap tokens",
      settings: "apiServer: {enableBootstrapTokenAuth: false}"),
    joins(
      "O6", "by its clock the API server's certificate is not valid",
      node: ", clock: {offset: -2h}", says: "a-1's decided"),
    joins(
      "O15", "no binding lets its token create CSRs",
      fault: "{action: binding-absent, binding: 'kubeadm:kubelet-bootstrap'}"),
    joins(
      "O23", "csrapproving is not among the controllers that run", settings: off,
      says: "--controllers=*,bootstrapsigner"),
  ]

  private static let looks = "\n  approval: [{name: human, manual: {firstLook: 1m}}]"
  private static let unsigned = "no kube-controller-manager runs that signs"
  private static let managerFails = "{action: pod-failure, at: 20s, on: kube-controller-manager}"

  private static let otherPatch =
    "{action: token-patch, at: 20m, data: {expiration: '2027-01-01T00:00:00Z'}}"

  /// A fault has changed another part of the token, and is not the cause.
  static let otherFaultCorners = [
    Corner(
      number: "O11", title: "its token may not authenticate",
      faults: [otherPatch], token: ", usages: [signing]",
      says: "usages=[signing, authentication]"),
    Corner(
      number: "O12", title: "one of its token's extra groups",
      faults: [otherPatch], token: ", groups: [mine]", says: "groups=["),
  ]

  /// kubeadm gave up, and this is why.
  static let gaveUpCorners = [
    joins("O33", "its disk takes no certificate", fault: "{action: disk-full}"),
    joins(
      "O21", "kube-controller-manager has no key to sign with",
      settings: "controllerManager: {signingKey: false}", says: "--cluster-signing-cert-file="),
    joins("O23", unsigned, settings: off + looks, fault: managerFails),
    joins(
      "O45", "cluster-info is not signed with its token",
      settings: "controllerManager: {running: false}", says: "controllerManager.running=true"),
  ]

  /// Approved, and then nobody signs.
  static let unsignedCorners = [
    Corner(
      number: "O23", title: unsigned, settings: "controllerManager: {running: false}" + looks,
      says: "controllerManager.running=true"),
    Corner(number: "O23", title: unsigned, settings: off + looks, faults: [managerFails]),
    Corner(
      number: "O21", title: "kube-controller-manager has no key to sign with",
      settings: "controllerManager: {signingKey: false}",
      faults: ["{action: kubelet-kill, at: 11s}"],
      node: ", kubelet: {rotateCertificates: false}", says: "--cluster-signing-cert-file="),
    Corner(
      number: "O25", title: "the API server does not trust the CA that signed its certificate",
      settings: "apiServer: {trustsSigningCA: false}",
      faults: ["{action: certificate-corrupt, at: 20s}"]),
  ]

  static let controlPlaneCorners = [
    Corner(
      number: "C.3",
      title: "its bootstrap kubeconfig has no token, or one that begins with a blank",
      node: ", bootstrapKubeconfig: {token: ' abcdef.0123456789abcdef'}",
      says: "bootstrapKubeconfig.token=abcdef.0123456789abcdef"),
    Corner(
      number: "O19", title: "its CSR is denied",
      settings: "controllerManager: {controllers: {csrapproving: false, tokencleaner: false}}"
        + "\n  approval: [{name: human, decision: Deny, manual: {firstLook: 1m}}]",
      says: "decision=Approve"),
    Corner(
      number: "O23", title: "no kube-controller-manager runs that approves",
      settings: "controllerManager: {startsAt: 90m}", says: "startsAt=0s"),
    Corner(
      number: "O23", title: "csrapproving is not among the controllers that run", settings: off,
      says: "controllers.csrapproving=true"),
    Corner(
      number: "D.3", title: "--authorization-mode lacks",
      settings: "apiServer: {authorizationMode: [RBAC]}", says: "--authorization-mode=Node,RBAC"),
    Corner(
      number: "D.3", title: "--authorization-mode lacks",
      settings: "apiServer: {authorizationMode: [AlwaysDeny]}"),
    Corner(
      number: "O25", title: "the API server does not trust the CA that signed its certificate",
      node: ", kubeconfig: {state: Present}, currentCertificate: {issuer: Other}"),
    Corner(
      number: "O24", title: "an approver may not approve for the signer",
      settings: "approval: [{name: e, external: {qps: 100}, "
        + "user: 'system:serviceaccount:kube-system:approver'}]",
      preset: "",
      object: """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: create}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: 'system:node-bootstrapper'}
        subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'system:bootstrappers'}]
        ---
        \(secret())
        """),
    Corner(
      number: "O22", title: "its certificate ended with the CA that signs",
      settings: "controllerManager: {clusterSigningDuration: 10h, "
        + "signingCANotAfter: '2026-01-01T06:00:00Z'}", ttl: "1h", duration: "40h"),
    Corner(
      number: "O25", title: "the API server ceased to trust the CA of its certificate",
      settings: "controllerManager: {clusterSigningDuration: 1h}",
      faults: ["{action: client-ca-replace, at: 10m}"],
      node: ", kubelet: {heartbeats: Played}", ttl: "30m", duration: "2h"),
    Corner(
      number: "O25", title: "the API server does not trust the CA that signed its certificate",
      settings: "controllerManager: {clusterSigningDuration: 1h}",
      faults: ["{action: client-ca-replace, at: 10m}"],
      node: ", kubelet: {heartbeats: Played}", duration: "2h"),
    Corner(
      number: "O5", title: "the CA in its kubeconfig did not sign",
      faults: ["{action: serving-ca-replace, at: 0s}"], says: "scp /etc/kubernetes/pki/ca.crt"),
    Corner(
      number: "A.1", title: "the kubelet's kubeconfig cannot be loaded",
      node: ", bootstrapKubeconfig: {state: Unset}", says: "--bootstrap-kubeconfig="),
  ]

  private static func secret(
    namespace: String = "kube-system", type: String = "bootstrap.kubernetes.io/token",
    more: String = ""
  ) -> String {
    """
    apiVersion: v1
    kind: Secret
    metadata: {name: bootstrap-token-abcdef, namespace: \(namespace)}
    type: \(type)
    stringData: {token-id: abcdef, token-secret: 0123456789abcdef, usage-bootstrap-authentication: "true", auth-extra-groups: "system:bootstrappers:kubeadm:default-node-token"\(more)}
    """
  }

  private static func hasSecret(_ number: String, _ title: String, _ secret: String) -> Corner {
    Corner(
      number: number, title: title,
      node: ", bootstrapKubeconfig: {token: abcdef.0123456789abcdef}", object: secret,
      isPlayable: false)
  }

  static let secretCorners = [
    hasSecret("O8", "there is no Secret of its token", secret(namespace: "default")),
    hasSecret("O9", "the Secret of its token is of another type", secret(type: "Opaque")),
    hasSecret(
      "O10", "nobody can read when its token expires",
      secret(more: ", expiration: \"2026-13-01\"")),
  ]

  private static let ahead = "apiServer: {clock: {offset: 2h}}"
  private static let otherSide = "the right time is on the other side"

  private static let hourly = "controllerManager: {clusterSigningDuration: 1h}"

  static let clockCorners =
    ["45m", "90m", "3h"].map { duration in
      Corner(
        number: "O10", title: "its token has expired", settings: ahead, start: "30m", ttl: "1h",
        duration: duration, says: otherSide)
    } + [
      Corner(
        number: "M.2", title: "its clock is behind: it takes a certificate for good",
        settings: hourly,
        faults: ["{action: time-offset, timeOffset: -3h, at: 20m, on: {node: a-1}}"],
        duration: "3h", says: "spec.faults[0]="),
      Corner(
        number: "M.2", title: "by the API server's clock its certificate ended",
        settings: "apiServer: {clock: {drift: 50000ppm}}\n  " + hourly, duration: "30h",
        says: "spec.apiServer.clock.drift=0ppm"),
      Corner(
        number: "O39", title: "its certificate expired while its kubelet was paused",
        settings: hourly, faults: ["{action: kubelet-pause, at: 20m, for: 3h, on: {node: a-1}}"],
        ttl: "1h", duration: "6h", says: "spec.faults[0]="),
      Corner(
        number: "O4", title: "the network loses or delays", faults: ["{action: loss, loss: 95}"],
        duration: "10m", says: "spec.faults[0]="),
      Corner(
        number: "O10", title: "its token has expired",
        settings: "administrator: {clock: {offset: -2h}}", ttl: "1h", duration: "2h",
        says: "the administrator's decided"),
      Corner(
        number: "O14", title: "its token expired while its CSR waited",
        settings: "start: 2026-01-03T00:00:00Z\n  " + off
          + "\n  approval: [{name: human, manual: {workingDays: [Mon, Tue]}}]", duration: "30h",
        says: "workingDays="),
    ]
}
