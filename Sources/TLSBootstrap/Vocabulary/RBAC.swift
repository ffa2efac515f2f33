/// The objects of rbac.authorization.k8s.io/v1, as the authorizer reads them.
public enum RBAC {
  /// A ClusterRole, or with a namespace a Role.
  public struct Role: Hashable, Sendable {
    public var name: String
    /// nil: a ClusterRole.
    public var namespace: String?
    public var rules: [Rule]

    public init(name: String, namespace: String? = nil, rules: [Rule]) {
      self.name = name
      self.namespace = namespace
      self.rules = rules
    }
  }

  /// What may be done with what; `*` stands for any verb, group or resource.
  public struct Rule: Hashable, Sendable {
    public var verbs: [String]
    public var apiGroups: [String]
    /// `resource`, `resource/subresource` or `*/subresource`.
    public var resources: [String]
    /// Empty: any name.
    public var resourceNames: [String]
    /// Paths; one that ends in `*` stands for all that begin so.
    public var nonResourceURLs: [String]

    public init(
      verbs: [String], apiGroups: [String] = [], resources: [String] = [],
      resourceNames: [String] = [], nonResourceURLs: [String] = []
    ) {
      self.verbs = verbs
      self.apiGroups = apiGroups
      self.resources = resources
      self.resourceNames = resourceNames
      self.nonResourceURLs = nonResourceURLs
    }
  }

  /// A ClusterRoleBinding, or with a namespace a RoleBinding.
  public struct Binding: Hashable, Sendable {
    public var name: String
    /// nil: a ClusterRoleBinding.
    public var namespace: String?
    /// Whether `roleRef.kind` is ClusterRole; else Role, in the binding's own namespace.
    public var refersToClusterRole: Bool
    /// `roleRef.name`.
    public var roleName: String
    public var subjects: [Subject]

    public init(
      name: String, namespace: String? = nil, refersToClusterRole: Bool = true, roleName: String,
      subjects: [Subject]
    ) {
      self.name = name
      self.namespace = namespace
      self.refersToClusterRole = refersToClusterRole
      self.roleName = roleName
      self.subjects = subjects
    }
  }

  /// Whom a binding is about.
  public enum Subject: Hashable, Sendable {
    case user(String)
    case group(String)
    case serviceAccount(namespace: String, name: String)
  }
}
