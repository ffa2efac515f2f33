import SimulationKernel
import TLSBootstrap
import Testing

@testable import Scenarios

/// `ask` of `spec.requests`, played: paths, verbs and selectors as the API server reads them.
struct AskTests {
  /// What an entry is answered, with the client's words after the code.
  private func answer(_ entry: String) throws -> String {
    let loaded = try load(
      "  preset: kubeadm\n  duration: 10s\n  nodes: [{name: w, start: {at: 1h}}]\n"
        + "  tokens: [{token: abcdef.0123456789abcdef}]\n  requests:\n  - {name: it, \(entry)}\n")
    var world = World(loaded.scenario, inputs: loaded.canonicalInputs, level: .full)
    let sink = Answers()
    var target: (any TraceSink)? = sink
    _ = try world.run(into: &target)
    guard let answered = sink.events.last else { return "nothing" }
    return "\(answered.answer.code) \(world.message(of: answered) ?? "")"
  }

  private static let anonymous = "User \"system:anonymous\" cannot"

  /// Source: kubernetes apiserver pkg/endpoints/request/requestinfo.go, `NewRequestInfo`.
  @Test(arguments: [
    ("verb: create, path: /healthz", "403 forbidden: \(anonymous) post path \"/healthz\""),
    ("verb: update, path: /healthz", "403 forbidden: \(anonymous) put path \"/healthz\""),
    ("verb: patch, path: /x", "403 forbidden: \(anonymous) patch path \"/x\""),
    ("verb: delete, path: /x", "403 forbidden: \(anonymous) delete path \"/x\""),
    ("verb: list, path: /healthz", "200 "), ("verb: watch, path: /healthz", "200 "),
    ("path: /api", "403 forbidden: \(anonymous) get path \"/api\""),
    ("path: /api/v1", "403 forbidden: \(anonymous) get path \"/api/v1\""),
    (
      "path: /apis/certificates.k8s.io/v1",
      "403 forbidden: \(anonymous) get path \"/apis/certificates.k8s.io/v1\""
    ),
  ])
  func `a path is asked for by its HTTP method`(ask: String, answer: String) throws {
    #expect(try self.answer("as: {anonymous: true}, ask: {\(ask)}") == answer)
  }

  @Test(arguments: [
    (
      "path: /api/v1/nodes",
      "nodes is forbidden: \(anonymous) list resource \"nodes\" in API group \"\" at the cluster "
        + "scope"
    ),
    (
      "verb: watch, path: /api/v1/nodes/",
      "nodes is forbidden: \(anonymous) watch resource \"nodes\" in API group \"\" at the cluster "
        + "scope"
    ),
    (
      "verb: list, path: /api/v1/nodes/a",
      "nodes \"a\" is forbidden: \(anonymous) get resource \"nodes\" in API group \"\" at the "
        + "cluster scope"
    ),
    (
      "verb: update, path: /api/v1/nodes/a/status",
      "nodes \"a\" is forbidden: \(anonymous) update resource \"nodes/status\" in API group \"\" at "
        + "the cluster scope"
    ),
    (
      "verb: delete, path: /apis/coordination.k8s.io/v1/namespaces/kube-system/leases",
      "leases.coordination.k8s.io is forbidden: \(anonymous) deletecollection resource \"leases\" "
        + "in API group \"coordination.k8s.io\" in the namespace \"kube-system\""
    ),
    (
      "verb: create, path: /api/v1/namespaces/n/pods",
      "pods is forbidden: \(anonymous) create resource \"pods\" in API group \"\" in the namespace "
        + "\"n\""
    ),
    (
      "path: /api/v1/namespaces/n",
      "namespaces \"n\" is forbidden: \(anonymous) get resource \"namespaces\" in API group \"\" in "
        + "the namespace \"n\""
    ),
    (
      "path: /api/v1/watch/namespaces/n/pods",
      "pods is forbidden: \(anonymous) watch resource \"pods\" in API group \"\" in the namespace "
        + "\"n\""
    ),
    (
      "verb: create, path: /api/v1/proxy/nodes/a/logs",
      "nodes \"a\" is forbidden: \(anonymous) proxy resource \"nodes\" in API group \"\" at the "
        + "cluster scope"
    ),
    (
      "path: /api/v1/namespaces/n/status",
      "namespaces \"n\" is forbidden: \(anonymous) get resource \"namespaces/status\" in API group "
        + "\"\" in the namespace \"n\""
    ),
  ])
  func `the path of a resource is a request for it`(ask: String, words: String) throws {
    #expect(try answer("as: {anonymous: true}, ask: {\(ask)}") == "403 \(words)")
  }

