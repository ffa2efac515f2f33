import SimulationKernel
import TLSBootstrap

private typealias Violation = LintRule.Violation

let unusedRules: [LintRule] = [
  LintRule("unused-token", .note, "No node and no request uses a token.") { input in
    let used =
      input.scenario.groups.compactMap(\.bootstrapKubeconfig.token)
      + input.scenario.requests.compactMap(\.credentials.token)
    let ids = Set(used.map { String($0.prefix { $0 != "." }) })
    return input.objects.secrets.filter { !ids.contains($0.value.tokenID ?? "") }.map {
      Violation(
        at: $0.place, "nobody uses the token \($0.value.tokenID ?? $0.value.name)",
        cure: "remove it, or name it in `bootstrapKubeconfig.tokenID`")
    }
  },
  LintRule(
    "unbound-token-group", .note, "An extra group of a token is bound to no role."
  ) { input in
    let bound = Set(
      (input.scenario.bindings + BuiltinRoles.bindings).flatMap(\.subjects).compactMap {
        if case .group(let name) = $0 { name } else { nil }
      })
    return input.objects.secrets.flatMap { secret in
      (secret.value.authExtraGroups ?? "").split(separator: ",").map(String.init)
        .filter { !bound.contains($0) && TokenGroup.isAllowed($0) }
        .map { group in
          Violation(
            at: secret.place, "no binding gives anything to the token's group \(group)",
            cure: "bind it, or leave it out")
        }
    }
  },
  LintRule("unused-file", .note, "Nothing of a file in `spec.files` is used.") { input in
    input.objects.unusedFiles.map {
      Violation(
        at: $0.place, "\($0.value) has nothing that bootstrapping meets", cure: "remove it")
    }
  },
  LintRule(
    "unused-setting", .note,
    "A setting has no effect, because another one turns off what it is for."
  ) { input in
    input.idleSettings.map { path, why in
      Violation(at: input.place(path), "`\(path)` has no effect: \(why)", cure: "remove it")
    }
  },
]

/// Groups that a bootstrap token may have.
private enum TokenGroup {
  static func isAllowed(_ name: String) -> Bool { name.hasPrefix("system:bootstrappers:") }
}

extension LintInput {
  /// Settings that are written and have no effect, with the reason.
  fileprivate var idleSettings: [(path: String, why: String)] {
    let manager = "spec.controllerManager"
    var idle: [(path: String, why: String)] = []
    func look(_ isIdle: Bool, _ keys: [String], _ why: String) {
      guard isIdle else { return }
      idle += keys.map { "\(manager).\($0)" }.filter { written($0) != nil }.map { ($0, why) }
    }
    let settings = scenario.controllerManager
    look(
      !settings.running, ["kubeAPIQPS", "kubeAPIBurst", "clusterSigningDuration", "replicas"],
      "no controller-manager runs")
    look(
      !settings.leaderElect, ["leaseDuration", "renewDeadline", "retryPeriod"],
      "`leaderElect` is false")
    look(
      !settings.nodelifecycle, ["nodeMonitorPeriod", "nodeMonitorGracePeriod"],
      "the controller nodelifecycle is off")
    look(
      settings.running && !settings.hasSigningKey, ["signingCANotAfter"],
      "there is no signing key")
    return idle
  }
}
