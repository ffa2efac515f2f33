import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section D.2 of protocol.md: which requests a rule and a binding mean.
struct RBACTests {
  @Test func `D.2 subjects match a user, a group or a service account by its full name`() {
    let ask = RequestAttributes(verb: "get", resource: "pods")
    let rule = RBAC.Rule(verbs: ["get"], apiGroups: [""], resources: ["pods"])
    #expect(allows(ask, rule, .user("jane"), User(name: "jane", groups: [])))
    #expect(!allows(ask, rule, .user("jane"), User(name: "janet", groups: ["jane"])))
    #expect(allows(ask, rule, .group("g"), User(name: "jane", groups: ["f", "g"])))
    #expect(!allows(ask, rule, .group("g"), User(name: "g", groups: ["gg"])))
    let account = RBAC.Subject.serviceAccount(namespace: "ns", name: "robot")
    #expect(allows(ask, rule, account, User(name: "system:serviceaccount:ns:robot", groups: [])))
    #expect(
      !allows(ask, rule, account, User(name: "system:serviceaccount:other:robot", groups: [])))
    #expect(!allows(ask, rule, account, User(name: "robot", groups: [])))
  }

  @Test func `D.2 a user named star is that user and nobody else`() {
    let ask = RequestAttributes(verb: "get", resource: "pods")
    let rule = RBAC.Rule(verbs: ["get"], apiGroups: [""], resources: ["pods"])
    #expect(allows(ask, rule, .user("*"), User(name: "*", groups: [])))
    #expect(!allows(ask, rule, .user("*"), User(name: "system:anonymous", groups: [])))
    #expect(!allows(ask, rule, .group("*"), User(name: "jane", groups: ["f"])))
  }

  @Test func `D.4 RBAC gives one reason, a list where several roles are missing`() {
    let bindings = ["x", "y", "x"].enumerated().map { number, role in
      RBAC.Binding(name: "b\(number)", roleName: role, subjects: [.user("u")])
    }
    let rbac = RBACAuthorizer(roles: [], bindings: bindings)
    let ask = RequestAttributes(verb: "get", resource: "pods")
    let missing = { (name: String) in "clusterrole.rbac.authorization.k8s.io \"\(name)\" not found"
    }
    #expect(
      rbac.decide(ask, by: User(name: "u", groups: [])).reasons == [
        "RBAC: [\(missing("x")), \(missing("y"))]"
      ])
    #expect(rbac.decide(ask, by: User(name: "v", groups: [])).reasons == [])
  }

  @Test func `D.2 a star matches verbs, groups and resources`() {
    let user = User(name: "u", groups: [])
    let ask = RequestAttributes(
      verb: "update", group: "certificates.k8s.io", resource: "certificatesigningrequests",
      subresource: "approval")
    let star = RBAC.Rule(verbs: ["*"], apiGroups: ["*"], resources: ["*"])
    #expect(allows(ask, star, .user("u"), user))
    var rule = star
    rule.verbs = ["get"]
    #expect(!allows(ask, rule, .user("u"), user))
    rule = star
    rule.apiGroups = [""]
    #expect(!allows(ask, rule, .user("u"), user))
    #expect(!allows(RequestAttributes(verb: "get", path: "/healthz"), star, .user("u"), user))
  }

  @Test(arguments: [
    ("certificatesigningrequests", "", true), ("certificatesigningrequests", "approval", false),
    ("certificatesigningrequests/approval", "approval", true),
    ("certificatesigningrequests/approval", "", false),
    ("certificatesigningrequests/approval", "status", false), ("*/approval", "approval", true),
    ("*/approval", "status", false), ("*/approval", "", false), ("*", "approval", true),
    ("certificatesigningrequests/*", "approval", false),
  ])
  func `D.2 a rule names resource and subresource apart`(
    resource: String, subresource: String, isAllowed: Bool
  ) {
    let rule = RBAC.Rule(
      verbs: ["update"], apiGroups: ["certificates.k8s.io"], resources: [resource])
    let ask = RequestAttributes(
      verb: "update", group: "certificates.k8s.io", resource: "certificatesigningrequests",
      subresource: subresource)
    #expect(allows(ask, rule, .user("u"), User(name: "u", groups: [])) == isAllowed)
  }

  @Test func `D.2 resource names leave out every other name, and requests without one`() {
    let rule = RBAC.Rule(
      verbs: ["get", "list"], apiGroups: [""], resources: ["nodes"], resourceNames: ["a", "b"])
    let user = User(name: "u", groups: [])
    for (name, isAllowed) in [("a", true), ("b", true), ("c", false), ("", false), ("*", false)] {
      let ask = RequestAttributes(verb: "get", resource: "nodes", name: name)
      #expect(allows(ask, rule, .user("u"), user) == isAllowed, "\(name)")
    }
  }

  @Test(arguments: [
    ("/healthz", "/healthz", true), ("/healthz", "/healthz/etcd", false),
    ("/healthz/*", "/healthz/etcd", true), ("/healthz/*", "/healthz", false),
    ("/health*", "/healthz", true), ("*", "/anything", true), ("/livez", "/healthz", false),
  ])
  func `D.2 a path is matched whole or by its beginning`(
    pattern: String, path: String, isAllowed: Bool
  ) {
    let rule = RBAC.Rule(verbs: ["get"], nonResourceURLs: [pattern])
    let user = User(name: "u", groups: [])
    #expect(
      allows(RequestAttributes(verb: "get", path: path), rule, .user("u"), user) == isAllowed)
    #expect(!allows(RequestAttributes(verb: "post", path: path), rule, .user("u"), user))
  }

  @Test func `D.2 a RoleBinding speaks only of resources in its own namespace`() {
    let rule = RBAC.Rule(
      verbs: ["get"], apiGroups: ["*"], resources: ["*"], nonResourceURLs: ["*"])
    let clusterRole = RBAC.Role(name: "r", rules: [rule])
    let binding = RBAC.Binding(
      name: "b", namespace: "ns", roleName: "r", subjects: [.user("u")])
    let user = User(name: "u", groups: [])
    let rbac = RBACAuthorizer(roles: [clusterRole], bindings: [binding])
    let pods = RequestAttributes(verb: "get", resource: "pods", namespace: "ns")
    #expect(rbac.decide(pods, by: user).isAllowed)
    var other = pods
    other.namespace = "other"
    #expect(!rbac.decide(other, by: user).isAllowed)
    other.namespace = ""
    #expect(!rbac.decide(other, by: user).isAllowed)
    #expect(!rbac.decide(RequestAttributes(verb: "get", path: "/x"), by: user).isAllowed)
  }

  @Test func `D.2 a RoleBinding to a Role finds it only in the same namespace`() {
    let rule = RBAC.Rule(verbs: ["get"], apiGroups: ["*"], resources: ["*"])
    let user = User(name: "u", groups: [])
    let pods = RequestAttributes(verb: "get", resource: "pods", namespace: "ns")
    let binding = RBAC.Binding(
      name: "b", namespace: "ns", refersToClusterRole: false, roleName: "r",
      subjects: [.user("u")])
    let here = RBACAuthorizer(
      roles: [RBAC.Role(name: "r", namespace: "ns", rules: [rule])], bindings: [binding])
    #expect(here.decide(pods, by: user).isAllowed)
    let elsewhere = RBACAuthorizer(
      roles: [RBAC.Role(name: "r", namespace: "other", rules: [rule])], bindings: [binding])
    #expect(!elsewhere.decide(pods, by: user).isAllowed)
    #expect(
      elsewhere.decide(pods, by: user).reasons == [
        "RBAC: role.rbac.authorization.k8s.io \"r\" not found"
      ])
  }

  private func allows(
    _ request: RequestAttributes, _ rule: RBAC.Rule, _ subject: RBAC.Subject, _ user: User
  ) -> Bool {
    RBACAuthorizer(
      roles: [RBAC.Role(name: "r", rules: [rule])],
      bindings: [RBAC.Binding(name: "b", roleName: "r", subjects: [subject])]
    ).decide(request, by: user).isAllowed
  }
}
