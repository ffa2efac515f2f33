import SimulationKernel
import Testing

@testable import TLSBootstrap

/// What `spec.faults` does to tokens, bindings and clocks.
struct FaultTests {
  @Test func `S11 a token deleted after a cached success works until ten seconds after it`() {
    // A second group's node starts every second; the first success is at t = 0.
    let cluster = Cluster.kubeadm(nodes: 13) { scenario in
      scenario.groups[0].arrivals = .times((0..<13).map { .seconds($0) })
      scenario.faults = [
        TimedFault(
          name: "deleted", at: .seconds(1),
          fault: .token(TokenFault(tokenID: "abcdef", action: .delete)))
      ]
      scenario.duration = .seconds(13)
      scenario.stop = .duration
    }
    let played = cluster.play()
    let created = played.all(.requestAnswered, .createRequest).filter { $0.answer == .created }
    #expect(created.map { $0.time.nanoseconds / 1_000_000_000 } == Array(0..<10))
    let refused = played.all(.authenticationFailed, .createRequest)
    #expect(refused.first?.time == .zero + .seconds(10))
    // Who was accepted by the cache keeps the name.
    #expect(
      created.allSatisfy { played.world.username(of: $0.actor) == "system:bootstrap:abcdef" })
  }

  @Test func `O8 a token that does not exist yet is refused, and the next try succeeds`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.faults = [
        TimedFault(
          name: "late", at: .zero, length: .seconds(5),
          fault: .token(TokenFault(tokenID: "abcdef", action: .delete)))
      ]
    }.play()
    #expect(played.seconds(.authenticationFailed, .createRequest) == [0, 2])
    #expect(played.seconds(.certificateStored) == [6])
    #expect(played.ending == .allReady)
  }

  @Test func `O10 a token that expires now is refused from the same instant on`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.apiServer.clock.offset = .hours(-3)
      scenario.faults = [
        TimedFault(
          name: "expired", at: .zero,
          fault: .token(TokenFault(tokenID: "abcdef", action: .expire)))
      ]
      scenario.duration = .seconds(100)
    }.play()
    #expect(played.seconds(.authenticationFailed, .createRequest).first == 0)
    #expect(played.all(.certificateStored).isEmpty)
  }

  @Test(arguments: ["secret", "usage", "groups"])
  func `O9 O11 O12 a corrupted Secret refuses its token until it is mended`(_ what: String) {
    var patch = TokenFault.Patch()
    switch what {
    case "secret": patch.tokenSecret = "ffffffffffffffff"
    case "usage": patch.usageBootstrapAuthentication = "True"
    default: patch.authExtraGroups = "system:masters"
    }
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.faults = [
        TimedFault(
          name: what, at: .zero, length: .seconds(10),
          fault: .token(TokenFault(tokenID: "abcdef", action: .patch(patch))))
      ]
    }.play()
    #expect(played.seconds(.authenticationFailed, .createRequest) == [0, 2, 6])
    #expect(played.seconds(.certificateStored) == [14])
  }

  @Test func `O15 a binding that comes later heals at the next try`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.faults = [
        TimedFault(
          name: "late", at: .zero, length: .seconds(60),
          fault: .binding(BindingFault(name: "kubeadm:kubelet-bootstrap")))
      ]
    }.play()
    // B.2: 0, 2, 6, 14, 30, then every 32 s.
    #expect(played.seconds(.authorizationFailed, .createRequest) == [0, 2, 6, 14, 30])
    #expect(played.seconds(.certificateStored) == [62])
    #expect(played.ending == .allReady)
  }

  @Test
  func `O48 a CSR that pends after an earlier 403 ends the process five minutes after its start`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.bindings.removeAll { $0.name == "kubeadm:node-autoapprove-bootstrap" }
      scenario.faults = [
        TimedFault(
          name: "late", at: .zero, length: .seconds(60),
          fault: .binding(BindingFault(name: "kubeadm:kubelet-bootstrap")))
      ]
      scenario.stop = .duration
      scenario.duration = .seconds(320)
    }.play()
    #expect(played.seconds(.requestAnswered, .createRequest).last == 311)
    #expect(played.seconds(.kubeletExited) == [301])
  }

  @Test
  func `M.2 a controller-manager stepped ahead by ten minutes signs what is valid five later`() {
    // S18, by a step instead of an offset.
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.faults = [
        TimedFault(
          name: "ntp", at: .zero, fault: .managerClock(ClockFault(offset: .minutes(10))))
      ]
      scenario.duration = .seconds(400)
    }.play()
    #expect(played.seconds(.certificateStored) == [0])
    let accepted = played.all(.requestAnswered, .createNode).filter { $0.answer == .created }
    #expect(accepted.count == 1)
    #expect(accepted[0].time >= .zero + .seconds(300))
    #expect(accepted[0].time < .zero + .seconds(307))
  }

  @Test func `M.2 a node stepped across its rotation deadline renews at once`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.faults = [
        TimedFault(
          name: "ntp", at: .hours(1),
          fault: .nodeClock(NodeSelector(), ClockFault(offset: .days(300))))
      ]
      scenario.duration = .hours(2)
      scenario.stop = .duration
    }.play()
    // S12: the lowest draw plans 70 % of 365 d, 255.5 d.
    #expect(played.seconds(.rotationStarted).first == 3_600)
  }

  @Test func `a drift that ends leaves what the clock gained`() {
    var clock = Clock(start: 0, skew: .none)
    var skew = ClockSkew.none
    let fault = ClockFault(driftPPB: 1_000_000)
    fault.change(&skew, began: .zero + .seconds(1_000))
    let drifting = Clock(start: 0, skew: skew)
    #expect(drifting.reading(at: .zero + .seconds(1_000)) == 1_000_000_000_000)
    #expect(drifting.reading(at: .zero + .seconds(2_000)) == 2_001_000_000_000)
    var after = ClockSkew.none
    fault.leave(&after, began: .zero + .seconds(1_000), ended: .zero + .seconds(2_000))
    clock = Clock(start: 0, skew: after)
    #expect(clock.reading(at: .zero + .seconds(2_000)) == 2_001_000_000_000)
    #expect(clock.reading(at: .zero + .seconds(3_000)) == 3_001_000_000_000)
  }

  @Test func `a selector takes group, name, number and share of the nodes, the same for one seed`()
  {
    var scenario = Cluster.kubeadm(nodes: 40).scenario
    var other = scenario.groups[0]
    other.name = "others"
    other.nodeNames = (1...10).map { "other-\($0)" }
    scenario.groups.append(other)
    let world = World(scenario)
    var selector = NodeSelector()
    #expect(world.select(selector, for: 0).count == 50)
    selector.group = "others"
    #expect(world.select(selector, for: 0).map(\.index) == Array(40..<50))
    selector.name = "other-1*"
    #expect(world.select(selector, for: 0).map(\.index) == [40, 49])
    selector = NodeSelector()
    selector.mode = .percent(25)
    #expect(world.select(selector, for: 0).count == 13)
    selector.mode = .fixed(7)
    let chosen = world.select(selector, for: 0)
    #expect(chosen.count == 7)
    #expect(Set(chosen.map(\.index)).count == 7)
    #expect(chosen == World(scenario).select(selector, for: 0))
    #expect(chosen != world.select(selector, for: 1))
  }

  @Test func `a run waits for all faults before it counts as settled`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.faults = [
        TimedFault(
          name: "much later", at: .minutes(30), length: .minutes(1),
          fault: .binding(BindingFault(name: "kubeadm:kubelet-bootstrap")))
      ]
    }.play()
    #expect(played.ending == .allReady)
    #expect(played.seconds(.faultBegan) == [1_800])
    #expect(played.seconds(.faultEnded) == [1_860])
    #expect(played.world.now == .zero + .seconds(1_860))
  }
}
