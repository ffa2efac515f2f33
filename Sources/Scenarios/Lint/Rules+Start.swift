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
