/// A rule's two examples: a scenario in which it finds something, and a like one in which it does not.
struct LintExample: Sendable {
  let rule: String
  let bad: String
  let good: String

  /// - Parameters:
  ///   - bad: lines of `spec`; `kubeadm` stands for the preset, one node and its token.
  ///   - documents: Kubernetes objects of both, or of each.
  init(
    _ rule: String, bad: [String], good: [String], objects: String = "", goodObjects: String? = nil
  ) {
    self.rule = rule
    self.bad = Self.text(bad, objects)
    self.good = Self.text(good, goodObjects ?? objects)
  }

  private static func text(_ spec: [String], _ objects: String) -> String {
    let head = "apiVersion: bootsim.dev/v1alpha1\nkind: Scenario\nmetadata: {name: test}\nspec:\n"
    return head + spec.map { "  \($0)\n" }.joined() + objects
  }

  static let all: [LintExample] =
    tokens + permissions + approval + signers + load + clocks + nodes + starts + times + faults
    + expectations + unused + comments
}

private let preset = "preset: kubeadm"
private let token = "tokens: [{token: abcdef.0123456789abcdef}]"
private let node = "nodes: [{name: workers}]"
private let base = [preset, token, node]

private func workers(_ keys: String) -> String { "nodes: [{name: workers, \(keys)}]" }

/// A ClusterRole that allows these verbs of CSRs.
private func role(_ name: String, verbs: String) -> String {
  """
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: \(name)}
  rules:
  - {apiGroups: [certificates.k8s.io], resources: [certificatesigningrequests], verbs: [\(verbs)]}

  """
}

private func binding(_ role: String, _ subject: String, name: String = "extra") -> String {
  """
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: \(name)}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "\(role)"}
  subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "\(subject)"}]

  """
}

private let bootstrapper = binding("system:node-bootstrapper", "system:bootstrappers", name: "a")
private let nodeclient = binding(
  "system:certificates.k8s.io:certificatesigningrequests:nodeclient", "system:bootstrappers",
  name: "b")
private let selfnodeclient = binding(
  "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient", "system:nodes", name: "c")
private let plain = ["tokens: [{token: abcdef.0123456789abcdef, groups: []}]", node]

extension LintExample {
  private static let tokens = [
    LintExample(
      "token-refused",
      bad: [preset, token, workers("bootstrapKubeconfig: {token: ghijkl.0123456789abcdef}")],
      good: base),
    LintExample(
      "token-expired",
      bad: [
        preset, "tokens: [{token: abcdef.0123456789abcdef, ttl: 30m}]", workers("start: {at: 1h}"),
      ],
      good: [
        preset, "tokens: [{token: abcdef.0123456789abcdef, ttl: 2h}]", workers("start: {at: 1h}"),
      ]),
    // 1,000 nodes at 10 approvals a second need 98.5 s.
    LintExample(
      "token-shorter-than-queue",
      bad: [
        preset, "tokens: [{token: abcdef.0123456789abcdef, ttl: 90s}]", workers("count: 1000"),
      ],
      good: [
        preset, "tokens: [{token: abcdef.0123456789abcdef, ttl: 110s}]", workers("count: 1000"),
      ]),
  ]

  private static let permissions = [
    LintExample(
      "role-missing", bad: base, good: base,
      objects: binding("system:node-bootstraper", "system:bootstrappers"),
      goodObjects: bootstrapper),
    LintExample(
      "binding-matches-nobody", bad: base, good: base,
      objects: binding("system:node-bootstrapper", "system:bootstrapers"),
      goodObjects: bootstrapper),
    LintExample(
      "create-forbidden", bad: plain, good: plain, objects: nodeclient,
      goodObjects: bootstrapper + nodeclient),
    LintExample(
      "list-forbidden", bad: plain, good: plain,
      objects: role("creator", verbs: "create") + binding("creator", "system:bootstrappers"),
      goodObjects: bootstrapper),
    LintExample(
      "watch-forbidden", bad: plain, good: plain,
      objects: role("lister", verbs: "create, list") + binding("lister", "system:bootstrappers"),
      goodObjects: bootstrapper),
    // D.1: the built-in binding of `system:node` has no subjects.
    LintExample(
      "node-forbidden", bad: base + ["apiServer: {authorizationMode: [RBAC]}"],
      good: base + ["apiServer: {authorizationMode: [RBAC]}"],
      goodObjects: binding("system:node", "system:nodes", name: "nodes")),
  ]

