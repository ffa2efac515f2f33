/// Fields whose names are a slip.
///
/// An object may have any field, so one that is not known is no mistake; but one that is hardly more than a
/// slip from one that is read was most likely meant to be it, and has no effect.
extension KubernetesObject {
  /// Fields of one mapping that are read.
  private struct Fields {
    /// From the object; `[]` stands for each element of a list.
    let path: String
    let names: [String]

    init(_ path: String, _ names: [String]) {
      self.path = path
      self.names = names
    }
  }

  func noteMisspeltFields() {
    for fields in Self.read[kind] ?? [] {
      for mapping in Self.mappings(at: fields.path, in: value) {
        for entry in mapping.entries ?? [] {
          guard let meant = NearestKey.nearMiss(entry.key, of: fields.names) else { continue }
          reading.note(
            entry.keyPlace,
            "\(Self.shown(kind, fields.path)) has an unknown field `\(entry.key)`; did you mean "
              + "`\(meant)`?")
        }
      }
    }
  }

  private static func shown(_ kind: String, _ path: String) -> String {
    let name = kind == "Config" ? "kubeconfig" : kind
    return path.isEmpty ? name : "\(name).\(path)"
  }

  /// The values at `users[].user`.
  private static func mappings(at path: String, in value: YAMLValue) -> [YAMLValue] {
    path.split(separator: ".").reduce([value]) { values, step in
      step.hasSuffix("[]")
        ? values.flatMap { $0[String(step.dropLast(2))]?.elements ?? [] }
        : values.compactMap { $0[String(step)] }
    }
  }

  private static let tokenKeys =
    ["token-id", "token-secret", "expiration"] + usages + ["auth-extra-groups"]

  private static let rules = [
    Fields("", ["rules", "aggregationRule"]),
    Fields(
      "rules[]", ["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"]),
  ]
  private static let bindings = [
    Fields("", ["subjects", "roleRef"]),
    Fields("subjects[]", ["kind", "name", "namespace", "apiGroup"]),
    Fields("roleRef", ["kind", "name", "apiGroup"]),
  ]

  /// By kind.
  private static let read: [String: [Fields]] = [
    "ClusterRole": rules, "Role": rules, "ClusterRoleBinding": bindings, "RoleBinding": bindings,
    "KubeletConfiguration": [
      Fields(
        "",
        [
          "rotateCertificates", "serverTLSBootstrap", "kubeAPIQPS", "kubeAPIBurst", "registerNode",
          "nodeStatusUpdateFrequency", "nodeStatusReportFrequency",
        ])
    ],
    "InitConfiguration": [
      Fields("", ["bootstrapTokens", "localAPIEndpoint"]),
      Fields("bootstrapTokens[]", ["token", "ttl", "expires", "usages", "groups"]),
      Fields("localAPIEndpoint", ["advertiseAddress", "bindPort"]),
    ],
    "ClusterConfiguration": [
      Fields(
        "",
        [
          "controlPlaneEndpoint", "certificateValidityPeriod", "caCertificateValidityPeriod",
          "apiServer", "controllerManager",
        ]),
      Fields("apiServer", ["extraArgs"]),
      Fields("controllerManager", ["extraArgs"]),
    ],
    "Secret": [
      Fields("", ["type", "data", "stringData"]), Fields("data", tokenKeys),
      Fields("stringData", tokenKeys),
    ],
    "Config": [
      Fields("", ["clusters", "contexts", "users", "current-context"]),
      Fields("clusters[]", ["name", "cluster"]),
      Fields(
        "clusters[].cluster",
        [
          "server", "certificate-authority", "certificate-authority-data",
          "insecure-skip-tls-verify",
        ]),
      Fields("contexts[]", ["name", "context"]),
      Fields("contexts[].context", ["cluster", "user"]),
      Fields("users[]", ["name", "user"]),
      Fields("users[].user", ["token", "client-certificate", "client-certificate-data"]),
    ],
  ]
}
