import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Clients of `spec.requests` that act as somebody else, and what the API server lets them (protocol.md C.1).
///
/// Source: kubernetes 1.36, apiserver pkg/endpoints/filters/impersonation.
struct ImpersonationTests {
  private static let group = "authentication.k8s.io"

  private func entry(
    _ act: ClientRequest.Act, as user: String? = "u", _ wanted: String, groups: [String] = [],
    uid: String = "", at seconds: Int64 = 0, name: String = "it"
  ) -> ClientRequest {
    Clients.entry(act, at: seconds, name: name) { credentials in
      if let user {
        credentials.user = user
        credentials.groups = ["system:authenticated"]
      }
      var impersonated = ImpersonatedUser()
      impersonated.name = wanted
      impersonated.groups = groups
      impersonated.uid = uid
      credentials.impersonated = impersonated
    }
  }

  private typealias Rule = (verbs: [String], group: String, resources: [String], names: [String])

  /// What `u` is told who has these permissions.
  private func play(_ entries: [ClientRequest], allowed rules: [Rule] = []) -> Played {
    Clients.play(entries) { scenario in
      scenario.roles.append(
        RBAC.Role(
          name: "impersonator",
          rules: rules.map {
            RBAC.Rule(
              verbs: $0.verbs, apiGroups: [$0.group], resources: $0.resources,
              resourceNames: $0.names)
          }))
      scenario.bindings.append(
        RBAC.Binding(name: "u", roleName: "impersonator", subjects: [.user("u")]))
    }
  }

  private static let get = ClientRequest.Act.ask(Clients.get("nodes", name: "a"))
  private static let notFound = "nodes \"a\" not found"

