/// The chain of authorizers (protocol.md D): the first that allows wins; all silent is a refusal. Before
/// those of `--authorization-mode` comes one that allows `system:masters` everything.
///
/// RBAC objects change only by an act of the scenario, and a kubelet names only its own objects, so nearly every
/// answer is a function of the kind of caller and the call: they are all found once, at the start. Only
/// where a rule lists names, or a binding one node's user, does it depend on who asks for what.
struct Authorizer: Sendable {
  private let modes: [APIServerSettings.AuthorizationMode]
  private let rbac: RBACAuthorizer
  /// E.1: those after which no admission plugin asks.
  private let freeVerbs: [SignerVerb]
  private let tokenUsers: [User]
  private let approverUsers: [User]
  private let clientUsers: [User]
  /// For each (kind of caller, call).
  private var permissions: [Permission] = []
  /// For each (kind of caller, verb on signers, signer), and for each (kind, review).
  private var allowedSigners: [Bool] = []
  private var reviews: [Permission] = []

  /// The name of a node in questions about any node; no binding of a scenario names it.
  private static let anyNode = "\u{0}node"

  init(_ scenario: Scenario, tokens: TokenTable, clients: [User] = []) {
    modes = scenario.apiServer.authorizationModes
    rbac = RBACAuthorizer(roles: scenario.roles, bindings: scenario.bindings)
    freeVerbs =
      (scenario.apiServer.certificateApproval ? [] : [.approve])
      + (scenario.apiServer.certificateSigning ? [] : [.sign])
    tokenUsers = tokens.tokens.map(\.user)
    approverUsers = scenario.approvers.map { User.authenticated($0.user, $0.groups) }
    clientUsers = clients
    let requests = Call.allCases.map { call in
      (
        attributes: attributes(of: call, node: Self.anyNode, request: ""),
        nameVaries: [.node, .request].contains(call.shape.object)
      )
    }
    for profile in 0..<profileCount {
      let identity = self.identity(ofProfile: profile)
      let user = user(identity, node: Self.anyNode)
      let grants = rbac.grants(to: user, userVaries: identity.kind == .node)
      permissions += requests.map {
        permission(of: user, grants, $0.attributes, nameVaries: $0.nameVaries)
      }
      for verb in SignerVerb.allCases {
        allowedSigners += SignerName.allCases.map { signer in
          freeVerbs.contains(verb)
            || Self.signerNames(signer.text).contains { name in
              permission(of: user, grants, Self.signer(name, verb), nameVaries: false) == .always
            }
        }
      }
      reviews += [false, true].map {
        permission(of: user, grants, Self.review(selfNodeClient: $0), nameVaries: false)
      }
    }
  }

  /// What may be done with CSRs of a signer (E.1).
  enum SignerVerb: String, CaseIterable, Sendable { case approve, sign }

  /// Whether callers of this kind may make this call, a kubelet only ever on its own objects.
  @inline(__always)
  func permission(_ identity: Identity, _ call: Call) -> Permission {
    permissions[profile(of: identity) * Call.allCases.count + Int(call.rawValue)]
  }

  /// Whether this very caller may make this call on these objects.
  ///
  /// - Parameters:
  ///   - caller: the name of the node that asks, if one does.
  ///   - node: the name of the node that it asks for.
  ///   - request: the name of the CSR that it asks for.
  func allows(
    _ identity: Identity, _ call: Call, caller: String, node: String, request: String
  ) -> Bool {
    let attributes = attributes(of: call, node: node, request: request)
    return decide(attributes, by: user(identity, node: caller)).isAllowed
  }

  /// E.1: `approve` or `sign` on the virtual resource `signers`, by name or `<domain>/*`.
  func allowsSigner(_ identity: Identity, _ verb: SignerVerb, _ signer: SignerName) -> Bool {
    let row = profile(of: identity) * SignerVerb.allCases.count + (verb == .approve ? 0 : 1)
    return allowedSigners[row * SignerName.allCases.count + Int(signer.rawValue)]
  }

  /// F.2: may requesters of this kind create certificatesigningrequests/nodeclient (or selfnodeclient)?
  func reviewPermission(of subject: Identity, selfNodeClient: Bool) -> Permission {
    reviews[profile(of: subject) * 2 + (selfNodeClient ? 1 : 0)]
  }

  /// The same of this very one.
  ///
  /// - Parameter caller: the name of the requester's node, if it is one.
  func allowsReview(of subject: Identity, selfNodeClient: Bool, caller: String) -> Bool {
    let review = Self.review(selfNodeClient: selfNodeClient)
    return decide(review, by: user(subject, node: caller)).isAllowed
  }

  /// The same for a signer of any name.
  func allowsSigner(_ user: User, _ verb: SignerVerb, named signer: String) -> Bool {
    freeVerbs.contains(verb)
      || Self.signerNames(signer).contains { decide(Self.signer($0, verb), by: user).isAllowed }
  }

  /// E.1: the names by which a rule may mean a signer.
  private static func signerNames(_ signer: String) -> [String] {
    [signer, "\(signer.prefix { $0 != "/" })/*"]
  }

  private static func signer(_ name: String, _ verb: SignerVerb) -> RequestAttributes {
    RequestAttributes(
      verb: verb.rawValue, group: "certificates.k8s.io", resource: "signers", name: name)
  }

