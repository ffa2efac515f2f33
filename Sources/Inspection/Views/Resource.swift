/// A kind of object that the views know, with the names that kubectl takes for it.
package enum Resource: String, CaseIterable, Sendable {
  case requests = "certificatesigningrequests"
  case nodes
  case secrets
  case events
  case leases

  /// As typed: plural, singular, short, with or without the group or version and group (`nodes.v1.`), in
  /// any case.
  ///
  /// Also `csrs`, which kubectl does not know.
  package init?(_ typed: String) {
    let word = typed.lowercased()
    let found = Self.allCases.first { $0.names.contains(word) }
    guard let found else { return nil }
    self = found
  }

  /// `apiGroup`; empty for core.
  var group: String {
    switch self {
    case .requests: "certificates.k8s.io"
    case .leases: "coordination.k8s.io"
    case .nodes, .secrets, .events: ""
    }
  }

  var kind: String {
    switch self {
    case .requests: "CertificateSigningRequest"
    case .nodes: "Node"
    case .secrets: "Secret"
    case .events: "Event"
    case .leases: "Lease"
    }
  }

  var apiVersion: String { group.isEmpty ? "v1" : "\(group)/v1" }
  var singular: String { kind.lowercased() }
  /// With the group, as errors have it.
  package var qualified: String { group.isEmpty ? rawValue : "\(rawValue).\(group)" }
  /// `certificatesigningrequest.certificates.k8s.io/NAME`, as `-o name` prints it.
  func path(of name: String) -> String {
    (group.isEmpty ? singular : "\(singular).\(group)") + "/" + name
  }

  /// Where its objects are, without `--namespace`; nil: it has no namespace.
  package var namespace: String? {
    switch self {
    case .requests, .nodes: nil
    case .secrets: "kube-system"
    case .leases: "kube-node-lease"
    case .events: "default"
    }
  }

  /// What people who mistype a name may have meant.
  package static var words: [String] { allCases.flatMap { [$0.rawValue, $0.singular] } }

  /// What completion offers: the short names where there are some.
  package static let usual = ["csr", "nodes", "secrets", "events", "leases"]

  private var names: Set<String> {
    let short: [String] =
      switch self {
      case .requests: ["csr", "csrs"]
      case .nodes: ["no"]
      case .events: ["ev"]
      case .secrets, .leases: []
      }
    let plain = short + [rawValue, singular]
    let grouped = group.isEmpty ? [] : plain.map { "\($0).\(group)" }
    return Set(plain + grouped + plain.map { "\($0).v1.\(group)" })
  }
}

/// One object, in every form in which it is printed.
package struct ClusterObject: Sendable {
  package let resource: Resource
  package let name: String
  package let namespace: String?
  package let document: KubernetesDocument
  /// Its row of the table, and that of `-o wide`.
  let cells: [String]
  let wideCells: [String]
}

// MARK: Columns

extension Resource {
  /// Source: kubernetes `pkg/printers/internalversion/printers.go`.
  var columns: [String] {
    switch self {
    case .requests:
      ["NAME", "AGE", "SIGNERNAME", "REQUESTOR", "REQUESTEDDURATION", "CONDITION"]
    case .nodes: ["NAME", "STATUS", "ROLES", "AGE", "VERSION"]
    case .secrets: ["NAME", "TYPE", "DATA", "AGE"]
    case .leases: ["NAME", "HOLDER", "AGE"]
    case .events: ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
    }
  }

  var wideColumns: [String] {
    switch self {
    case .requests, .secrets, .leases: columns
    case .nodes:
      columns + ["INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"]
    case .events:
      [
        "LAST SEEN", "TYPE", "REASON", "OBJECT", "SUBOBJECT", "SOURCE", "MESSAGE", "FIRST SEEN",
        "COUNT", "NAME",
      ]
    }
  }
}
