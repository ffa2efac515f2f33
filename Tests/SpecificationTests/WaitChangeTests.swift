import SimulationKernel
import Testing

@testable import TLSBootstrap

/// L.2: what happens to a kubelet without a certificate, or to what it asks for, changes its requests at once.
struct WaitChangeTests {
  @Test func `A.11 nothing comes through a partition of a node that waits without a certificate`() {
    let played = waiting(fault(.seconds(60), for: .seconds(120), .network(.init(), .partition)))
    let fails = played.events(.connectionFailed, .getCSINode)
    // Each request connects anew (C.6): a dial of 30 s, a second, and so on.
    #expect(fails.map(\.answer).allSatisfy { $0 == .dialTimeout })
    #expect(fails.map { seconds($0.time) } == [60, 91, 122, 153])
    #expect(played.answered(.getCSINode, from: 60, to: 180) == 0)
    #expect(played.answered(.createNode, from: 60, to: 180) == 0)
    // The dial of 153 s is given up at 183 s.
    #expect(played.answered(.getCSINode, from: 0, to: 60) == 60)
    #expect(played.answered(.getCSINode, from: 180, to: 240) >= 50)
  }

  @Test func `A.11 what is delayed on its way to a node that waits is late`() {
    let late = NetworkFault.delay(.constant(.seconds(2)))
    let played = waiting(fault(.seconds(60), for: .seconds(60), .network(.init(), late)))
    // There and back, and a second to the next.
    #expect((12...13).contains(played.answered(.getCSINode, from: 60, to: 120)))
  }

  @Test func `L.2 a kubelet that is paused while it waits asks nothing`() {
    let played = waiting(fault(.seconds(60), for: .seconds(120), .kubelet(.init(), .pause)))
    #expect(played.answered(.getCSINode, from: 60, to: 180) == 0)
    #expect(played.answered(.createNode, from: 60, to: 180) == 0)
    #expect(played.answered(.getCSINode, from: 180, to: 240) == 60)
  }

  @Test func `C.6 a node that waits trusts a new serving CA with none of its new connections`() {
    let replaced = AuthorityFault.replaceServingCA
    let played = waiting(fault(.seconds(60), for: .seconds(60), .authority(replaced)))
    #expect(played.failed(.getCSINode) == [.unknownAuthority: 60])
    #expect(played.answered(.getCSINode, from: 60, to: 120) == 0)
    #expect(played.answered(.getCSINode, from: 120, to: 240) == 120)
  }

  @Test
  func `M.2 a node that waits finds the serving certificate wrong once its clock is stepped back`()
  {
    let step = ClockFault(offset: .minutes(-10))
    let played = waiting(fault(.seconds(60), for: .seconds(60), .nodeClock(.init(), step)))
    #expect(played.failed(.getCSINode) == [.servingCertificateNotYetValid: 60])
    #expect(played.answered(.getCSINode, from: 0, to: 60) == 60)
    #expect(played.answered(.getCSINode, from: 120, to: 240) == 120)
  }

  @Test(arguments: [-200, 200, 500])
  func `M.2 a step that changes nothing for a node that waits is none`(
    seconds: Int64
  ) {
    let step = ClockFault(offset: .seconds(seconds))
    let played = waiting(fault(.seconds(60), for: .seconds(60), .nodeClock(.init(), step))) {
      $0.apiServer.servingCertificateNotAfter = $0.start + 640_000_000_000
    }
    // By +500 s NotAfter is passed at 140 s, which is after the step back.
    #expect(played.all(.connectionFailed, .getCSINode).isEmpty)
    #expect(played.answered(.getCSINode, from: 0, to: 240) == 240)
    #expect(played.all(.requestAnswered, .getCSINode).isEmpty)
  }

  @Test func `M.2 after a step forward NotAfter comes earlier to a node that waits`() {
    let step = ClockFault(offset: .seconds(500))
    let played = waiting(fault(.seconds(60), .nodeClock(.init(), step))) {
      $0.apiServer.servingCertificateNotAfter = $0.start + 600_000_000_000
    }
    #expect(played.answered(.getCSINode, from: 0, to: 101) == 101)
    #expect(played.answered(.getCSINode, from: 101, to: 240) == 0)
    #expect(played.failed(.getCSINode) == [.servingCertificateExpired: 139])
  }

  @Test func `M.2 a node whose clock is behind connects once it reads the certificate's NotBefore`()
  {
    let played = waiting { scenario in
      scenario.groups[0].clockOffset = SignedDistribution(
        Distribution.constant(.zero), shift: .seconds(-400))
    }
    // NotBefore is 300 s before the start.
    #expect(played.answered(.getCSINode, from: 0, to: 100) == 0)
    #expect(played.answered(.getCSINode, from: 100, to: 240) == 140)
  }

