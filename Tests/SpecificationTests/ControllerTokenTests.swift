import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section J.2 of protocol.md: the token as which the controllers act.
struct ControllerTokenTests {
  @Test func `J.2 the first request of any controller fetches the token, GET and POST`() {
    let played = Cluster.kubeadm(nodes: 40).play()
    let reads = played.all(.requestAnswered, .getServiceAccount)
    let creates = played.all(.requestAnswered, .createServiceAccountToken)
    // One for all clientsets, as recorded.
    #expect(reads.map(\.answer) == [.ok])
    #expect(creates.map(\.answer) == [.created])
    for event in reads + creates {
      #expect(played.world.username(of: event.actor) == "system:kube-controller-manager")
      #expect(
        played.world.userAgent(of: event.call, by: event.actor)
          == "kube-controller-manager/v1.36.2 (linux/amd64) kubernetes/$Format/"
          + "kube-controller-manager")
    }
    let first = played.all(.requestAnswered, .createSubjectAccessReview)[0]
    #expect(
      played.world.username(of: first.actor)
        == "system:serviceaccount:kube-system:certificate-controller")
    #expect(played.chain(of: first).contains { $0.id == creates[0].id })
    // No time of its own: the timelines of section S hold.
    #expect(played.all(.tokenAwaited).isEmpty)
  }

  @Test func `J.2 requests that wait for the token say how long, and keep to their own node`() {
    let played = Cluster.kubeadm(nodes: 3) { scenario in
      scenario.latency.read = .constant(.milliseconds(1))
      scenario.latency.write = .constant(.milliseconds(3))
    }.play()
    #expect(played.all(.tokenAwaited).map(\.value) == [4_000_000, 4_000_000, 4_000_000])
    for ready in played.all(.nodeReady) {
      #expect(played.chain(of: ready).allSatisfy { $0.node == ready.node })
    }
  }

  @Test func `J.2 without service-account credentials nothing is fetched`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.useServiceAccountCredentials = false
      scenario.stop = .duration
      scenario.duration = .seconds(1)
    }.play()
    #expect(played.all(.requestAnswered, .getServiceAccount).isEmpty)
    let review = played.all(.requestAnswered, .createSubjectAccessReview)[0]
    #expect(
      played.world.userAgent(of: review.call, by: review.actor)
        == "kube-controller-manager/v1.36.2 (linux/amd64) kubernetes/$Format/"
        + "certificate-controller")
  }

  @Test func `J.2 the token is asked for anew on the first use after 48 min`() {
    let played = Cluster.kubeadm(nodes: 60) { scenario in
      scenario.groups[0].arrivals = .times((0..<60).map { .minutes($0) })
      scenario.stop = .duration
      scenario.duration = .minutes(100)
    }.play()
    #expect(played.seconds(.requestAnswered, .createServiceAccountToken) == [0, 2_880])
    #expect(played.all(.tokenStored).map(\.value) == [2_880_000_000_000, 2_880_000_000_000])
  }

  @Test func `J.2 four tries, 0.5, 1 and 2 s apart, then the request fails and is retried`() {
    let played = withoutTokens(seconds: 12)
    // The retry after 0.2 s fetches anew; the next one follows 0.4 s after that has failed too.
    #expect(
      played.seconds(.requestAnswered, .createServiceAccountToken) == [
        0, 0.5, 1.5, 3.5, 3.7, 4.2, 5.2, 7.2, 7.6, 8.1, 9.1, 11.1, 11.9,
      ])
    #expect(played.seconds(.tokenUnavailable) == [3.5, 7.2, 11.1])
    #expect(played.all(.requestAnswered, .createSubjectAccessReview).isEmpty)
    #expect(
      played.all(.requestAnswered, .createServiceAccountToken).first
        .flatMap { played.world.message(of: $0) }
        == "serviceaccounts \"certificate-controller\" is forbidden: User "
        + "\"system:kube-controller-manager\" cannot create resource \"serviceaccounts/token\" in "
        + "API group \"\" in the namespace \"kube-system\"")
    #expect(
      played.all(.tokenUnavailable).first.flatMap { played.world.message(of: $0) }
        == "failed to get token for kube-system/certificate-controller: "
        + "timed out waiting for the condition")
    #expect(played.world.node(at: 0).settlement == .nobodyApproves)
  }

  @Test func `J.1 the base client has a bucket of its own`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.kubeAPIMilliQPS = 1_000
      scenario.controllerManager.kubeAPIBurst = 1
    }.play()
    // GET at once, POST 1 s later; the review's own token was taken before.
    #expect(played.seconds(.requestAnswered, .getServiceAccount) == [0])
    #expect(played.seconds(.requestAnswered, .createServiceAccountToken) == [1])
    #expect(played.seconds(.requestAnswered, .createSubjectAccessReview) == [1])
    #expect(played.seconds(.requestAnswered, .updateApproval) == [1])
  }

  @Test func `M.1 row 21 a life of less than 10 min by a wrong clock is taken for 10 min`() {
    let played = skewed(offset: .minutes(55))
    #expect(played.all(.tokenStored).first?.value == 480_000_000_000)
  }

  @Test func `M.1 row 21 a controller-manager that is 20 min behind meets 401 and fetches anew`() {
    let played = skewed(offset: .minutes(-20))
    // Good for 64 min by its plan; the server takes it for 60 min and 1 min of leeway.
    #expect(played.all(.tokenStored).first?.value == 3_840_000_000_000)
    let refused = played.all(.requestAnswered, .createSubjectAccessReview).filter {
      $0.answer == .unauthorized
    }
    #expect(refused.map(\.time.nanoseconds) == [3_720_000_000_000])
    #expect(
      played.all(.authenticationFailed).first.flatMap { played.world.message(of: $0) }
        == "[invalid bearer token, service account token has expired]")
    #expect(played.seconds(.requestAnswered, .createServiceAccountToken) == [0, 3_720.2])
    #expect(played.world.readyCount == played.world.nodeCount)
  }

  @Test(arguments: [Int64(0), 1])
  func `M.1 row 21 the leeway is over a nanosecond after its minute`(later: Int64) {
    let second = Duration.minutes(61) + Duration(nanoseconds: later)
    let reviews = skewed(offset: .minutes(-20), second: second)
      .all(.requestAnswered, .createSubjectAccessReview)
    #expect(reviews.contains { $0.answer == .unauthorized } == (later > 0))
    #expect(reviews.last?.answer == .created)
  }

  /// One node at the start and one later.
  private func skewed(offset: Duration, second: Duration = .minutes(62)) -> Played {
    Cluster.kubeadm(nodes: 2) { scenario in
      scenario.groups[0].arrivals = .times([.zero, second])
      scenario.controllerManager.clock = ClockSkew(offset: offset)
      scenario.stop = .duration
      scenario.duration = .minutes(70)
    }.play()
  }

  private func withoutTokens(seconds: Int64) -> Played {
    Cluster.kubeadm(nodes: 1) { scenario in
      var role = BuiltinRoles.roles.first { $0.name == "system:kube-controller-manager" }
      role?.rules.removeAll { $0.resources == ["serviceaccounts/token"] }
      scenario.roles = [role].compactMap { $0 }
      scenario.stop = .duration
      scenario.duration = .seconds(seconds)
    }.play()
  }
}