  static func review(selfNodeClient: Bool) -> RequestAttributes {
    RequestAttributes(
      verb: "create", group: "certificates.k8s.io", resource: "certificatesigningrequests",
      subresource: selfNodeClient ? "selfnodeclient" : "nodeclient")
  }
}

extension Authorizer {
  /// The chain in the configured order, with the reasons of those that said no.
  func decide(_ request: RequestAttributes, by user: User) -> RBACAuthorizer.Decision {
    if user.isPrivileged { return RBACAuthorizer.Decision(isAllowed: true) }
    var reasons: [String] = []
    for mode in modes {
      switch mode {
      case .alwaysAllow: return RBACAuthorizer.Decision(isAllowed: true)
      case .alwaysDeny: reasons.append("Everything is forbidden.")
      case .node:
        switch NodeAuthorizer.opinion(on: request, by: user) {
        case .allows: return RBACAuthorizer.Decision(isAllowed: true)
        case .none(let reason): if !reason.isEmpty { reasons.append(reason) }
        }
      case .rbac:
        let decision = rbac.decide(request, by: user)
        if decision.isAllowed { return decision }
        reasons += decision.reasons
      }
    }
    return RBACAuthorizer.Decision(isAllowed: false, reasons: reasons)
  }

  /// The chain for all callers of a kind, and all objects that they may name.
  private func permission(
    of user: User, _ grants: [RBACAuthorizer.Grant], _ request: RequestAttributes,
    nameVaries: Bool
  ) -> Permission {
    if user.isPrivileged { return .always }
    var permission = Permission.never
    for mode in modes {
      switch mode {
      case .alwaysAllow: return .always
      case .alwaysDeny: break
      case .node: if NodeAuthorizer.opinion(on: request, by: user) == .allows { return .always }
      case .rbac:
        let found = rbac.permission(for: request, by: grants, nameVaries: nameVaries)
        if found == .always { return .always }
        if found == .byName { permission = .byName }
      }
    }
    return permission
  }

  func attributes(of call: Call, node: String, request: String) -> RequestAttributes {
    let shape = call.shape
    let name =
      switch shape.object {
      case .none: ""
      case .node: node
      case .request: request
      case .serviceAccount, .configMap, .leaderLease: shape.name
      }
    return RequestAttributes(
      verb: shape.verb, group: shape.group, resource: shape.resource,
      subresource: shape.subresource, name: name, namespace: shape.namespace, path: shape.path,
      fieldSelector: Self.fieldSelector(of: call, node: node))
  }

  /// Of the kubelet's informers. Source: recorded, audit/first-node-*.jsonl.
  private static func fieldSelector(of call: Call, node: String) -> String {
    switch call {
    case .watchPods: "spec.nodeName=\(node)"
    case .watchServices, .listServices: "spec.clusterIP!=None"
    case _: ""
    }
  }

  /// Name and groups of a caller (C.2, C.3, C.5, J.2).
  func user(_ identity: Identity, node: String) -> User {
    switch identity.kind {
    case .nobody: User(name: "", groups: [])
    case .anonymous: User(name: "system:anonymous", groups: ["system:unauthenticated"])
    case .bootstrapToken: tokenUsers[identity.number]
    case .node:
      User(name: "system:node:\(node)", groups: ["system:nodes", "system:authenticated"])
    case .certificateController: Self.serviceAccount("certificate-controller")
    case .tokenCleaner: Self.serviceAccount("token-cleaner")
    case .bootstrapSigner: Self.serviceAccount("bootstrap-signer")
    case .controllerManager:
      User(name: "system:kube-controller-manager", groups: ["system:authenticated"])
    case .approver: approverUsers[identity.number]
    case .client: clientUsers[identity.number]
    }
  }

  private static func serviceAccount(_ name: String) -> User {
    User(
      name: "system:serviceaccount:kube-system:\(name)",
      groups: [
        "system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated",
      ])
  }

  /// Kinds of caller; permissions and flows are found once for each.
  var profileCount: Int { 7 + tokenUsers.count + approverUsers.count + clientUsers.count }

  @inline(__always)
  func profile(of identity: Identity) -> Int {
    switch identity.kind {
    case .nobody: 0
    case .anonymous: 1
    case .node: 2
    case .certificateController: 3
    case .controllerManager: 4
    case .tokenCleaner: 5
    case .bootstrapSigner: 6
    case .bootstrapToken: 7 + identity.number
    case .approver: 7 + tokenUsers.count + identity.number
    case .client: 7 + tokenUsers.count + approverUsers.count + identity.number
    }
  }

  func identity(ofProfile profile: Int) -> Identity {
    switch profile {
    case 0: .nobody
    case 1: .anonymous
    case 2: Identity(.node)
    case 3: Identity(.certificateController)
    case 4: Identity(.controllerManager)
    case 5: Identity(.tokenCleaner)
    case 6: Identity(.bootstrapSigner)
    case 7..<(7 + tokenUsers.count): Identity(.bootstrapToken, profile - 7)
    case ..<(7 + tokenUsers.count + approverUsers.count):
      Identity(.approver, profile - 7 - tokenUsers.count)
    default: Identity(.client, profile - 7 - tokenUsers.count - approverUsers.count)
    }
  }
}
