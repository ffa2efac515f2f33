import SimulationKernel
import TLSBootstrap

private typealias Violation = LintRule.Violation

/// What a node needs before it asks for a certificate.
let startRules: [LintRule] = [
  LintRule(
    "container-runtime-absent", .error,
    "Kubelets have no container runtime and exit at each start, and no expectation says so."
  ) { input in
    guard !input.expectsFailure else { return [] }
    return input.scenario.groups.filter { !$0.hasContainerRuntime && $0.csrClient == nil }
      .map { group in
        Violation(
          at: input.place("spec.nodes[\(group.name)].containerRuntime"),
          "kubelets of group \(group.name) have no container runtime, so that none becomes Ready",
          cure: "leave the key out, or say in `expect` which nodes are not Ready")
      }
  },
  LintRule(
    "node-not-registered", .error,
    "Kubelets do not register, and no request makes their Nodes: they have a certificate, and no Node is "
      + "Ready."
  ) { input in
    let makesNodes = input.scenario.requests.contains { request in
      if case .ask(let asked) = request.act {
        asked.isWrite && asked.resource == "nodes"
      } else {
        false
      }
    }
    guard !input.expectsFailure, !makesNodes else { return [] }
    return input.scenario.groups.filter { !$0.kubelet.registersNode && $0.csrClient == nil }
      .map { group in
        Violation(
          at: input.written("spec.nodes[\(group.name)].kubelet.registerNode")
            ?? input.place("spec.nodes[\(group.name)].kubelet"),
          "kubelets of group \(group.name) do not register, and nobody else makes their Nodes",
          cure: "set `registerNode: true`, or say in `expect` which nodes are not Ready")
      }
  },
  LintRule(
    "certificate-not-renewed", .warning,
    "Kubelets that do not rotate their certificate run for longer than it lives."
  ) { input in
    let life = input.scenario.controllerManager.clusterSigningDuration
    guard !input.expectsFailure, input.scenario.duration != nil else { return [] }
    return input.groups.filter { outlook in
      let group = outlook.group
      return group.csrClient == nil && !group.kubelet.rotateCertificates && outlook.needsCertificate
        && (outlook.arrivals.first ?? .infinity) + life.seconds < input.end.seconds
    }.map { outlook in
      Violation(
        at: input.written("spec.nodes[\(outlook.group.name)].kubelet.rotateCertificates")
          ?? input.place("spec.nodes[\(outlook.group.name)].kubelet"),
        "certificates of group \(outlook.group.name) live \(Quantity.text(life)), the run is longer, and "
          + "its kubelets do not renew them",
        cure: "set `rotateCertificates: true`, or lengthen `clusterSigningDuration`")
    }
  },
  LintRule(
    "join-over-kubeconfig", .error,
    "`kubeadm join` finds a kubelet.conf, and refuses to join what seems to have joined already."
  ) { input in
    guard !input.expectsFailure else { return [] }
    return input.scenario.groups.filter {
      $0.joinsByKubeadm && $0.disk.kubeconfig.state == .present
    }
    .map { group in
      Violation(
        at: input.place("spec.nodes[\(group.name)].kubeconfig"),
        "`kubeadm join` fails on group \(group.name): there is a kubelet.conf already",
        cure: "take one of the two out: `kubeadm reset` removes the file")
    }
  },
  LintRule(
    "join-cannot-discover", .error,
    "`kubeadm join` cannot trust cluster-info: nobody may read it without credentials, or it is not signed "
      + "with the token."
  ) { input in
    input.groups.filter(\.group.joinsByKubeadm).compactMap { outlook in
      input.discoveryProblem(of: outlook).map { problem, cure in
        Violation(
          at: input.place("spec.nodes[\(outlook.group.name)].join"),
          "`kubeadm join` fails on group \(outlook.group.name): \(problem)", cure: cure)
      }
    }
  },
]

extension LintInput {
  /// nil: it finds cluster-info with a signature by its token.
  fileprivate func discoveryProblem(
    of outlook: GroupOutlook
  ) -> (problem: String, cure: String)? {
    let group = outlook.group
    let server = scenario.apiServer
    if !server.takesAnonymousRequests {
      return (
        "the API server takes no anonymous requests",
        server.anonymousAuth
          ? "take AlwaysAllow out of `spec.apiServer.authorizationMode`"
          : "set `spec.apiServer.anonymousAuth: true`"
      )
    }
    let manager = scenario.controllerManager
    if manager.running, !manager.bootstrapsigner {
      return (
        "bootstrapsigner is off, and signs no cluster-info",
        "set `spec.controllerManager.controllers.bootstrapsigner: true`"
      )
    }
    let patience = KubeadmJoin.discoveryTimeout
    if let startsAt = manager.startsAt, let first = outlook.arrivals.first,
      startsAt.seconds > first + patience.seconds
    {
      return (
        "it waits \(Quantity.text(patience)) for the signature of cluster-info, and the "
          + "controller-manager, which makes it, starts at \(Quantity.text(startsAt))",
        "let that start sooner, or the nodes come later"
      )
    }
    // A token that nothing defines is refused, which another rule tells.
    guard let id = group.bootstrapKubeconfig.token?.prefix(while: { $0 != "." }),
      let secret = scenario.secrets.first(where: { $0.tokenID ?? "" == id }),
      secret.usageBootstrapSigning != "true"
    else { return nil }
    return (
      "its token may not sign cluster-info", "add `signing` to the token's usages"
    )
  }
}