  @Test func `M.2 a node that waits connects no more after the serving certificate's NotAfter`() {
    let played = waiting { scenario in
      scenario.apiServer.servingCertificateNotAfter = scenario.start + 100_000_000_000
    }
    #expect(played.answered(.getCSINode, from: 0, to: 101) == 101)
    #expect(played.answered(.getCSINode, from: 101, to: 240) == 0)
    // From 101 s on, before the end of the run at 240 s.
    #expect(played.failed(.getCSINode) == [.servingCertificateExpired: 139])
  }

  @Test func `D.4 a node that waits may read its Node as soon as a binding lets everybody`() {
    let played = waiting(fault(.zero, for: .seconds(60), .binding(BindingFault(name: "all")))) {
      $0.roles = [
        RBAC.Role(
          name: "all", rules: [RBAC.Rule(verbs: ["get"], apiGroups: [""], resources: ["nodes"])])
      ]
      $0.bindings.append(Cluster.binding("all", "all", "system:unauthenticated"))
    }
    let looks = played.events(.requestAnswered, .getNode).filter { $0.time > .zero + .seconds(60) }
    #expect(!looks.isEmpty && looks.allSatisfy { $0.answer == .notFound })
  }

  @Test func `L.2 an act that changes none of the answers leaves a wait as it is`() {
    let deleted = TokenFault(tokenID: "abcdef", action: .delete)
    let played = waiting(fault(.seconds(60), for: .seconds(60), .token(deleted)))
    #expect(played.all(.requestAnswered, .getCSINode).isEmpty)
    #expect(played.answered(.getCSINode, from: 0, to: 240) == 240)
  }

  @Test func `L.2 a node waits beside another that nothing reaches`() {
    var other = NodeSelector()
    other.name = "node-2"
    let played = waiting(nodes: 2, fault(.zero, .network(other, .partition)))
    #expect(played.events(.requestAnswered, .getCSINode).isEmpty)
    #expect(played.answered(.getCSINode, from: 0, to: 240) == 240)
    #expect(played.all(.connectionFailed).contains { $0.node == 1 && $0.answer == .dialTimeout })
  }

  @Test func `K.4 a node waits while one of two API servers is down`() {
    let played = waiting(fault(.zero, .apiServerDown(replica: 1))) { $0.apiServer.replicas = 2 }
    #expect(played.events(.requestAnswered, .getCSINode).isEmpty)
    #expect(played.answered(.getCSINode, from: 0, to: 240) == 240)
  }

  /// Nodes for 240 s whose CSRs nobody approves.
  private func waiting(
    nodes count: Int = 1, _ fault: TimedFault? = nil,
    _ change: (inout Scenario) -> Void = { _ in }
  ) -> Played {
    Cluster.kubeadm(nodes: count) { scenario in
      withoutApproval(&scenario)
      scenario.faults = fault.map { [$0] } ?? []
      change(&scenario)
      scenario.stop = .duration
      scenario.duration = .seconds(240)
    }.play()
  }

  private func seconds(_ instant: Instant) -> Double { Double(instant.nanoseconds) / 1e9 }
}

extension Played {
  fileprivate func events(_ kind: TraceEvent.Kind, _ call: Call) -> [TraceEvent] {
    all(kind, call).filter { $0.node == 0 }
  }

  /// How many of a waiting node's requests got no answer, played or worked out, by what failed.
  fileprivate func failed(_ call: Call) -> [Answer: Int] {
    var counts: [Answer: Int] = [:]
    for wait in waits where wait.call == call && !wait.answer.isAnswer {
      counts[wait.answer, default: 0] += Int(wait.count)
    }
    for event in events(.connectionFailed, call) { counts[event.answer, default: 0] += 1 }
    return counts
  }

  /// How many of a waiting node's requests were answered in these seconds, played or worked out.
  fileprivate func answered(_ call: Call, from: Int64, to: Int64) -> Int {
    let span = (Instant.zero + .seconds(from))..<(Instant.zero + .seconds(to))
    let derived = waits.filter { $0.call == call && $0.answer.isAnswer }.reduce(0) { sum, wait in
      let gap = max(1, (wait.last - wait.first).nanoseconds / Int64(max(1, wait.count - 1)))
      return sum
        + (0..<Int64(wait.count)).count {
          span.contains(wait.first + Duration(nanoseconds: gap * $0))
        }
    }
    return derived + events(.requestAnswered, call).count { span.contains($0.time) }
  }
}

extension Answer {
  fileprivate var isAnswer: Bool { [.ok, .forbidden, .unauthorized, .notFound].contains(self) }
}