  private static let approval = [
    LintExample(
      "nobody-approves", bad: plain, good: plain, objects: bootstrapper,
      goodObjects: bootstrapper + nodeclient),
    LintExample(
      "approver-forbidden", bad: base + ["approval: [{name: a, user: jane, external: {}}]"],
      good: base + ["approval: [{name: a, external: {}}]"]),
    LintExample(
      "approver-never-looks",
      bad: base + ["duration: 1h", "approval: [{name: a, manual: {firstLook: 2h}}]"],
      good: base + ["duration: 3h", "approval: [{name: a, manual: {firstLook: 2h}}]"]),
    LintExample(
      "approver-matches-nobody",
      bad: base + ["approval: [{name: a, external: {}, matching: {nodeName: 'gpu-*'}}]"],
      good: base + ["approval: [{name: a, external: {}, matching: {nodeName: 'work*'}}]"]),
    LintExample(
      "csrapproving-refuses",
      bad: plain + ["approval: [{name: a, external: {}}]"],
      good: plain + [
        "approval: [{name: a, external: {}}]",
        "controllerManager: {controllers: {csrapproving: false}}",
      ], objects: bootstrapper),
    LintExample(
      "renewal-not-approved", bad: plain, good: plain, objects: bootstrapper + nodeclient,
      goodObjects: bootstrapper + nodeclient + selfnodeclient),
    LintExample(
      "serving-not-approved",
      bad: [preset, token, workers("kubelet: {serverTLSBootstrap: true}")],
      good: [
        preset, token, workers("kubelet: {serverTLSBootstrap: true}"),
        "approval: [{name: a, external: {}, "
          + "matching: {signerName: kubernetes.io/kubelet-serving}}]",
      ]),
  ]

  private static let signers = [
    LintExample("no-signer", bad: base + ["controllerManager: {signingKey: false}"], good: base),
    LintExample(
      "signing-ca-expired",
      bad: base + ["controllerManager: {signingCANotAfter: 2025-12-31T00:00:00Z}"],
      good: base + ["controllerManager: {signingCANotAfter: 2026-12-31T00:00:00Z}"]),
    LintExample(
      "signing-ca-not-trusted", bad: base + ["apiServer: {trustsSigningCA: false}"], good: base),
    LintExample(
      "life-shorter-than-backdate",
      bad: base + ["controllerManager: {clusterSigningDuration: 2m}"],
      good: base + ["controllerManager: {clusterSigningDuration: 3m}"]),
    // 0.3 × 10 min × 10 a second are 1,800.
    LintExample(
      "life-shorter-than-renewals",
      bad: [
        preset, token, workers("count: 1900"), "duration: 2h",
        "controllerManager: {clusterSigningDuration: 10m}",
      ],
      good: [
        preset, token, workers("count: 1700"), "duration: 2h",
        "controllerManager: {clusterSigningDuration: 10m}",
      ]),
  ]

  private static let load = [
    // 15 min × 10 a second, and 15 out of the burst.
    LintExample(
      "queue-longer-than-patience", bad: [preset, token, workers("count: 9100")],
      good: [preset, token, workers("count: 8900")]),
    LintExample(
      "looks-too-rare",
      bad: plain + [
        "approval: [{name: a, manual: {firstLook: 20m}}]",
        "controllerManager: {controllers: "
          + "{csrapproving: false}}",
      ],
      good: plain + [
        "approval: [{name: a, manual: {firstLook: 10m}}]",
        "controllerManager: {controllers: "
          + "{csrapproving: false}}",
      ], objects: bootstrapper),
    LintExample(
      "join-gives-up", bad: [preset, token, workers("count: 3100, join: Kubeadm")],
      good: [preset, token, workers("count: 2900, join: Kubeadm")]),
  ]

