import Scenarios
import SimulationKernel
import TLSBootstrap

/// Why the API server refuses the bootstrap token: 401 (O7 to O14, O42). The node reads the same each time;
/// only the server's log tells them apart.
extension Rule {
  static let tokenClues: [Clue] = [
    .kubeletLog("transport.go:120"),
    .kubeletLog("certificate_manager.go:596", saying: "Unauthorized"),
    .kubeletLog("bootstrap.go:297", saying: "Unauthorized"), .kubeletLog("run.go:72"), .kubeadm,
    .authentication(nil),
  ]

  private static func patches(_ node: NodeCase, _ value: String) -> Remedy.Command {
    .asAdministrator(
      "kubectl -n kube-system patch secret bootstrap-token-\(node.tokenID) --type merge "
        + "-p '\(value)'")
  }

  /// The token's setting in `spec.tokens`; where a fault made this part of the Secret what it is, the fault
  /// undone.
  static func setting(
    _ node: NodeCase, _ key: String, _ value: String,
    of part: KeyPath<BootstrapTokenSecret, some Equatable>
  ) -> [String] {
    let setting = node.tokenKey.map { ["\($0).\(key)=\(value)"] } ?? []
    // Of one that is Ready at the end whatever it was is over.
    let isAsGiven =
      node.record.settlement != .ready
      && node.givenSecret?[keyPath: part] == node.secretInForce?[keyPath: part]
    if isAsGiven, !setting.isEmpty { return setting }
    return node.leavingOut(\.isToken) ?? setting
  }

  /// Makes the token anew as kubeadm does, whatever there is of its name.
  private static func makesToken(_ node: NodeCase, _ comment: String = "") -> [Remedy.Command] {
    [
      .asAdministrator(
        "kubectl -n kube-system delete secret bootstrap-token-\(node.tokenID) "
          + "--ignore-not-found"),
      .onControlPlane("kubeadm token create \(node.token)\(comment)"),
    ] + joinsAnew(node)
  }

  /// What mends the clock that made the token seem expired; nil: no clock did.
  private static func rightTokenClock(
    _ node: NodeCase
  ) -> (commands: [Remedy.Command], overrides: [String], needed: String)? {
    guard let verdict = node.tokenVerdict, verdict.isDecisive else { return nil }
    let needed = "a clock of \(verdict.owner) that is right"
    switch verdict.owner {
    case "kube-apiserver":
      return ([.onEveryControlPlane("chronyc makestep")], rightServerClock(node), needed)
    case "kube-controller-manager":
      return ([.onEveryControlPlane("chronyc makestep")], rightManagerClock(node), needed)
    default:
      return (
        [.asAdministrator("chronyc makestep   # then make the token again")],
        ["spec.administrator.clock.offset=0s"], needed
      )
    }
  }

  /// As hours: longer than the token lived, and a day at least.
  static func longerLife(_ node: NodeCase) -> String {
    guard case .at(let end) = node.givenSecret?.expiration else { return "24h" }
    return "\(max(24, (end - node.given.start) / Duration.hours(1).nanoseconds * 2))h"
  }

  private static func expiredRemedy(_ node: NodeCase) -> Remedy {
    if let right = rightTokenClock(node) {
      return Remedy(
        right.commands + writesBootstrapKubeconfig(node), overrides: right.overrides)
    }
    let overrides = setting(node, "ttl", "8760h", of: \.expiration)
    return Remedy(prolongs(node, overrides) ?? givesToken(node), overrides: overrides)
  }

  /// Another token; of a node that became Ready: before it came.
  private static func givesToken(_ node: NodeCase) -> [Remedy.Command] {
    node.record.settlement == .ready ? [makesTokenBefore] : writesBootstrapKubeconfig(node)
  }

  /// Gives the Secret of a manifest, which no setting of the scenario reaches, a later `expiration`; one that
  /// tokencleaner has deleted is made again. nil: a setting does it.
  ///
  /// - Parameter overrides: that do it.
  static func prolongs(
    _ node: NodeCase, _ overrides: [String]
  ) -> [Remedy.Command]? {
    guard overrides.isEmpty, node.hasGivenManifest else { return nil }
    let latest = node.given.start + Duration.days(365).nanoseconds
    let expiration = "{\"stringData\":{\"expiration\":\"\(Timestamp.text(latest))\"}}"
    let applies = Remedy.Command.asAdministrator(
      "# Secret kube-system/bootstrap-token-\(node.tokenID) was deleted: apply its manifest again, then"
    )
    let isGone = node.secretInForce == nil
    return (isGone ? [applies] : []) + [patches(node, expiration)] + joinsAnew(node)
  }

  static func writesGoodToken(_ node: NodeCase) -> [String] {
    node.goodToken.map { ["\(node.groupKey).bootstrapKubeconfig.token=\($0)"] } ?? []
  }

