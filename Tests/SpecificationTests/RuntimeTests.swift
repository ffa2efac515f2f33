import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section L.4 of protocol.md, and what Kubernetes' source has beside it: a container runtime stops answering.
struct RuntimeTests {
  private func play(
    _ faults: [TimedFault], until end: Int64, _ change: (inout Scenario) -> Void = { _ in }
  ) -> Played {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.faults = faults
      scenario.stop = .duration
      scenario.duration = .seconds(end)
      change(&scenario)
    }.play()
  }

  private let down = Fault.runtimeDown(NodeSelector())

  @Test func `L.4 30 s after the last check that it answered the next status says NotReady`() {
    let played = play([fault(.seconds(103), for: .seconds(60), down)], until: 200)
    // Asked each 5 s, the last time at 100 s; the status loop runs each 10 s from 0.1 s on.
    #expect(played.seconds(.runtimeLost) == [130])
    #expect(played.all(.runtimeLost).map(\.value) == [Duration.seconds(27).nanoseconds])
    #expect(
      played.all(.runtimeLost).map { played.world.message(of: $0) } == ["container runtime is down"]
    )
    #expect(played.seconds(.statusPatched).last == 130.1)
    // Answers at 163 s, is asked at 165 s.
    #expect(played.seconds(.runtimeRegained) == [165])
    #expect(played.seconds(.nodeReady) == [0.4, 170.1])
    #expect(played.world.readyCount == 1)
    #expect(played.all(.settled).map(\.time) == [.zero + .milliseconds(130_100)])
    #expect(played.all(.nodeUnknown).isEmpty)
  }

  @Test func `L.4 a shorter one is not noticed`() {
    let played = play([fault(.seconds(101), for: .seconds(24), down)], until: 200)
    #expect(played.all(.runtimeLost).isEmpty)
    #expect(played.seconds(.nodeReady) == [0.4])
    #expect(played.all(.requestAnswered, .patchNodeStatus).count == 2)
  }

  @Test func `L.4 what follows a short one has 30 s of its own`() {
    let played = play(
      [
        fault(.seconds(103), for: .seconds(17), down),
        fault(.seconds(122), for: .seconds(60), down),
      ], until: 300)
    #expect(played.seconds(.runtimeLost) == [150])
    // One that is not over at a check goes on.
    let joined = play(
      [
        fault(.seconds(103), for: .seconds(18), down),
        fault(.seconds(122), for: .seconds(60), down),
      ], until: 300)
    #expect(joined.seconds(.runtimeLost) == [130])
  }

  @Test func `L.4 of two at a time the later end counts`() {
    let played = play(
      [
        fault(.seconds(103), for: .seconds(60), down),
        fault(.seconds(110), for: .seconds(90), down),
      ], until: 300)
    #expect(played.seconds(.runtimeLost) == [130])
    #expect(played.seconds(.runtimeRegained) == [200])
  }

  @Test func `L.4 one that is back before the status loop runs is not told of`() {
    let played = play([fault(.seconds(81), for: .seconds(31), down)], until: 200) {
      $0.groups[0].kubelet.nodeStatusUpdateFrequency = .seconds(60)
    }
    #expect(played.seconds(.runtimeLost) == [110])
    #expect(played.seconds(.runtimeRegained) == [115])
    #expect(played.seconds(.nodeReady) == [0.4])
  }

  @Test func `L.4 a kubelet that starts meanwhile fails until the runtime answers`() {
    let played = play(
      [
        fault(.seconds(100), for: .seconds(60), down),
        fault(.seconds(120), .kubelet(NodeSelector(), .kill)),
      ], until: 300)
    // A.10: each 10 s, 5 ms after the start.
    #expect(played.seconds(.containerRuntimeMissing) == [130.005, 140.01, 150.015])
    #expect(played.seconds(.kubeletStarted) == [0, 130, 140.005, 150.01, 160.015])
    #expect(played.all(.runtimeLost).isEmpty)
    #expect(played.world.readyCount == 1)
  }

  @Test func `L.4 without an end it settles the node, whatever happens later`() {
    let played = Cluster.kubeadm(nodes: 1) {
      $0.faults = [fault(.seconds(100), down), fault(.seconds(300), .disk(NodeSelector(), .fill))]
    }.play()
    #expect(played.ending == .settled)
    #expect(played.world.node(at: 0).settlement == .containerRuntimeMissing)
    #expect(played.world.lacksRuntime(node: 0))
    // It was settled once, by what its kubelet saw.
    let settled = played.all(.settled)
    #expect(settled.count == 1)
    #expect(settled.first.map { played.chain(of: $0).contains { $0.kind == .runtimeLost } } == true)
  }

  @Test func `L.4 it settles a node that was never Ready, too`() {
    let played = Cluster.kubeadm(nodes: 1) {
      $0.latency.networkReady = .constant(.hours(1))
      $0.faults = [fault(.seconds(100), down)]
    }.play()
    #expect(played.ending == .settled)
    #expect(played.world.node(at: 0).settlement == .containerRuntimeMissing)
  }

  @Test func `L.4 the container network becomes ready with the runtime`() {
    let played = play([fault(.seconds(5), for: .seconds(20), down)], until: 100) {
      $0.latency.networkReady = .constant(.seconds(10))
    }
    #expect(played.seconds(.networkReady) == [25])
    #expect(played.seconds(.nodeReady) == [25])
  }

  @Test func `L.4 of a node that is not Ready yet the status says it, too`() {
    let played = play([fault(.seconds(5), for: .seconds(60), down)], until: 100) {
      $0.latency.networkReady = .constant(.seconds(50))
    }
    #expect(played.seconds(.runtimeLost) == [35])
    #expect(played.seconds(.statusPatched).contains(40.1))
    #expect(played.seconds(.nodeReady) == [65])
  }

  @Test
  func `L.5 L.6 heartbeats go on, and from 3 min on each run of the loop says how long it is`() {
    let played = play([fault(.seconds(103), for: .seconds(300), down)], until: 500) {
      $0.groups[0].kubelet.playsHeartbeats = true
    }
    #expect(played.all(.nodeUnknown).isEmpty)
    let leases = played.seconds(.requestAnswered, .updateLease)
    #expect(zip(leases.dropFirst(), leases).allSatisfy { $0 - $1 == 10 })
    let statuses = played.seconds(.requestAnswered, .patchNodeStatus).filter {
      $0 > 100 && $0 < 405
    }
    // Listed at 103 s; 3 min later each run, and until then one when it was lost.
    #expect(statuses.first == 130.1)
    #expect(Array(statuses.dropFirst().prefix(3)) == [290.1, 300.1, 310.1])
    #expect(statuses.last == 400.1)
    #expect(played.seconds(.nodeReady) == [0.4, 410.1])
  }

  @Test(arguments: [(110, 290.1), (111, 300.1)] as [(Int64, Double)])
  func `L.5 the first run of the loop later than 3 min after the last list says how long it is`(
    second: Int64, first: Double
  ) {
    let played = play([fault(.seconds(second), for: .seconds(300), down)], until: 320) {
      $0.groups[0].kubelet.playsHeartbeats = true
    }
    // At 140.1 s it says that the runtime is lost.
    let statuses = played.seconds(.requestAnswered, .patchNodeStatus).filter { $0 > 130 }
    #expect(statuses.prefix(2) == [140.1, first])
  }
}
