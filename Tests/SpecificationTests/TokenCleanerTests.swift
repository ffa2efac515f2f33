import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Sections I.2 and I.3 of protocol.md: tokencleaner, bootstrapsigner and cluster-info.
struct TokenCleanerTests {
  @Test func `I.2 an expired token's Secret is deleted at the instant of its expiration`() {
    let played = expiring(after: .seconds(100)).play()
    let deletions = played.all(.requestAnswered, .deleteSecret)
    #expect(deletions.map { Double($0.time.nanoseconds) / 1e9 } == [100])
    #expect(
      played.world.username(of: deletions[0].actor)
        == "system:serviceaccount:kube-system:token-cleaner")
    #expect(played.seconds(.tokenRemoved) == [100])
    #expect(played.world.scenario.secrets.isEmpty)
  }

  @Test func `I.2 the request arrives 0.7 to 1.5 ms after the expiration, as recorded`() {
    for seed in UInt64(1)...20 {
      var cluster = expiring(after: .seconds(100))
      cluster.scenario.seed = seed
      cluster.scenario.latency.tokenDeletion = Latencies().tokenDeletion
      cluster.jitter = .drawn
      let after = (cluster.play().seconds(.requestAnswered, .deleteSecret)[0] - 100) * 1_000
      // Of 0.7 ms and 1.5 ms a binary fraction misses some nanoseconds.
      #expect((0.699...1.501).contains(after))
    }
  }

  @Test
  func `I.2 a token that is expired already, or that cannot be read, goes as soon as it is seen`() {
    let played = expiring(after: .seconds(-5)).play()
    #expect(played.seconds(.requestAnswered, .deleteSecret) == [0])
    var unreadable = expiring(after: .zero)
    unreadable.scenario.secrets[0].expiration = .unparsable("soon")
    #expect(unreadable.play().seconds(.requestAnswered, .deleteSecret) == [0])
  }

  @Test func `I.2 a delete that fails is not retried before the resync of 12 to 24 h`() {
    for seed in UInt64(1)...5 {
      var cluster = expiring(after: .seconds(100))
      cluster.scenario.seed = seed
      cluster.scenario.faults = [fault(.seconds(99), for: .seconds(2), .apiServerDown())]
      cluster.scenario.duration = .hours(30)
      cluster.scenario.stop = .duration
      cluster.jitter = .drawn
      let played = cluster.play()
      let failed = played.all(.connectionFailed, .deleteSecret)
      let url = cluster.scenario.apiServer.url
      let message =
        "Delete \"\(url)/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef\": dial tcp "
        + "\(url.dropFirst(8)): connect: connection refused"
      #expect(failed.map { played.world.message(of: $0) } == [message])
      let deleted = played.seconds(.requestAnswered, .deleteSecret)
      #expect(deleted.count == 1 && deleted.allSatisfy { (43_200...86_401).contains($0) })
    }
  }

  @Test func `I.2 D.4 a delete that is not allowed names the Secret, each its own`() {
    var cluster = expiring(after: .seconds(50))
    var other = cluster.scenario.secrets[0]
    other.name = "bootstrap-token-aaaaa1"
    cluster.scenario.secrets.append(other)
    let binding = BindingFault(name: "system:controller:token-cleaner", namespace: "kube-system")
    cluster.scenario.faults = [fault(.zero, .binding(binding))]
    let played = cluster.play()
    // What is deleted last was seen first (`TokenControllers.doomed`).
    for kind in [TraceEvent.Kind.authorizationFailed, .requestAnswered] {
      let events = played.all(kind, .deleteSecret)
      #expect(
        events.map { played.world.message(of: $0) }
          == ["aaaaa1", "abcdef"].map { id in
            "secrets \"bootstrap-token-\(id)\" is forbidden: User "
              + "\"system:serviceaccount:kube-system:token-cleaner\" cannot delete resource "
              + "\"secrets\" in API group \"\" in the namespace \"kube-system\""
          })
      #expect(
        events.map { played.world.secret(ofEvent: $0.id) }
          == ["bootstrap-token-aaaaa1", "bootstrap-token-abcdef"])
    }
  }

  @Test func `I.2 of two tokencleaners the second finds the Secret gone`() {
    var cluster = expiring(after: .seconds(50))
    cluster.scenario.controllerManager.replicas = 2
    cluster.scenario.controllerManager.leaderElect = false
    cluster.scenario.latency.watchDelivery = .constant(.milliseconds(5))
    let played = cluster.play()
    let deletions = played.all(.requestAnswered, .deleteSecret)
    #expect(deletions.map(\.answer) == [.ok, .notFound])
    #expect(
      deletions.map { played.world.message(of: $0) }
        == [nil, "secrets \"bootstrap-token-abcdef\" not found"])
    #expect(played.seconds(.tokenRemoved).count == 1)
    // One that an act takes away while the request is on its way.
    var taken = expiring(after: .seconds(50))
    taken.scenario.latency.write = .constant(.seconds(2))
    taken.scenario.faults = [
      fault(.seconds(51), .token(TokenFault(tokenID: "abcdef", action: .delete)))
    ]
    #expect(taken.play().all(.requestAnswered, .deleteSecret).map(\.answer) == [.notFound])
  }

  @Test func `I.3 a token that expires changes no Secret, so that bootstrapsigner does nothing`() {
    var cluster = expiring(after: .seconds(50))
    cluster.scenario.controllerManager.bootstrapsigner = true
    cluster.scenario.latency.write = .constant(.seconds(2))
    let played = cluster.play()
    #expect(played.seconds(.tokenRemoved) == [52])
    #expect(played.seconds(.clusterInfoSigned) == [54])
    var kept = cluster
    kept.scenario.faults = [
      fault(
        .zero,
        .binding(BindingFault(name: "system:controller:token-cleaner", namespace: "kube-system")))
    ]
    #expect(kept.play().all(.requestAnswered, .deleteSecret).map(\.answer) == [.forbidden])
    #expect(kept.play().all(.clusterInfoSigned).isEmpty)
  }

  @Test func `I.2 a token without expiration stays`() {
    var cluster = expiring(after: .zero)
    cluster.scenario.secrets[0].expiration = .never
    #expect(cluster.play().all(.requestAnswered, .deleteSecret).isEmpty)
  }

  @Test func `I.2 several tokens that expire together are deleted one after the other`() {
    var cluster = expiring(after: .seconds(50))
    cluster.scenario.latency.write = .constant(.milliseconds(3))
    for number in 1...3 {
      var secret = cluster.scenario.secrets[0]
      secret.name = "bootstrap-token-aaaaa\(number)"
      secret.tokenID = "aaaaa\(number)"
      if number == 3 { secret.expiration = .never }
      cluster.scenario.secrets.append(secret)
    }
    let played = cluster.play()
    #expect(played.seconds(.requestAnswered, .deleteSecret) == [50.003, 50.006, 50.009])
    #expect(played.world.scenario.secrets.map(\.name) == ["bootstrap-token-aaaaa3"])
  }

  @Test func `I.2 without tokencleaner an expired token's Secret stays`() {
    var cluster = expiring(after: .seconds(100))
    cluster.scenario.controllerManager.tokencleaner = false
    #expect(cluster.play().all(.tokenRemoved).isEmpty)
  }

  @Test func `C.3 row 2 the token of a deleted Secret is unknown, C.4 after its cached success`() {
    // C ahead of H and A by an hour: a token with half an hour left is deleted (M.2).
    let played = Cluster.kubeadm(nodes: 2) { scenario in
      configure(&scenario)
      scenario.secrets[0].expiration = .at(scenario.start + Duration.minutes(60).nanoseconds)
      scenario.controllerManager.clock.offset = .seconds(3_600 - 20)
      scenario.groups[0].arrivals = .times([.seconds(15), .seconds(24)])
      scenario.duration = .seconds(60)
    }.play()
    #expect(played.seconds(.tokenRemoved) == [20])
    // The second node's token is a cached success until 25 s.
    let created = played.seconds(.requestAnswered, .createRequest)
    #expect(created.prefix(2) == [15, 24])
    let late = Cluster.kubeadm(nodes: 1) { scenario in
      configure(&scenario)
      scenario.secrets[0].expiration = .at(scenario.start + Duration.minutes(60).nanoseconds)
      scenario.controllerManager.clock.offset = .seconds(3_600 - 20)
      scenario.groups[0].arrivals = .atOnce(.seconds(30))
      scenario.duration = .seconds(31)
    }.play()
    let refused = late.all(.authenticationFailed)[0]
    #expect(
      late.world.message(of: refused)
        == "No secret of name bootstrap-token-abcdef to match bootstrap bearer token")
  }

  @Test func `I.2 while no controller-manager leads, expired Secrets stay`() {
    var cluster = expiring(after: .seconds(5))
    cluster.scenario.controllerManager.startsAt = .seconds(50)
    cluster.scenario.controllerManager.leaderElect = false
    #expect(cluster.play().seconds(.requestAnswered, .deleteSecret) == [50.9])
  }

  @Test func `I.3 who led before the run has signed cluster-info for each valid token`() {
    let world = World(expiring(after: .seconds(100)).scenario)
    #expect(world.server.clusterInfo.tokenIDs.contains("abcdef"))
    #expect(!world.server.clusterInfo.tokenIDs.contains("aaaaaa"))
    var expired = expiring(after: .seconds(-1)).scenario
    #expect(!World(expired).server.clusterInfo.tokenIDs.contains("abcdef"))
    expired.secrets[0].expiration = .never
    expired.secrets[0].usageBootstrapSigning = "True"
    #expect(!World(expired).server.clusterInfo.tokenIDs.contains("abcdef"))
  }

  @Test func `O45 a token is signed by watch and PUT when its controller-manager leads`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      configure(&scenario)
      scenario.controllerManager.startsAt = .seconds(10)
      scenario.controllerManager.leaderElect = false
      scenario.latency.write = .constant(.milliseconds(3))
      scenario.duration = .seconds(20)
    }.play()
    #expect(played.seconds(.clusterInfoSigned) == [10.903])
    #expect(played.world.server.clusterInfo.tokenIDs.contains("abcdef"))
  }

  @Test func `I.3 a token that is not created yet has no signature from the start`() {
    var cluster = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.bootstrapsigner = true
    }
    #expect(World(cluster.scenario).server.clusterInfo.tokenIDs.contains("abcdef"))
    cluster.scenario.faults = [
      fault(.zero, for: .seconds(10), .token(TokenFault(tokenID: "abcdef", action: .delete)))
    ]
    #expect(!World(cluster.scenario).server.clusterInfo.tokenIDs.contains("abcdef"))
    let played = cluster.play()
    #expect(played.seconds(.clusterInfoSigned) == [10])
    #expect(played.world.server.clusterInfo.tokenIDs.contains("abcdef"))
    // One that is deleted in the first instant after the start was signed for.
    cluster.scenario.faults[0].at = Duration(nanoseconds: 1)
    #expect(World(cluster.scenario).server.clusterInfo.tokenIDs.contains("abcdef"))
  }

  @Test func `I.3 the signature of a token that is gone is removed with one PUT`() {
    let played = expiring(after: .seconds(100)).play()
    let updates = played.all(.requestAnswered, .updateClusterInfo)
    #expect(updates.map { Double($0.time.nanoseconds) / 1e9 } == [100])
    #expect(played.all(.clusterInfoSigned).map(\.value) == [0])
    #expect(!played.world.server.clusterInfo.tokenIDs.contains("abcdef"))
    #expect(
      played.world.username(of: updates[0].actor)
        == "system:serviceaccount:kube-system:bootstrap-signer")
  }

  @Test func `I.3 a token that an act creates is signed`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      configure(&scenario)
      scenario.duration = .seconds(60)
      scenario.faults = [
        TimedFault(
          name: "late", at: .zero, length: .seconds(30),
          fault: .token(TokenFault(tokenID: "abcdef", action: .delete)))
      ]
    }.play()
    #expect(played.seconds(.clusterInfoSigned) == [30])
    #expect(played.all(.clusterInfoSigned).map(\.value) == [1])
  }

  private func expiring(after length: Duration) -> Cluster {
    Cluster.kubeadm(nodes: 1) { scenario in
      configure(&scenario)
      scenario.secrets[0].expiration = .at(scenario.start + length.nanoseconds)
      scenario.duration = .seconds(200)
    }
  }

  private func configure(_ scenario: inout Scenario) {
    scenario.controllerManager.tokencleaner = true
    scenario.controllerManager.bootstrapsigner = true
    scenario.secrets[0].usageBootstrapSigning = "true"
    scenario.stop = .duration
  }
}