  @Test func `a path is answered as the resource is, in the versions that are served`() throws {
    #expect(try answer("ask: {path: /api/v1/nodes/a}") == "404 nodes \"a\" not found")
    #expect(
      try answer("ask: {path: /apis/certificates.k8s.io/v1/certificatesigningrequests}") == "200 ")
    #expect(
      try answer("ask: {path: /apis/certificates.k8s.io/v1beta1/certificatesigningrequests}")
        == "404 the server could not find the requested resource")
  }

  /// Source: kubernetes api/discovery, and the routes that apiserver pkg/endpoints/installer.go makes of it.
  @Test(arguments: [
    "{path: /apis/certificates.k8s.io/v1/foos}", "{path: /api/v1/nodes/a/foo}",
    "{group: certificates.k8s.io, resource: certificatesigningrequests, subresource: nodeclient, "
      + "name: a}",
    "{path: /api/v1/proxy/nodes/a}", "{verb: list, resource: leases}",
  ])
  func `what no group has is not found, and the name does not matter`(ask: String) throws {
    #expect(
      try answer("ask: \(ask)") == "404 the server could not find the requested resource")
  }

  @Test(arguments: [
    ("{path: /api/v1/watch/nodes}", "200 "), ("{path: /apis/example.com/v1/foos}", "200 "),
    (
      "{verb: create, resource: serviceaccounts, subresource: token, name: a, namespace: n}",
      "201 "
    ),
  ])
  func `what a group has, or may have, is there`(ask: String, answer: String) throws {
    #expect(try self.answer("ask: \(ask)") == answer)
  }

  private static let notAllowed =
    "405 the server does not allow this method on the requested resource"
  private static let notThere = "404 the server could not find the requested resource"

  /// Source: apiserver pkg/server/handler.go, `director`, `serviceErrorHandler`: what go-restful has, it has for
  /// GET only; pkg/server/config.go, `installAPI`, and pkg/endpoints/discovery.
  @Test(arguments: [
    "/api", "/api/", "/api/v1", "/apis/certificates.k8s.io/v1", "/version",
    "/.well-known/openid-configuration", "/openid/v1/jwks",
  ])
  func `a path of go-restful takes GET only`(path: String) throws {
    for verb in ["get", "list", "watch"] {
      #expect(try answer("ask: {verb: \(verb), path: \(path)}") == "200 ")
    }
    for verb in ["create", "update", "patch", "delete", "deletecollection"] {
      #expect(try answer("ask: {verb: \(verb), path: \(path)}") == Self.notAllowed)
    }
  }

  /// Source: apiserver pkg/server/mux/pathrecorder.go; kube-aggregator pkg/apiserver/handler_apis.go: handlers
  /// that do not look at the method.
  @Test(arguments: [
    "/", "/healthz", "/healthz/ping", "/livez", "/readyz", "/metrics", "/apis", "/apis/",
    "/apis/certificates.k8s.io", "/openapi/v2", "/openapi/v3", "/debug/pprof/",
  ])
  func `a path with a plain handler takes any method`(path: String) throws {
    for verb in ["get", "create", "update", "patch", "delete"] {
      #expect(try answer("ask: {verb: \(verb), path: \(path)}") == "200 ")
    }
  }

  /// Source: apiserver pkg/util/notfoundhandler.
  @Test(arguments: ["/foo", "/api/v2", "/swagger.json", "/apis/certificates.k8s.io/v2"])
  func `a path that the server does not have is not found`(path: String) throws {
    #expect(try answer("ask: {path: \(path)}") == Self.notThere)
    #expect(try answer("ask: {verb: create, path: \(path)}") == Self.notThere)
  }

  /// Source: apiserver pkg/endpoints/request/requestinfo.go `NewRequestInfo`, filters/requestinfo.go,
  /// handlers/responsewriters/errors.go `InternalError`; apimachinery api/errors `NewGenericServerResponse`.
  @Test(arguments: ["/api/v1/watch", "/api/v1/proxy/", "/apis/certificates.k8s.io/v1/watch"])
  func `a path that ends with watch is no request at all, whoever asks`(path: String) throws {
    let words =
      "500 an error on the server (\"Internal Server Error: \\\"\(path)\\\": failed to create "
      + "RequestInfo: unable to determine kind and namespace from url, \(path)\") has prevented the "
      + "request from succeeding"
    #expect(try answer("ask: {path: \(path)}") == words)
    #expect(try answer("as: {anonymous: true}, ask: {path: \(path)}") == words)
    #expect(try answer("as: {token: abcdef.ffffffffffffffff}, ask: {path: \(path)}") == words)
  }

  /// Source: kubernetes api/discovery/{api__v1,apis__*}.json; a route that is there for another method only.
  @Test(arguments: [
    "{verb: list, group: authorization.k8s.io, resource: subjectaccessreviews}",
    "{verb: deletecollection, resource: namespaces}",
    "{verb: create, resource: componentstatuses}",
    "{verb: delete, resource: nodes, subresource: status, name: a}",
    "{verb: patch, resource: serviceaccounts, subresource: token, name: a, namespace: n}",
    "{verb: create, resource: pods, subresource: log, name: a, namespace: n}",
  ])
  func `a method that a resource does not have is not allowed`(ask: String) throws {
    #expect(try answer("ask: \(ask)") == Self.notAllowed)
  }

  /// Source: the same files: go-restful answers 404 where no route has the path, and 405 where one has it for
  /// other methods.
  @Test(arguments: [
    ("{group: authorization.k8s.io, resource: subjectaccessreviews, name: a}", notThere),
    ("{verb: delete, resource: bindings, name: a, namespace: n}", notThere),
    ("{verb: patch, resource: componentstatuses, name: a}", notAllowed),
  ])
  func `an object of a resource without names is not found, one that GET alone knows is`(
    ask: String, answer: String
  ) throws {
    #expect(try self.answer("ask: \(ask)") == answer)
  }

  /// A collection and its objects have URLs of their own, each with its methods.
  ///
  /// Source: apiserver pkg/endpoints/installer.go, `registerResourceHandlers`; requestinfo.go, `NewRequestInfo`.
  @Test(arguments: [
    "{verb: create, path: /api/v1/nodes/worker-1}", "{verb: patch, path: /api/v1/nodes}",
    "{verb: update, path: /api/v1/nodes}",
    "{verb: create, path: /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/w}",
  ])
  func `a path takes the methods of its own URL only`(ask: String) throws {
    #expect(try answer("ask: \(ask)") == Self.notAllowed)
  }

  @Test(arguments: [
    ("{verb: create, path: /api/v1/nodes}", "201 "),
    ("{path: /api/v1/watch/nodes/worker-1}", "200 "),
    ("{verb: create, path: /api/v1/namespaces/n/serviceaccounts/a/token}", "201 "),
    ("{path: /api/v1/namespaces/n}", "200 "), ("{path: /api/v1/namespaces/n/status}", "200 "),
  ])
  func `a path takes the methods of its own URL`(ask: String, answer: String) throws {
    #expect(try self.answer("ask: \(ask)") == answer)
  }

  @Test func `D.4 a POST to the URL of an object is refused by its name`() throws {
    #expect(
      try answer(
        "as: {tokenID: abcdef}, ask: {verb: create, path: /api/v1/nodes/worker-1}")
        == "403 nodes \"worker-1\" is forbidden: User \"system:bootstrap:abcdef\" cannot create "
        + "resource \"nodes\" in API group \"\" at the cluster scope")
    #expect(
      try answer("as: {anonymous: true}, ask: {verb: create, resource: nodes, name: worker-1}")
        .hasPrefix("403 nodes is forbidden:"))
  }

  /// Source: `namespaced` of kubernetes api/discovery/{api__v1,apis__*}.json; apiserver
  /// pkg/endpoints/installer.go: of all namespaces there is only the list, and its watch.
  @Test(arguments: [
    ("{verb: list, resource: nodes, namespace: default}", notThere),
    ("{verb: create, resource: nodes, name: w, namespace: default}", notThere),
    ("{path: /api/v1/namespaces/n/namespaces}", notThere),
    (
      "{group: certificates.k8s.io, resource: certificatesigningrequests, namespace: default, "
        + "name: x}", notThere
    ),
    ("{resource: configmaps, name: cluster-info}", notThere),
    ("{resource: serviceaccounts, subresource: token, verb: create, name: a}", notThere),
    (
      "{verb: create, group: authorization.k8s.io, resource: localsubjectaccessreviews}", notThere
    ),
    ("{verb: create, resource: configmaps, name: a}", notAllowed),
    ("{verb: deletecollection, resource: secrets}", notAllowed),
    ("{verb: list, resource: secrets}", "200 "), ("{verb: watch, resource: pods}", "200 "),
    ("{resource: configmaps, name: cluster-info, namespace: kube-public}", "200 "),
    ("{verb: list, group: rbac.authorization.k8s.io, resource: clusterroles}", "200 "),
    ("{verb: create, group: example.com, resource: foos, namespace: n}", "201 "),
  ])
  func `an object is where its resource is: in a namespace, or in none`(
    ask: String, answer: String
  ) throws {
    #expect(try self.answer("ask: \(ask)") == answer)
  }

  private static let subdomain =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    + "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    + "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

  /// Source: kubernetes pkg/apis/{core,coordination,storage}/validation.
  @Test(arguments: [
    ("resource: nodes", "Node"),
    (
      "group: coordination.k8s.io, resource: leases, namespace: kube-node-lease",
      "Lease.coordination.k8s.io"
    ),
    ("group: storage.k8s.io, resource: csinodes", "CSINode.storage.k8s.io"),
  ])
  func `E.3 the name of what belongs to a node is a subdomain`(ask: String, kind: String) throws {
    let words =
      "422 \(kind) \"Worker_9\" is invalid: metadata.name: Invalid value: \"Worker_9\": "
      + Self.subdomain
    #expect(try answer("ask: {verb: create, \(ask), name: Worker_9}") == words)
    #expect(try answer("dryRun: true, ask: {verb: create, \(ask), name: Worker_9}") == words)
    #expect(try answer("ask: {verb: create, \(ask), name: worker-9}") == "201 ")
  }

  @Test func `E.3 a name that is too long and wrong has both told`() throws {
    let name = String(repeating: "N", count: 254)
    let start = "metadata.name: Invalid value: \"\(name)\": "
    #expect(
      try answer("ask: {verb: create, resource: nodes, name: \(name)}")
        == "422 Node \"\(name)\" is invalid: [\(start)must be no more than 253 bytes, "
        + "\(start)\(Self.subdomain)]")
  }

  private static let requests =
    "verb: list, group: certificates.k8s.io, resource: certificatesigningrequests"

  /// Source: kubernetes apiserver pkg/endpoints/handlers/get.go, `ListResource`; apimachinery
  /// pkg/fields/selector.go, `ParseSelector`; pkg/apis/{core,certificates,resource}/v1/conversion.go.
  @Test(arguments: [
    ("\(requests), fieldSelector: foo=bar", "field label not supported: foo"),
    (
      "\(requests), fieldSelector: 'spec.signerName=x,metadata.namespace=y'",
      "field label not supported: metadata.namespace"
    ),
    (
      "verb: list, resource: nodes, fieldSelector: xyz",
      "invalid selector: 'xyz'; can't understand 'xyz'"
    ),
    (
      "verb: watch, resource: nodes, fieldSelector: spec.nodeName=a",
      "field label not supported: spec.nodeName"
    ),
    (
      "verb: list, resource: pods, fieldSelector: 'z=1,a!=2'", "field label not supported: a"
    ),
    (
      "verb: list, group: storage.k8s.io, resource: csinodes, fieldSelector: foo=bar",
      "\"foo\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
    ),
    (
      "verb: deletecollection, group: resource.k8s.io, resource: resourceslices, "
        + "fieldSelector: nodeName=a",
      "field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: nodeName"
    ),
    (
      "verb: list, resource: nodes, fieldSelector: 'metadata.name=a=b'",
      "invalid field selector: unescaped character in value: 61"
    ),
  ])
  func `a selector that the server cannot use is a bad request`(
    ask: String, words: String
  ) throws {
    #expect(try answer("ask: {\(ask)}") == "400 \(words)")
  }

  @Test(arguments: [
    "\(requests), fieldSelector: 'metadata.name=a,spec.signerName=x'",
    "verb: list, resource: pods, fieldSelector: 'spec.nodeName!=a'",
    "verb: list, resource: nodes, fieldSelector: 'spec.unschedulable==true,'",
    "verb: list, group: example.com, resource: foos, fieldSelector: bar=1",
    "verb: deletecollection, resource: nodes",
  ])
  func `a selector that the server can use is taken`(ask: String) throws {
    #expect(try answer("ask: {\(ask)}") == "200 ")
  }

  /// RBAC by name: who may list `a` may do so by a selector that says its name among others.
  @Test(arguments: [
    ("metadata.name=a", 200), ("spec.signerName=x,metadata.name=a", 200), ("metadata.name=b", 403),
    ("metadata.name!=a", 403), ("spec.signerName=a", 403), ("xyz", 403), ("metadata.name=a/b", 403),
  ])
  func `the name of what is listed is read from its selector`(selector: String, code: Int) throws {
    let spec =
      "  preset: kubeadm\n  files: [m.yaml]\n  duration: 10s\n  nodes: [{name: w, start: {at: 1h}}]\n"
      + "  tokens: [{token: abcdef.0123456789abcdef}]\n  requests:\n  - {name: it, as: {user: u}, "
      + "ask: {\(Self.requests), fieldSelector: '\(selector)'}}\n"
    let manifest = """
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata: {name: r}
      rules:
      - {apiGroups: [certificates.k8s.io], resources: [certificatesigningrequests], verbs: [list],
         resourceNames: [a]}
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: b}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}
      subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: u}]
      """
    let loaded = try load(spec, files: ["m.yaml": manifest])
    var world = World(loaded.scenario, inputs: loaded.canonicalInputs, level: .full)
    let sink = Answers()
    var target: (any TraceSink)? = sink
    _ = try world.run(into: &target)
    let codes = sink.events.map { Int($0.answer.code) }
    #expect(codes == [code])
  }
}

private final class Answers: TraceSink {
  private(set) var events: [TraceEvent] = []

  func record(_ events: UnsafeBufferPointer<TraceEvent>) {
    self.events += events.filter { $0.kind == .requestAnswered }
  }
  func record(_ requests: WaitingRequests) {}
  func record(_ requests: [WaitingRequest]) {}
}