  /// Whether the API server's log gives this reason; of a node that became Ready, whether it ever did.
  static func isRefused(_ node: NodeCase, _ words: String) -> Bool {
    if node.record.settlement == .ready { return node.said(.authenticationFailed, words) }
    return node.says(.authenticationFailed, words, to: .createRequest)
      // kubeadm asks for cluster-info without its token.
      || node.latest(.authenticationFailed)?.call != .getClusterInfo
        && node.says(.authenticationFailed, words)
      || node.lacksSignature && node.tokenText?.contains(words) ?? false
  }

  /// Expired, and perhaps deleted by tokencleaner since.
  static func isExpired(_ node: NodeCase) -> Bool {
    if isRefused(node, "Expired bootstrap token") { return true }
    guard node.record.settlement != .ready, case .at = node.givenSecret?.expiration,
      deletion(of: node) == nil
    else { return false }
    if node.lacksSignature, node.tokenText == nil, let verdict = node.tokenVerdict {
      return verdict.reading >= verdict.limitTime
    }
    return node.cluster.has(.tokenRemoved) && isRefused(node, "No secret of name")
  }

  /// Why its token is refused to a node that waits for nothing else: another API server may take it, or the end
  /// of a fault change it.
  static func refusingToken(_ node: NodeCase) -> Rule? {
    guard node.record.settlement == .waiting, firstThatHolds(node)?.title == waitsOn,
      node.has(.authenticationFailed, .createRequest),
      !node.says(.authenticationFailed, "x509", to: .createRequest)
    else { return nil }
    return firstThatHolds(node.ending(.tokenRefused))
  }

  /// The fault that deletes a token; nil: none has begun.
  private static func deletion(of node: NodeCase) -> TimedFault? {
    node.fault { if case .token(let fault) = $0 { fault.action == .delete } else { false } }
  }

  /// Whether its token has a Secret, which no fault has deleted for good.
  private static func isThere(_ node: NodeCase) -> Bool {
    guard node.givenSecret != nil else { return false }
    return deletion(of: node).map { $0.length != nil } ?? true
  }