  private static let clocks = [
    LintExample(
      "clock-beyond-backdate", bad: base + ["controllerManager: {clock: {offset: 6m}}"],
      good: base + ["controllerManager: {clock: {offset: 4m}}"]),
    LintExample(
      "serving-certificate-not-valid",
      bad: [preset, token, workers("clock: {offset: {uniform: {from: -6m, to: 0s}}}")],
      good: [preset, token, workers("clock: {offset: {uniform: {from: -4m, to: 0s}}}")]),
    LintExample(
      "certificate-expired-on-arrival",
      bad: [
        preset, token, workers("clock: {offset: 2h}"),
        "controllerManager: {clusterSigningDuration: 1h}",
      ],
      good: [
        preset, token, workers("clock: {offset: 30m}"),
        "controllerManager: {clusterSigningDuration: 1h}",
      ]),
    LintExample(
      "renewed-at-once",
      bad: [
        preset, token, workers("clock: {offset: 41m}"),
        "controllerManager: {clusterSigningDuration: 1h}",
      ],
      good: [
        preset, token, workers("clock: {offset: 40m}"),
        "controllerManager: {clusterSigningDuration: 1h}",
      ]),
  ]

  private static let nodes = [
    LintExample(
      "nothing-to-bootstrap-with",
      bad: [preset, token, workers("bootstrapKubeconfig: {state: Absent}")], good: base),
    LintExample(
      "server-not-trusted",
      bad: [preset, token, workers("bootstrapKubeconfig: {certificateAuthority: Other}")],
      good: base),
    LintExample(
      "server-elsewhere",
      bad: [preset, token, workers("bootstrapKubeconfig: {server: 'https://192.0.2.9:6443'}")],
      good: [preset, token, workers("bootstrapKubeconfig: {server: 'https://192.0.2.1:6443'}")]),
    LintExample(
      "file-corrupt",
      bad: [
        preset, token,
        workers("kubeconfig: {state: Present}, currentCertificate: {state: Corrupt}"),
      ],
      good: [
        preset, token,
        workers("kubeconfig: {state: Present}, currentCertificate: {state: Present}"),
      ]),
    LintExample(
      "duplicate-node-name",
      bad: [
        preset, token, "allowDuplicateNodeNames: true",
        "nodes: [{name: a, names: [x]}, {name: b, names: [x]}]",
      ],
      good: [preset, token, "nodes: [{name: a, names: [x]}, {name: b, names: [y]}]"]),
  ]

  private static let starts = [
    LintExample(
      "node-not-registered", bad: [preset, token, workers("kubelet: {registerNode: false}")],
      good: [preset, token, workers("kubelet: {registerNode: false}"), "expect: [{failed: 1}]"]),
    LintExample(
      "certificate-not-renewed",
      bad: [
        preset, token, workers("kubelet: {rotateCertificates: false}"), "duration: 1h",
        "controllerManager: {clusterSigningDuration: 20m}",
      ],
      good: [
        preset, token, workers("kubelet: {rotateCertificates: false}"), "duration: 15m",
        "controllerManager: {clusterSigningDuration: 20m}",
      ]),
    LintExample(
      "join-over-kubeconfig",
      bad: [preset, token, workers("join: Kubeadm, kubeconfig: {state: Present}")],
      good: [preset, token, workers("join: Kubeadm, kubeconfig: {state: Absent}")]),
    LintExample(
      "container-runtime-absent", bad: [preset, token, workers("containerRuntime: Absent")],
      good: [preset, token, workers("containerRuntime: Absent"), "expect: [{failed: 1}]"]),
    LintExample(
      "join-cannot-discover",
      bad: [preset, token, workers("join: Kubeadm"), "apiServer: {anonymousAuth: false}"],
      good: [preset, token, workers("join: Kubeadm")]),
  ]

  private static let times = [
    LintExample(
      "starts-after-end", bad: [preset, token, "duration: 1h", workers("start: {at: 2h}")],
      good: [preset, token, "duration: 3h", workers("start: {at: 2h}")]),
    LintExample(
      "act-after-end",
      bad: base + ["duration: 1h", "faults: [{at: 2h, action: kubelet-kill}]"],
      good: base + ["duration: 3h", "faults: [{at: 2h, action: kubelet-kill}]"]),
    LintExample(
      "fault-hits-nobody",
      bad: base + ["faults: [{action: kubelet-kill, on: {node: 'gpu-*'}}]"],
      good: base + ["faults: [{action: kubelet-kill, on: {node: 'work*'}}]"]),
  ]

