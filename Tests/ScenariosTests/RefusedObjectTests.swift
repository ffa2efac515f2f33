import Scenarios
import Testing

/// Kubernetes objects that a real API server or kubelet does not take.
struct RefusedObjectTests {
  /// Each mistake from its line and column on; the object begins on line 11.
  private func mistakes(of object: String) -> [String] {
    ScenariosTests.mistakes(nodesAndToken + "---\n" + object).map {
      $0.hasPrefix("s.yaml:") ? String($0.dropFirst("s.yaml:".count)) : $0
    }
  }

  // MARK: RBAC

  private func binding(_ subject: String, group: String = "rbac.authorization.k8s.io") -> String {
    """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata: {name: b}
    roleRef: {apiGroup: \(group), kind: ClusterRole, name: view}
    subjects:
    - {name: a, \(subject)}
    """
  }

  /// Source: kubernetes pkg/apis/rbac/validation, `ValidateRoleBindingSubject`.
  @Test(arguments: ["rbac.authorization.k8s.io/v1", "v1", "nope.io"])
  func `the API group of users and groups has no version`(group: String) {
    for kind in ["User", "Group"] {
      #expect(
        mistakes(of: binding("kind: \(kind), apiGroup: \(group)")) == [
          "16:\(kind == "User" ? 35 : 36): ClusterRoleBinding: \(kind) a is of apiGroup "
            + "“\(group)”, which Kubernetes refuses; write `rbac.authorization.k8s.io`"
        ])
    }
    #expect(
      mistakes(of: binding("kind: User", group: group)) == [
        "14:21: ClusterRoleBinding: the roleRef is of apiGroup “\(group)”, which Kubernetes "
          + "refuses; write `rbac.authorization.k8s.io`"
      ])
  }

  @Test func `a service account is of the core group`() {
    let account = "kind: ServiceAccount, namespace: s"
    #expect(
      mistakes(of: binding("\(account), apiGroup: rbac.authorization.k8s.io")) == [
        "16:59: ClusterRoleBinding: ServiceAccount a is of apiGroup “rbac.authorization.k8s.io”, "
          + "which Kubernetes refuses; leave apiGroup out"
      ])
    #expect(mistakes(of: binding("\(account), apiGroup: ''")) == [])
  }

  @Test func `an API group that is empty is filled in`() {
    for kind in ["User", "Group"] {
      #expect(mistakes(of: binding("kind: \(kind), apiGroup: ''", group: "''")) == [])
      #expect(mistakes(of: binding("kind: \(kind)", group: "''")) == [])
    }
  }

  private func role(_ kind: String, _ rule: String) -> String {
    """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: \(kind)
    metadata: {name: r}
    rules:
    - {\(rule)}
    """
  }

  /// Source: kubernetes pkg/apis/rbac/validation, `ValidatePolicyRule`.
  @Test(arguments: [
    ("verbs: [get]", ["apiGroups", "resources"]),
    ("verbs: [get], resources: [nodes]", ["apiGroups"]),
    ("verbs: [get], apiGroups: ['']", ["resources"]),
    ("verbs: [get], apiGroups: [], resources: []", ["apiGroups", "resources"]),
    ("verbs: [get], resourceNames: [a]", ["apiGroups", "resources"]),
  ])
  func `a rule for resources says their groups and names`(rule: String, lacking: [String]) {
    let cures = [
      "apiGroups": "give at least one; \"\" is the core group",
      "resources": "give at least one, or nonResourceURLs",
    ]
    for kind in ["Role", "ClusterRole"] {
      #expect(
        mistakes(of: role(kind, rule))
          == lacking.map {
            "15:3: \(kind): a rule without \($0), which Kubernetes refuses; \(cures[$0] ?? "")"
          })
    }
  }

  @Test func `a rule for paths is for nothing else, and of a ClusterRole`() {
    #expect(
      mistakes(of: role("ClusterRole", "verbs: ['*'], resources: ['*'], nonResourceURLs: [/x]"))
        == [
          "15:53: ClusterRole: a rule for resources and nonResourceURLs, which Kubernetes refuses; "
            + "make two rules of it"
        ])
    #expect(
      mistakes(of: role("Role", "verbs: [get], nonResourceURLs: [/x]")) == [
        "15:35: Role: a rule for nonResourceURLs, which Kubernetes refuses; put it into "
          + "a ClusterRole"
      ])
    #expect(mistakes(of: role("ClusterRole", "verbs: [get], nonResourceURLs: [/x]")) == [])
    #expect(
      mistakes(of: role("Role", "verbs: [get], apiGroups: [''], resources: [pods]")) == [])
  }

  @Test func `a list that is none needs no quotes`() {
    #expect(
      mistakes(of: "{apiVersion: v1, kind: List, items: 5}") == [
        "11:37: List: `items` is “5”, which Kubernetes refuses; write a list"
      ])
    #expect(
      mistakes(of: role("Role", "verbs: [5], apiGroups: [''], resources: [pods]")).contains(
        "15:12: Role: `verbs` is “5”, which Kubernetes refuses; write a list of strings, in quotes")
    )
  }

  // MARK: Kubelet

  private static let kubelet =
    "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"

  /// Source: Go encoding/json, which decodes no string into a bool.
  @Test(arguments: ["rotateCertificates", "serverTLSBootstrap", "registerNode"])
  func `a boolean in quotes is a string, which no kubelet loads`(key: String) {
    #expect(
      mistakes(of: Self.kubelet + "\(key): \"true\"\n") == [
        "13:\(key.count + 3): `\(key)` is the string “true”: no kubelet can load it; write "
          + "`true` or `false`, without quotes"
      ])
  }

  /// Source: apimachinery pkg/apis/meta/v1/duration.go, `UnmarshalJSON`.
  @Test(arguments: ["nodeStatusUpdateFrequency", "nodeStatusReportFrequency"])
  func `a duration is a string without days`(key: String) throws {
    for number in ["0", "10"] {
      #expect(
        mistakes(of: Self.kubelet + "\(key): \(number)\n") == [
          "13:\(key.count + 3): `\(key)` is “\(number)”: no kubelet can load it; write a "
            + "string such as `10s`"
        ])
    }
    #expect(
      mistakes(of: Self.kubelet + "\(key): 1d\n") == [
        "13:\(key.count + 3): `\(key)` is “1d”: no kubelet can load it; write hours, "
          + "minutes and seconds"
      ])
  }

  /// Source: YAML 1.1, as sigs.k8s.io/yaml reads it.
  @Test func `the kubelet takes booleans of YAML 1.1, and zero for its default`() throws {
    let settings = try load(
      nodesAndToken + "---\n" + Self.kubelet
        + "rotateCertificates: no\nserverTLSBootstrap: On\nnodeStatusUpdateFrequency: \"0\"\n"
    ).scenario.groups[0].kubelet
    #expect(!settings.rotateCertificates)
    #expect(settings.serverTLSBootstrap)
    #expect(settings.nodeStatusUpdateFrequency == .seconds(10))
  }

  // MARK: Secrets and Nodes

  @Test(arguments: [
    ("data: [a]", "12:7: Secret: `data` is a list, which Kubernetes refuses; write a mapping"),
    ("data: x", "12:7: Secret: `data` is “x”, which Kubernetes refuses; write a mapping"),
    (
      "stringData: [a]",
      "12:13: Secret: `stringData` is a list, which Kubernetes refuses; write a mapping"
    ),
    ("type: 5", "12:7: Secret: `type` is “5”, which Kubernetes refuses; write a string, in quotes"),
    (
      "immutable: \"yes\"",
      "12:12: Secret: `immutable` is “yes”, which Kubernetes refuses; write `true` or `false`"
    ),
  ])
  func `the data of a Secret is a mapping, and its type a string`(line: String, mistake: String) {
    let spec =
      "  nodes: [{name: w, bootstrapKubeconfig: {tokenID: abcdef}}]\n"
      + "  tokens: [{token: abcdef.0123456789abcdef}]\n"
    let secret =
      "---\napiVersion: v1\nkind: Secret\n"
      + "metadata: {name: bootstrap-token-ghijkl, namespace: kube-system}\n\(line)\n"
    #expect(ScenariosTests.mistakes(spec + secret) == ["s.yaml:" + mistake])
  }

  private static let alphabet =
    "use lower-case letters, digits, `-` and `.`, letters or digits at both ends"

  @Test(arguments: [
    (
      "metadata: {name: 5}",
      "13:18: Node: `name` is “5”, which Kubernetes refuses; write a string, in quotes"
    ),
    ("metadata: {name: ''}", "11:1: Node without metadata.name; name the object"),
    ("metadata: {name: W_1}", "13:18: “W_1” cannot be the name of a Node; \(alphabet)"),
    (
      "metadata: {name: w, labels: {a: 1}}",
      "13:33: Node: `a` is “1”, which Kubernetes refuses; write a string, in quotes"
    ),
    (
      "metadata: {name: w, annotations: [a]}",
      "13:34: Node: `annotations` is a list, which Kubernetes refuses; write a mapping"
    ),
    (
      "metadata: {name: w}\nstatus: x",
      "14:9: Node: `status` is “x”, which Kubernetes refuses; write a mapping"
    ),
    (
      "metadata: {name: w}\nstatus: {conditions: {type: Ready}}",
      "14:22: Node: `conditions` is a mapping, which Kubernetes refuses; write a list"
    ),
    (
      "metadata: {name: w}\nstatus: {conditions: [Ready]}",
      "14:23: Node: `conditions` is “Ready”, which Kubernetes refuses; write a list of mappings"
    ),
    (
      "metadata: {name: w}\nstatus: {conditions: [{type: Ready, status: True}]}",
      "14:45: Node: `status` is “True”, which Kubernetes refuses; write a string, in quotes"
    ),
  ])
  func `what is read of a Node is as the server decodes it`(rest: String, mistake: String) {
    #expect(mistakes(of: "apiVersion: v1\nkind: Node\n" + rest) == [mistake])
  }

  @Test func `the name of a Lease is that of a node`() {
    let lease = "apiVersion: coordination.k8s.io/v1\nkind: Lease\n"
    #expect(
      mistakes(of: lease + "metadata: {name: W_1, namespace: kube-node-lease}") == [
        "13:18: “W_1” cannot be the name of a Lease; \(Self.alphabet)"
      ])
  }
}
