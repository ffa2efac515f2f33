import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section C of protocol.md: who a request is.
struct AuthenticationTests {
  @Test func `C.3 a good token is accepted with the sorted groups of its Secret`() {
    let first = firstCreate { scenario in
      scenario.secrets[0].authExtraGroups =
        "system:bootstrappers:z,system:bootstrappers:a," + Cluster.bootstrapGroup
    }
    #expect(first.answer == .created)
    #expect(first.user == "system:bootstrap:abcdef")
    #expect(
      first.groups == [
        "system:bootstrappers", "system:bootstrappers:a", Cluster.bootstrapGroup,
        "system:bootstrappers:z", "system:authenticated",
      ])
  }

  @Test(arguments: [
    "ABCDEF.0123456789abcdef", "abcdef.0123456789ABCDEF", "abcdef", "abcdef.0123456789abcde",
    "abcdef.0123456789abcdef0", "abcde.0123456789abcdef", "abcdef-0123456789abcdef",
    "abcdef.0123456789abcde ", "abcdéf.0123456789abcdef", ".", "\tabcdef.0123456789abcdef",
  ])
  func `C.3-1 a token of another form is refused with 401`(token: String) {
    let first = firstCreate { $0.groups[0].bootstrapKubeconfig.token = token }
    #expect(first.answer == .unauthorized)
    #expect(first.log == "invalid bearer token")
  }

  @Test func `C.3-0 the first word of what follows the scheme is the token`() {
    let played = Cluster.kubeadm(nodes: 1) {
      $0.groups[0].bootstrapKubeconfig.token = "abcdef.0123456789abcdef x"
    }.play()
    #expect(played.all(.requestAnswered, .createRequest).map(\.answer) == [.created])
    #expect(played.ending == .allReady)
  }

  /// Source: kubernetes apiserver pkg/authentication/request/bearertoken/bearertoken.go,
  /// `AuthenticateRequest`.
  @Test(arguments: ["", " ", " abcdef.0123456789abcdef", "  x"])
  func `C.3-0 a token that begins with a blank is none, and the node anonymous`(token: String) {
    let first = firstCreate { $0.groups[0].bootstrapKubeconfig.token = token }
    #expect(first.answer == .forbidden)
    #expect(first.user == "system:anonymous")
    let off = firstCreate { scenario in
      scenario.groups[0].bootstrapKubeconfig.token = token
      scenario.apiServer.anonymousAuth = false
    }
    #expect(off.answer == .unauthorized)
  }

  @Test func `C.2 a kubelet's loops present nothing before its certificate, not even its token`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.apiServer.anonymousAuth = false
      scenario.controllerManager.csrapproving = false
      scenario.groups[0].kubelet.registersNode = false
      scenario.stop = .duration
      scenario.duration = .seconds(5)
    }.play()
    let failed = played.all(.authenticationFailed)
    #expect(!failed.isEmpty)
    #expect(
      Set(failed.map { played.world.message(of: $0) }) == ["anonymous requests are disabled"])
  }

  @Test func `N.2 row 1 kubeadm presents nothing when it asks for cluster-info`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.apiServer.anonymousAuth = false
      scenario.groups[0].joinsByKubeadm = true
      scenario.stop = .duration
      scenario.duration = .seconds(15)
    }.play()
    let failed = played.all(.authenticationFailed, .getClusterInfo)
    #expect(!failed.isEmpty)
    #expect(
      Set(failed.map { played.world.message(of: $0) }) == ["anonymous requests are disabled"])
  }

  @Test func `C.3-0 blanks after a token do not count`() {
    let first = firstCreate {
      $0.groups[0].bootstrapKubeconfig.token = "abcdef.0123456789abcdef \t"
    }
    #expect(first.answer == .created)
  }

  @Test func `C.3-2 a token without a Secret is refused with 401`() {
    let missing = firstCreate { $0.secrets = [] }
    #expect(missing.answer == .unauthorized)
    #expect(
      missing.log == "No secret of name bootstrap-token-abcdef to match bootstrap bearer token")
    #expect(firstCreate { $0.secrets[0].namespace = "default" }.answer == .unauthorized)
    #expect(firstCreate { $0.secrets[0].name = "bootstrap-token-other" }.answer == .unauthorized)
  }

  @Test func `C.3-3 a token whose Secret is being deleted is refused with 401`() {
    let first = firstCreate { $0.secrets[0].hasDeletionTimestamp = true }
    #expect(first.answer == .unauthorized)
    #expect(first.log?.hasSuffix("is deleted and awaiting removal") == true)
  }

  @Test(arguments: ["Opaque", "", "Bootstrap.kubernetes.io/token"])
  func `C.3-4 a token whose Secret is of another type is refused with 401`(type: String) {
    let first = firstCreate { $0.secrets[0].type = type }
    #expect(first.answer == .unauthorized)
    #expect(
      first.log?.hasSuffix("has invalid type, expected bootstrap.kubernetes.io/token.") == true)
  }

  @Test(arguments: ["0123456789abcdee", "", nil])
  func `C.3-5 a token whose Secret holds another secret is refused with 401`(secret: String?) {
    let first = firstCreate { $0.secrets[0].tokenSecret = secret }
    #expect(first.answer == .unauthorized)
    #expect(first.log?.hasSuffix("has invalid value for key token-secret.") == true)
  }

  @Test(arguments: ["abcdeg", "ABCDEF", "", nil])
  func `C.3-6 a token whose Secret names another token-id is refused with 401`(id: String?) {
    let first = firstCreate { $0.secrets[0].tokenID = id }
    #expect(first.answer == .unauthorized)
    #expect(first.log?.hasSuffix("has invalid value for key token-id.") == true)
  }

  @Test func `C.3-7 a token is refused from the nanosecond of its expiration on`() {
    #expect(firstCreate { $0.secrets[0].expiration = .at($0.start + 1) }.answer == .created)
    let now = firstCreate { $0.secrets[0].expiration = .at($0.start) }
    #expect(now.answer == .unauthorized)
    #expect(
      now.log == "Expired bootstrap token in kube-system/bootstrap-token-abcdef Secret: "
        + "2026-01-01T00:00:00Z")
  }

  @Test func `C.3-7 an unparsable expiration counts as expired`() {
    let first = firstCreate { $0.secrets[0].expiration = .unparsable("tomorrow") }
    #expect(first.answer == .unauthorized)
    #expect(first.log?.hasPrefix("Unparseable expiration time (tomorrow) in ") == true)
    #expect(first.log?.hasSuffix("Treating as expired.") == true)
  }

  @Test func `C.3-7 expiry is looked at before usage and groups`() {
    let changes: [(inout Scenario) -> Void] = [
      { $0.secrets[0].usageBootstrapAuthentication = "false" },
      { $0.secrets[0].authExtraGroups = "nonsense" },
    ]
    for change in changes {
      #expect(firstCreate(change).log?.hasPrefix("Bootstrap secret ") == true)
      let expired = firstCreate {
        change(&$0)
        $0.secrets[0].expiration = .at($0.start)
      }
      #expect(
        expired.log == "Expired bootstrap token in kube-system/bootstrap-token-abcdef Secret: "
          + "2026-01-01T00:00:00Z")
    }
  }

  @Test func `C.3-7 expiry goes by the API server's clock`() {
    let ahead = firstCreate { scenario in
      scenario.secrets[0].expiration = .at(scenario.start + 3_600_000_000_000)
      scenario.apiServer.clock.offset = .hours(1)
    }
    #expect(ahead.answer == .unauthorized)
    let behind = firstCreate { scenario in
      scenario.secrets[0].expiration = .at(scenario.start - 3_600_000_000_000)
      scenario.apiServer.clock.offset = Duration.zero - .hours(2)
    }
    #expect(behind.answer == .created)
  }

  @Test(arguments: ["false", "True", "TRUE", " true", "1", "", nil])
  func `C.3-8 only the literal true permits a token to authenticate`(usage: String?) {
    let first = firstCreate { $0.secrets[0].usageBootstrapAuthentication = usage }
    #expect(first.answer == .unauthorized)
    #expect(first.log?.hasSuffix("not marked usage-bootstrap-authentication=true.") == true)
  }

  @Test(arguments: [
    "foo", "system:bootstrappers:Bad!", "system:bootstrappers:ok,system:masters",
    "system:bootstrappers:", "system:bootstrappers:a, system:bootstrappers:b",
    "system:bootstrappers:a,", ",", "system:bootstrappers:a-", "system:bootstrappers",
    "system:bootstrappers:" + String(repeating: "a", count: 257),
  ])
  func `C.3-9 a malformed extra group refuses the whole token`(groups: String) {
    let first = firstCreate { $0.secrets[0].authExtraGroups = groups }
    #expect(first.answer == .unauthorized)
    #expect(first.log?.contains("has invalid value for key auth-extra-groups: ") == true)
  }

  @Test(arguments: [
    "", nil, "system:bootstrappers:unbound",
    "system:bootstrappers:" + String(repeating: "a", count: 256), "system:bootstrappers:-:0",
  ])
  func `C.3-9 valid but unbound groups authenticate and are then refused with 403`(
    groups: String?
  ) {
    #expect(firstCreate { $0.secrets[0].authExtraGroups = groups }.answer == .forbidden)
  }

  @Test func `C.3 without enable-bootstrap-token-auth every token is refused with 401`() {
    let first = firstCreate { $0.apiServer.enableBootstrapTokenAuth = false }
    #expect(first.answer == .unauthorized)
    #expect(first.log == "invalid bearer token")
  }

  @Test func `C.2 without credentials the caller is anonymous, or refused where that is off`() {
    #expect(firstCreate { $0.groups[0].bootstrapKubeconfig.token = nil }.answer == .forbidden)
    let off = firstCreate { scenario in
      scenario.groups[0].bootstrapKubeconfig.token = nil
      scenario.apiServer.anonymousAuth = false
    }
    #expect(off.answer == .unauthorized)
  }

  /// Source: kubernetes pkg/kubeapiserver/options/authentication.go, `ApplyAuthorization`.
  @Test(arguments: [
    [APIServerSettings.AuthorizationMode.alwaysAllow], [.node, .rbac, .alwaysAllow],
  ])
  func `C.2 beside AlwaysAllow nobody is anonymous`(
    modes: [APIServerSettings.AuthorizationMode]
  ) {
    let first = firstCreate { scenario in
      scenario.groups[0].bootstrapKubeconfig.token = nil
      scenario.apiServer.authorizationModes = modes
    }
    #expect(first.answer == .unauthorized)
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.apiServer.authorizationModes = modes
      scenario.controllerManager.running = false
      scenario.stop = .duration
      scenario.duration = .minutes(1)
    }.play()
    #expect(played.all(.nodeRegistered).isEmpty)
    #expect(Set(played.waits.map(\.answer)) == [.unauthorized])
  }

  @Test func `C.4 a success is cached for 10 s from the first use and not from later ones`() {
    let played = Cluster.kubeadm(nodes: 5) { scenario in
      scenario.groups[0].arrivals = .times([
        .zero, .seconds(6), .milliseconds(9_999), .seconds(10), .seconds(12),
      ])
      scenario.secrets[0].expiration = .at(scenario.start + 5_000_000_000)
      scenario.stop = .duration
      scenario.duration = .milliseconds(12_000)
    }.play()
    let first = (0..<5).map { node in
      played.all(.requestAnswered, .createRequest).first { $0.node == node }?.answer
    }
    #expect(first == [.created, .created, .created, .unauthorized, .unauthorized])
  }

  @Test func `C.4 M.1 row 3 the 10 s are those of the server's clock`() {
    let played = Cluster.kubeadm(nodes: 2) { scenario in
      // It gains a fourth: 10 s take 8 s. The token is good for 4 s.
      scenario.apiServer.clock.driftPPB = 250_000_000
      scenario.groups[0].arrivals = .times([.zero, .seconds(9)])
      scenario.secrets[0].expiration = .at(scenario.start + 5_000_000_000)
      scenario.stop = .duration
      scenario.duration = .seconds(9)
    }.play()
    #expect(
      played.all(.requestAnswered, .createRequest).map(\.answer) == [.created, .unauthorized])
  }

  @Test func `C.4 a refusal is not cached, and each token has a cache of its own`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      var other = scenario.groups[0]
      other.nodeNames = ["late"]
      other.arrivals = .atOnce(.seconds(6))
      other.bootstrapKubeconfig.token = "fedcba.0123456789abcdef"
      scenario.groups.append(other)
      var secret = Cluster.secret
      secret.name = "bootstrap-token-fedcba"
      secret.tokenID = "fedcba"
      secret.expiration = .at(scenario.start + 5_000_000_000)
      scenario.secrets.append(secret)
      scenario.stop = .duration
      scenario.duration = .seconds(7)
    }.play()
    #expect(
      played.all(.requestAnswered, .createRequest).map(\.answer) == [.created, .unauthorized])
  }

  @Test func `C.6 the client reads no more than Unauthorized`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.secrets = []
      scenario.stop = .duration
      scenario.duration = .seconds(1)
    }.play()
    let answered = played.all(.requestAnswered, .createRequest)
    #expect(answered.map { played.world.message(of: $0) } == ["Unauthorized"])
    #expect(answered.map(\.answer.code) == [401])
    #expect(answered.map(\.answer.reason) == ["Unauthorized"])
  }

  @Test func `C.5 a certificate of an untrusted CA is refused with 401`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.apiServer.trustsSigningCA = false
      scenario.stop = .duration
      scenario.duration = .seconds(30)
    }.play()
    #expect(played.seconds(.certificateStored) == [0])
    #expect(
      played.seconds(.requestAnswered, .createNode) == [
        0.1, 0.3, 0.7, 1.5, 3.1, 6.3, 12.7, 19.7, 26.7,
      ])
    #expect(played.all(.requestAnswered, .createNode).allSatisfy { $0.answer == .unauthorized })
    #expect(played.all(.nodeRegistered).isEmpty)
  }

  // MARK: What is asked

  private struct FirstCreate {
    var answer: Answer?
    var log: String?
    var user: String?
    var groups: [String]
  }

  /// The answer to the first CSR create, and what the server logged of it.
  private func firstCreate(_ change: (inout Scenario) -> Void) -> FirstCreate {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      change(&scenario)
      scenario.stop = .duration
      scenario.duration = .milliseconds(50)
    }.play()
    let answered = played.all(.requestAnswered, .createRequest).first
    let failed = played.all(.authenticationFailed, .createRequest).first
    var first = FirstCreate(
      answer: answered?.answer, log: failed.flatMap { played.world.message(of: $0) }, groups: [])
    if let actor = answered?.actor {
      let user = played.world.turn.facts.authorizer.user(actor, node: "")
      first.user = user.name
      first.groups = user.groups
    }
    return first
  }
}