  private static let faults = [
    LintExample(
      "fault-never-ends", bad: base + ["faults: [{action: token-delete}]"],
      good: base + ["faults: [{for: 10s, action: token-delete}]"]),
    LintExample(
      "outage-longer-than-join",
      bad: [
        preset, token, workers("join: Kubeadm"),
        "faults: [{for: 6m, action: pod-failure, on: kube-apiserver}]",
      ],
      good: [
        preset, token, workers("join: Kubeadm"),
        "faults: [{for: 4m, action: pod-failure, on: kube-apiserver}]",
      ]),
    LintExample(
      "expect-before-fault-ends",
      bad: base + ["faults: [{for: 3m, action: partition}]", "expect: [{ready: all, by: 2m}]"],
      good: base + ["faults: [{for: 3m, action: partition}]", "expect: [{ready: all, by: 4m}]"]),
    LintExample(
      "clock-step-beyond-backdate",
      bad: base + [
        "faults: [{action: time-offset, on: kube-controller-manager, timeOffset: 6m}]"
      ],
      good: base + [
        "faults: [{action: time-offset, on: kube-controller-manager, timeOffset: 4m}]"
      ]),
    LintExample(
      "node-clock-step-too-far",
      bad: base + ["faults: [{at: 1h, action: time-offset, timeOffset: -66m}]"],
      good: base + ["faults: [{at: 1h, action: time-offset, timeOffset: -64m}]"]),
    LintExample(
      "fault-without-effect",
      bad: [
        preset, token, workers("start: {at: 1h}"), "faults: [{at: 1m, for: 1m, action: partition}]",
      ],
      good: [
        preset, token, workers("start: {at: 1h}"), "faults: [{at: 1h, for: 1m, action: partition}]",
      ]),
    LintExample(
      "request-too-early",
      bad: [
        preset, token, workers("names: [n]"), "requests: [{name: r, delete: {of: node/n}}]",
      ],
      good: [
        preset, token, workers("names: [n]"),
        "requests: [{name: r, at: 1m, delete: {of: node/n}}]",
      ]),
  ]

  private static let expectations = [
    LintExample(
      "expect-more-than-nodes", bad: base + ["expect: [{ready: 2}]"],
      good: base + ["expect: [{ready: 1}]"]),
    LintExample(
      "expect-contradiction", bad: base + ["expect: [{ready: all}, {failed: 1}]"],
      good: base + ["expect: [{ready: all}, {failed: 0}]"]),
    LintExample(
      "expect-after-end", bad: base + ["duration: 1m", "expect: [{ready: all, by: 2m}]"],
      good: base + ["duration: 3m", "expect: [{ready: all, by: 2m}]"]),
    LintExample(
      "expect-too-early",
      bad: [preset, token, workers("count: 1000"), "expect: [{ready: all, by: 1m}]"],
      good: [preset, token, workers("count: 1000"), "expect: [{ready: all, by: 2m}]"]),
    LintExample(
      "expect-faster-than-boot", bad: base + ["expect: [{timeToReady: {max: 100ms}}]"],
      good: base + ["expect: [{timeToReady: {max: 1s}}]"]),
  ]

  private static let unused = [
    LintExample(
      "unused-token",
      bad: [
        preset, "tokens: [{token: abcdef.0123456789abcdef}, {token: ghijkl.0123456789abcdef}]",
        workers("bootstrapKubeconfig: {tokenID: abcdef}"),
      ],
      good: base),
    LintExample(
      "unbound-token-group",
      bad: [
        preset, node,
        "tokens: [{token: abcdef.0123456789abcdef, groups: [system:bootstrappers:x, "
          + "'system:bootstrappers:kubeadm:default-node-token']}]",
      ],
      good: base),
    LintExample("unused-file", bad: base + ["files: [pod.yaml]"], good: base + ["files: []"]),
    LintExample(
      "unused-setting",
      bad: base + ["controllerManager: {leaderElect: false, leaseDuration: 20s}"],
      good: base + ["controllerManager: {leaderElect: true, leaseDuration: 20s}"]),
  ]

  private static let comments = [
    LintExample(
      "unknown-rule", bad: base + ["# bootsim-lint: disable=unused-tokens"], good: base),
    LintExample("unused-disable", bad: base + ["# bootsim-lint: disable=unused-token"], good: base),
  ]
}