  static let tokenRules = [
    Rule(
      number: "O42", title: "an API server's cache of Secrets does not have its token",
      settlements: [.tokenRefused],
      holds: { node in
        isRefused(node, "No secret of name") && isThere(node)
          && node.fault(\.isStaleSecrets) != nil
      }, clues: tokenClues,
      faults: \.isStaleSecrets,
      needed: { _ in "an API server whose watch of Secrets goes on; the Secret itself is right" },
      remedy: { node in
        Remedy(
          [
            .onControlPlane(
              "crictl ps --name kube-apiserver -q | xargs crictl stop   # it lists Secrets anew")
          ], of: node, undoing: \.isStaleSecrets)
      }),
    Rule(
      number: "M.2",
      title: "tokencleaner deleted its token too early, by the controller-manager's clock",
      settlements: [.tokenRefused, .joinFailed],
      holds: { isRefused($0, "No secret of name") && $0.cleanerVerdict != nil }, clues: tokenClues,
      faults: \.isManagerClock,
      clock: { $0.cleanerVerdict },
      needed: { _ in "a clock of kube-controller-manager that is right; the token had life left" },
      remedy: { node in
        Remedy(
          [.onEveryControlPlane("chronyc makestep")] + writesBootstrapKubeconfig(node),
          overrides: rightManagerClock(node))
      }),
    Rule(
      number: "O14", title: "its token expired while its CSR waited",
      settlements: [.tokenRefused],
      holds: {
        $0.has(.requestAnswered, .createRequest, .created) && isExpired($0) && !$0.hadCertificate
      },
      clues: tokenClues + [.kubeletLog("certificate_manager.go:613"), .request],
      clock: { $0.tokenVerdict },
      needed: { node in
        (rightTokenClock(node).map { $0.needed + ", or " } ?? "")
          + (node.isPending ? "an approval within the token's life, or " : "")
          + "a token that outlives the kubelet's wait for its certificate"
      },
      remedy: { node in
        if let right = rightTokenClock(node) {
          return Remedy(
            right.commands + writesBootstrapKubeconfig(node), overrides: right.overrides)
        }
        let life = longerLife(node)
        let approves = Remedy.Command.asAdministrator(
          "kubectl get csr -o name | xargs kubectl certificate approve   # sooner")
        let sooner = node.isPending ? looksSooner(node) : []
        let overrides = sooner.isEmpty ? setting(node, "ttl", life, of: \.expiration) : sooner
        return Remedy(
          (node.isPending ? [approves] : [])
            + (prolongs(node, overrides)
              ?? writesBootstrapKubeconfig(node, options: " --ttl \(life)")),
          overrides: overrides)
      }),
    Rule(
      number: "O10", title: "nobody can read when its token expires, so that it counts as expired",
      settlements: [.tokenRefused, .joinFailed, .ready],
      holds: { node in
        if isRefused(node, "Unparseable expiration") { return true }
        return node.hasUnreadableExpiration && isRefused(node, "No secret of name")
      }, clues: tokenClues,
      faults: \.isToken,
      needed: { node in
        "expiration in RFC 3339, such as 2026-12-31T00:00:00Z, in "
          + "kube-system/bootstrap-token-\(node.tokenID); else tokencleaner deletes it at once"
      },
      remedy: { node in
        let overrides = setting(node, "ttl", "8760h", of: \.expiration)
        return Remedy(
          prolongs(node, overrides) ?? makesToken(node, "   # writes a time that can be read"),
          overrides: overrides)
      }),
    Rule(
      number: "O13", title: "the API server does not take bootstrap tokens",
      settlements: [.tokenRefused, .joinFailed],
      holds: {
        !$0.scenario.apiServer.enableBootstrapTokenAuth
          && $0.has(.authenticationFailed)
      }, clues: tokenClues,
      needed: { _ in "--enable-bootstrap-token-auth=true on kube-apiserver" },
      remedy: { node in
        Remedy(
          [.settingFlags(["--enable-bootstrap-token-auth=true"], of: "kube-apiserver")]
            + joinsAnew(node),
          overrides: ["spec.apiServer.enableBootstrapTokenAuth=true"])
      }),
    Rule(
      number: "O10", title: "its token has expired",
      settlements: [.tokenRefused, .joinFailed, .ready], holds: isExpired, clues: tokenClues,
      faults: \.isToken,
      clock: { $0.tokenVerdict },
      needed: { node in
        rightTokenClock(node).map { $0.needed + ": the token had life left" }
          ?? "a token that still lives when the node comes, and until its CSR is there"
      },
      remedy: expiredRemedy),
    Rule(
      number: "O8", title: "there is no Secret of its token",
      settlements: [.tokenRefused, .joinFailed],
      holds: { isRefused($0, "No secret of name") || isRefused($0, "awaiting removal") },
      clues: tokenClues,
      faults: \.isToken,
      needed: { node in
        "the Secret kube-system/bootstrap-token-\(node.tokenID), or a kubeconfig with a token that "
          + "has one"
      },
      remedy: { node in
        Remedy(
          [.onControlPlane("kubeadm token create \(node.token)")] + joinsAnew(node), of: node,
          undoing: \.isToken, or: writesGoodToken(node))
      }),
    Rule(
      number: "O9", title: "the Secret of its token is of another type",
      settlements: [.tokenRefused, .joinFailed],
      holds: { isRefused($0, "has invalid type") }, clues: tokenClues,
      needed: { node in
        "type: bootstrap.kubernetes.io/token of kube-system/bootstrap-token-\(node.tokenID), which "
          + "cannot be changed but by a new Secret"
      },
      remedy: { node in Remedy(makesToken(node), overrides: writesGoodToken(node)) }),
    Rule(
      number: "O9", title: "its token is not that of the Secret",
      settlements: [.tokenRefused, .joinFailed, .ready],
      holds: {
        isRefused($0, "key token-secret") || isRefused($0, "key token-id")
          || $0.says(.joinFailed, "failed to verify JWS signature")
      },
      clues: tokenClues,
      faults: \.isToken,
      needed: { node in
        let secret = "kube-system/bootstrap-token-\(node.tokenID)"
        return isRefused(node, "key token-id")
          ? "token-id of \(secret) as in its name: \(node.tokenID)"
          : "token-secret of \(secret) and the bootstrap kubeconfig alike"
      },
      remedy: { node in
        Remedy(givesToken(node), of: node, undoing: \.isToken, or: writesGoodToken(node))
      }),
    Rule(
      number: "O11", title: "its token may not authenticate",
      settlements: [.tokenRefused, .joinFailed, .ready],
      holds: { isRefused($0, "not marked usage-bootstrap-authentication") }, clues: tokenClues,
      faults: \.isToken,
      needed: { _ in "usage-bootstrap-authentication: \"true\", so written, in the token's Secret"
      },
      remedy: { node in
        Remedy(
          [patches(node, "{\"stringData\":{\"usage-bootstrap-authentication\":\"true\"}}")]
            + joinsAnew(node),
          overrides: setting(
            node, "usages", "[signing, authentication]", of: \.usageBootstrapAuthentication))
      }),
    Rule(
      number: "O12", title: "one of its token's extra groups is none that a token may have",
      settlements: [.tokenRefused, .joinFailed, .ready],
      holds: { isRefused($0, "auth-extra-groups") }, clues: tokenClues,
      faults: \.isToken,
      needed: { _ in
        "auth-extra-groups that all begin with system:bootstrappers: in the token's Secret"
      },
      remedy: { node in
        let group = TokenDefinition.defaultGroup
        return Remedy(
          [patches(node, "{\"stringData\":{\"auth-extra-groups\":\"\(group)\"}}")]
            + joinsAnew(node),
          overrides: setting(node, "groups", "[\(group)]", of: \.authExtraGroups))
      }),
    Rule(
      number: "O7", title: "what its bootstrap kubeconfig has as token is none",
      settlements: [.tokenRefused], holds: { _ in true }, clues: tokenClues,
      needed: { _ in "a token of the form [a-z0-9]{6}.[a-z0-9]{16} in the bootstrap kubeconfig" },
      remedy: { node in
        Remedy(writesBootstrapKubeconfig(node), overrides: writesGoodToken(node))
      }),
  ]
}