  /// The mode that is tried first says what is missing, although the verb of before 1.35 would do.
  @Test(arguments: [
    ("v", [], "", "impersonate-on:user-info:get"),
    ("v", ["g"], "1", "impersonate-on:user-info:get"),
    ("system:node:a", [], "", "impersonate-on:arbitrary-node:get"),
    ("system:serviceaccount:n:s", [], "", "impersonate-on:serviceaccount:get"),
  ])
  func `C.1 who may not act as another reads what constrained impersonation lacks`(
    user: String, groups: [String], uid: String, verb: String
  ) {
    let played = play([entry(Self.get, user, groups: groups, uid: uid)])
    #expect(
      Clients.answers(played).map(\.message) == [
        "nodes \"a\" is forbidden: User \"u\" cannot \(verb) resource \"nodes\" in API group \"\" at "
          + "the cluster scope"
      ])
    #expect(Clients.answers(played).map(\.code) == [403])
    let refused = played.all(.authorizationFailed) + played.all(.requestAnswered)
    #expect(refused.map { played.world.username(of: $0.actor) } == ["u", "u"])
  }

  @Test func `C.1 a node with groups is for the verb of before only`() {
    let played = play([entry(Self.get, "system:node:a", groups: ["system:nodes"])])
    #expect(
      Clients.answers(played).map(\.message) == [
        "users \"system:node:a\" is forbidden: User \"u\" cannot impersonate resource \"users\" in API "
          + "group \"\" at the cluster scope"
      ])
  }

  @Test func `C.1 by the verb of before each part of the user needs its permission`() {
    let users: Rule = (["impersonate"], "", ["users"], ["system:node:a"])
    let groups: Rule = (["impersonate"], "", ["groups"], ["system:nodes"])
    let uids: Rule = (["impersonate"], Self.group, ["uids"], ["1"])
    let asked = [entry(Self.get, "system:node:a", groups: ["system:nodes"], uid: "1")]
    let lacking = { (resource: String, name: String, group: String) in
      "\(resource) \"\(name)\" is forbidden: User \"u\" cannot impersonate resource "
        + "\"\(resource.prefix { $0 != "." })\" in API group \"\(group)\" at the cluster scope"
    }
    let told = { (rules: [Rule]) in
      Clients.answers(play(asked, allowed: rules)).map { $0.message ?? "" }
    }
    #expect(told([users]) == [lacking("uids.\(Self.group)", "1", Self.group)])
    #expect(told([users, uids]) == [lacking("groups", "system:nodes", "")])
    // D.3: then it is the node, which may read itself.
    #expect(told([users, uids, groups]) == [Self.notFound])
  }

  @Test func `C.1 a constrained permission is for one verb, and makes a node of a node's name`() {
    let on: Rule = (["impersonate-on:arbitrary-node:get"], "", ["nodes"], [])
    let node: Rule = (["impersonate:arbitrary-node"], Self.group, ["nodes"], ["a"])
    var create = Clients.get("nodes", name: "a")
    create.verb = "create"
    let played = play(
      [
        entry(Self.get, "system:node:a"),
        entry(.ask(create), "system:node:a", at: 1, name: "create"),
      ], allowed: [on, node])
    #expect(
      Clients.answers(played).map(\.message) == [
        Self.notFound,
        "nodes is forbidden: User \"u\" cannot impersonate-on:arbitrary-node:create resource \"nodes\" "
          + "in API group \"\" at the cluster scope",
      ])
    let actor = played.all(.requestAnswered).first.map { played.world.groups(of: $0.actor) }
    #expect(actor == ["system:nodes", "system:authenticated"])
  }

  /// By the verb of before a node's user is in no group of nodes.
  @Test func `C.1 a mode that was good for a client is tried first`() {
    let users: Rule = (["impersonate"], "", ["users"], ["system:node:a", "v"])
    let played = play(
      [
        entry(Self.get, "v"), entry(Self.get, "w", at: 1, name: "other"),
        entry(Self.get, "system:node:a", at: 2, name: "node"),
      ], allowed: [users])
    #expect(
      Clients.answers(played).map(\.message) == [
        "nodes \"a\" is forbidden: User \"v\" cannot get resource \"nodes\" in API group \"\" at the "
          + "cluster scope",
        "users \"w\" is forbidden: User \"u\" cannot impersonate resource \"users\" in API group \"\" at "
          + "the cluster scope",
        "nodes \"a\" is forbidden: User \"system:node:a\" cannot get resource \"nodes\" in API group "
          + "\"\" at the cluster scope",
      ])
  }

  @Test func `C.1 system:masters is for the verb of before only`() {
    let all: Rule = (["*"], "*", ["*"], [])
    let played = play([entry(Self.get, "v", groups: ["system:masters"])], allowed: [all])
    #expect(Clients.answers(played).map(\.message) == [Self.notFound])
    let actor = played.all(.requestAnswered).first?.actor
    let found = actor.flatMap { played.world.impersonation(of: $0) }
    #expect(found?.constraint == nil)
    #expect(
      actor.map { played.world.groups(of: $0) } == ["system:masters", "system:authenticated"])
    let constrained: Rule = (["impersonate-on:user-info:get"], "", ["nodes"], [])
    let user: Rule = (["impersonate:user-info"], Self.group, ["users", "groups"], [])
    let refused = play(
      [entry(Self.get, "v", groups: ["system:masters"])], allowed: [constrained, user])
    #expect(
      Clients.answers(refused).map(\.message) == [
        "groups.\(Self.group) \"system:masters\" is forbidden: User \"u\" cannot impersonate:user-info "
          + "resource \"groups\" in API group \"\(Self.group)\" at the cluster scope: impersonating the "
          + "system:masters group is not allowed"
      ])
  }

  @Test func `C.1 four groups may be allowed at once`() {
    let on: Rule = (["impersonate-on:user-info:get"], "", ["nodes"], [])
    let user: Rule = (["impersonate:user-info"], Self.group, ["users"], [])
    let any: Rule = (["impersonate:user-info"], Self.group, ["groups"], ["*"])
    let three = entry(Self.get, "v", groups: ["a", "b", "c"])
    let four = entry(Self.get, "v", groups: ["a", "b", "c", "d"], at: 1, name: "four")
    let told = Clients.answers(play([three, four], allowed: [on, user, any])).map {
      $0.message ?? ""
    }
    #expect(told.first?.hasPrefix("groups.\(Self.group) \"a\" is forbidden") == true)
    #expect(told.last?.contains("User \"v\" cannot get resource") == true)
  }

  @Test func `C.1 groups without a user are a bad request`() {
    let played = play([entry(Self.get, "", groups: ["a", "b\""], uid: "7")])
    #expect(Clients.answers(played).map(\.code) == [400])
    #expect(played.all(.requestAnswered).map { played.world.username(of: $0.actor) } == ["u"])
    #expect(
      Clients.answers(played).map(\.message) == [
        "requested &user.DefaultInfo{Name:\"\", UID:\"7\", Groups:[]string{\"a\", \"b\\\"\"}, "
          + "Extra:map[string][]string(nil)} without impersonating a user name"
      ])
  }

  @Test func `C.1 credentials come first`() {
    var request = entry(Self.get, as: nil, "v")
    request.credentials.user = nil
    request.credentials.groups = []
    request.credentials.token = "abcdef.ffffffffffffffff"
    #expect(Clients.answers(play([request])).map(\.code) == [401])
  }

  /// E.2: the server writes down who asks as whom it was taken.
  @Test func `F.2 an administrator who acts as a node makes its CSR`() {
    let shape = RequestShapeTests.shape { $0.commonName = "system:node:a" }
    let played = Clients.play([
      entry(.create(shape), as: nil, "system:bootstrap:abcdef", groups: [Cluster.bootstrapGroup])
    ])
    let record = played.world.request(at: 0)
    #expect(played.world.username(of: record.requestor) == "system:bootstrap:abcdef")
    #expect(
      played.world.groups(of: record.requestor) == [Cluster.bootstrapGroup, "system:authenticated"])
    #expect(record.condition == "Approved,Issued")
    #expect(
      played.world.impersonation(of: record.requestor).map {
        played.world.username(of: $0.requestor)
      }
        == "kubernetes-admin")
  }

  @Test(arguments: [
    ("v", [], ["system:authenticated"]),
    ("v", ["system:unauthenticated"], ["system:unauthenticated"]),
    ("system:anonymous", [], ["system:unauthenticated"]),
    (
      "system:serviceaccount:n:s", [],
      ["system:serviceaccounts", "system:serviceaccounts:n", "system:authenticated"]
    ),
    ("system:serviceaccount:n:s", ["g"], ["g", "system:authenticated"]),
  ])
  func `C.1 groups come with who one acts as`(name: String, groups: [String], found: [String]) {
    var wanted = ImpersonatedUser()
    wanted.name = name
    wanted.groups = groups
    #expect(User.impersonated(wanted, isConstrained: true).groups == found)
  }
}
