import SimulationKernel
import TLSBootstrap

let permissionRules: [LintRule] = [
  LintRule(
    "role-missing", .error, "A binding refers to a role that does not exist, so it binds nothing."
  ) { input in
    let roles = input.scenario.roles + BuiltinRoles.roles
    return input.objects.bindings.filter { binding in
      let namespace = binding.value.refersToClusterRole ? nil : binding.value.namespace
      return !roles.contains {
        $0.name == binding.value.roleName && $0.namespace == namespace
      }
    }.map { binding in
      let nearest = NearestKey.nearest(to: binding.value.roleName, among: roles.map(\.name))
      return .init(
        at: binding.place,
        "\(binding.value.name) refers to \(binding.value.roleName), which does not exist",
        cure: nearest.map { "did you mean `\($0)`?" } ?? "add the role")
    }
  },
  LintRule(
    "binding-matches-nobody", .warning,
    "A binding gives a right to CSRs, and none of its subjects is a user or group of the run."
  ) { input in
    let bindings = input.objects.bindings.filter { input.concernsRequests($0.value) }
    let users = bindings.isEmpty ? [] : input.users
    return bindings.filter { binding in
      !binding.value.subjects.contains { subject in users.contains { subject.matches($0) } }
    }.map { binding in
      .init(
        at: binding.place,
        "\(binding.value.name) binds \(binding.value.roleName) to nobody of this run",
        cure: "bind it to a group of the tokens, such as `system:bootstrappers`")
    }
  },
  LintRule(
    "create-forbidden", .error, "The groups of a token do not let it create CSRs."
  ) { input in
    input.forbidden("create") { name in
      (
        "the token of group \(name) may not create CSRs",
        input.scenario.lacksRBAC
          ? addsRBAC
          : "bind one of its groups to `system:node-bootstrapper`, or set `preset: kubeadm`"
      )
    }
  },
  LintRule(
    "list-forbidden", .error,
    "The groups of a token let it create CSRs, but not list them: it never gets its certificate."
  ) { input in
    let mayCreate = input.bootstrapping.filter { input.review.allows($1, "create") }
    return mayCreate.filter { !input.review.allows($1, "list") }.map { outlook, _ in
      .init(
        at: input.place("spec.nodes[\(outlook.group.name)]"),
        "the token of group \(outlook.group.name) may create CSRs, but not list them",
        cure: "bind one of its groups to `system:node-bootstrapper`")
    }
  },
  LintRule(
    "watch-forbidden", .warning,
    "The groups of a token let it list CSRs, but not watch them: it finds its certificate by lists alone, each "
      + "after a back-off."
  ) { input in
    let mayList = input.bootstrapping.filter { _, user in
      ["create", "list"].allSatisfy { input.review.allows(user, $0) }
    }
    return mayList.filter { !input.review.allows($1, "watch") }.map { outlook, _ in
      .init(
        at: input.place("spec.nodes[\(outlook.group.name)]"),
        "the token of group \(outlook.group.name) may list CSRs, but not watch them",
        cure: "bind one of its groups to `system:node-bootstrapper`")
    }
  },
  LintRule(
    "node-forbidden", .error,
    "Kubelets with their certificates may not register: no Node authorizer, and RBAC binds `system:node` to nobody."
  ) { input in
    let forbidden = input.groups.filter { outlook in
      guard outlook.group.csrClient == nil, let name = outlook.group.nodeNames.first else {
        return false
      }
      return !input.review.mayRegister(node: name, creates: outlook.group.kubelet.registersNode)
    }
    guard let first = forbidden.first else { return [] }
    let others = forbidden.count > 1 ? " and of \(forbidden.count - 1) more" : ""
    return [
      .init(
        at: input.place("spec.apiServer.authorizationMode"),
        "kubelets of group \(first.group.name)\(others) may not create their Node or patch its "
          + "status, so that none becomes Ready",
        cure: "put Node before RBAC, or bind group `system:nodes` to ClusterRole `system:node`")
    ]
  },
]

/// The cure where no binding counts.
let addsRBAC = "add RBAC to `spec.apiServer.authorizationMode`"

extension Scenario {
  var lacksRBAC: Bool { !apiServer.authorizationModes.contains(.rbac) }
}

extension LintInput {
  /// Groups of nodes that come with a good token and want a certificate.
  var bootstrapping: [(outlook: GroupOutlook, user: User)] {
    groups.compactMap { outlook in
      guard outlook.needsCertificate, let user = outlook.user else { return nil }
      return (outlook, user)
    }
  }

  fileprivate func forbidden(
    _ verb: String, _ words: (String) -> (problem: String, cure: String)
  ) -> [LintRule.Violation] {
    bootstrapping.filter { !review.allows($0.user, verb) }.map { outlook, _ in
      let (problem, cure) = words(outlook.group.name)
      return .init(at: place("spec.nodes[\(outlook.group.name)]"), problem, cure: cure)
    }
  }

  /// Everybody who asks for something in the run.
  fileprivate var users: [User] {
    let nodes = scenario.groups.flatMap(\.nodeNames).map(Self.nodeUser)
    let clients = scenario.requests.flatMap { request -> [User] in
      let credentials = request.credentials
      var users = [User.authenticated(credentials.user ?? "", credentials.groups)]
      if case .handmade(let made)? = credentials.certificate {
        users = [.authenticated(made.commonName, made.organizations)]
      }
      return users
        + [credentials.impersonated].compactMap { $0.map { .authenticated($0.name, $0.groups) } }
    }
    let tokens = scenario.secrets.compactMap { secret -> User? in
      let token = "\(secret.tokenID ?? "").\(secret.tokenSecret ?? "")"
      guard case .known(let user, _) = review.verdict(on: token) else { return nil }
      return user
    }
    return tokens + nodes + clients
      + scenario.approvers.map { .authenticated($0.user, $0.groups) } + [
        review.controller,
        User(name: "system:anonymous", groups: ["system:unauthenticated"]),
        User(
          name: "kubernetes-admin", groups: ["kubeadm:cluster-admins", "system:authenticated"]),
      ]
  }

  static func nodeUser(_ name: String) -> User {
    User(name: "system:node:\(name)", groups: ["system:nodes", "system:authenticated"])
  }

  /// Whether its role, which exists, says something about CSRs; one with every right does not count.
  fileprivate func concernsRequests(_ binding: RBAC.Binding) -> Bool {
    let namespace = binding.refersToClusterRole ? nil : binding.namespace
    let role = (scenario.roles + BuiltinRoles.roles).first {
      $0.name == binding.roleName && $0.namespace == namespace
    }
    return role?.rules.contains { rule in
      rule.resources.contains { $0.hasPrefix("certificatesigningrequests") || $0 == "signers" }
    } ?? false
  }
}
