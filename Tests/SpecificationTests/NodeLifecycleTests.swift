import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Section L.6 of protocol.md: when a node counts as lost.
struct NodeLifecycleTests {
  @Test func `L.6 a node is Unknown at the first scan more than 50 s after its last heartbeat`() {
    // With the least jitter the last heartbeat is at the very end; it is noticed at 105 s, and the scan of 155 s
    // is late, however little, so that the grace is over.
    let played = stopped(at: .seconds(101), for: .minutes(5)).play()
    #expect(played.seconds(.nodeUnknown) == [155])
    #expect(played.all(.nodeUnknown).map(\.value) == [54_000_000_000])
    #expect(played.all(.nodeUnknown)[0].component == .nodeLifecycle)
    // It is back when its kubelet, started again, says that it is Ready.
    let known = played.seconds(.nodeKnown)
    #expect(known.count == 1 && known[0] >= 401 && known[0] < 412)
  }

  @Test(arguments: 1...30)
  func `L.6 between 50 and 55 s after the last heartbeat, which came up to 10 s before the end`(
    seed: UInt64
  ) {
    var cluster = stopped(at: .seconds(101), for: .minutes(5))
    cluster.scenario.seed = seed
    cluster.jitter = .drawn
    let after = cluster.play().seconds(.nodeUnknown)[0] - 101
    #expect((40...55).contains(after))
  }

  @Test func `L.6 a kubelet that is back within the grace is never Unknown`() {
    let played = stopped(at: .seconds(101), for: .seconds(30)).play()
    #expect(played.all(.nodeUnknown).isEmpty)
    #expect(played.all(.nodeKnown).isEmpty)
  }

  @Test func `L.6 healthy nodes make no events, however long`() {
    let played = Cluster.kubeadm(nodes: 10) { scenario in
      scenario.stop = .duration
      scenario.duration = .days(200)
    }.play()
    #expect(played.all(.nodeUnknown).isEmpty)
    #expect(played.world.turns < 1_000)
  }

  @Test func `L.6 a kubelet that is paused for long is Unknown until it goes on`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.faults = [
        TimedFault(
          name: "pause", at: .seconds(101), length: .minutes(5),
          fault: .kubelet(NodeSelector(), .pause))
      ]
    }.play()
    #expect(played.seconds(.nodeUnknown) == [155])
    #expect(played.seconds(.nodeKnown) == [401])
    #expect(played.ending == .allReady)
  }

  @Test func `B.7 a node whose certificate expired is lost 50 to 55 s later, not at once`() {
    let played = expiring().play()
    // NotAfter is at 3600 s; noticed by the scan of 3605 s.
    #expect(played.seconds(.nodeUnknown) == [3_655])
    #expect(played.seconds(.nodeLost) == [3_655])
    #expect(played.world.node(at: 0).settlement == .certificateExpired)
  }

  /// Its network is ready only after 10 min.
  private func neverReady(until end: Duration, _ faults: [TimedFault]) -> Played {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.latency.networkReady = .constant(.minutes(10))
      scenario.stop = .duration
      scenario.duration = end
      scenario.faults = faults
    }.play()
  }

  @Test func `L.6 a node that was never Ready and goes off is Unknown after its grace`() {
    let off = neverReady(
      until: .minutes(5), [fault(.seconds(101), .kubelet(NodeSelector(), .stop))])
    #expect(off.all(.nodeReady).isEmpty)
    // Noticed by the scan of 105 s.
    #expect(off.seconds(.nodeUnknown) == [155])
    let paused = neverReady(
      until: .minutes(5),
      [fault(.seconds(101), for: .seconds(99), .kubelet(NodeSelector(), .pause))])
    #expect(paused.seconds(.nodeUnknown) == [155])
    #expect(paused.seconds(.nodeKnown) == [200])
  }

  @Test func `L.6 a node that was never Ready is known again when it has found its Node`() {
    let back = neverReady(
      until: .minutes(20),
      [fault(.seconds(101), for: .seconds(99), .kubelet(NodeSelector(), .stop))])
    #expect(back.seconds(.nodeUnknown) == [155])
    #expect(back.seconds(.nodeKnown) == back.seconds(.nodeAdopted))
    #expect(back.seconds(.nodeReady).count == 1)
    let killed = neverReady(
      until: .minutes(5), [fault(.seconds(101), .kubelet(NodeSelector(), .kill))])
    #expect(killed.all(.nodeUnknown).isEmpty)
  }

  @Test func `L.6 without node-lifecycle nobody waits for it`() {
    var cluster = expiring()
    cluster.scenario.controllerManager.nodelifecycle = false
    let played = cluster.play()
    #expect(played.all(.nodeUnknown).isEmpty)
    #expect(played.seconds(.nodeLost).map { $0.rounded() } == [3_600])
  }

  @Test func `J.5 period and grace are flags`() {
    var cluster = stopped(at: .seconds(101), for: .minutes(5))
    cluster.scenario.controllerManager.nodeMonitorPeriod = .seconds(10)
    cluster.scenario.controllerManager.nodeMonitorGracePeriod = .seconds(100)
    // Noticed at 110 s.
    #expect(cluster.play().seconds(.nodeUnknown) == [210])
    cluster.scenario.controllerManager.nodeMonitorGracePeriod = .seconds(101)
    #expect(cluster.play().seconds(.nodeUnknown) == [220])
  }

  @Test func `L.6 a new leader gives every node its whole grace from its first scan on`() {
    let played = Cluster.kubeadm(nodes: 1) { scenario in
      scenario.controllerManager.leaderElect = false
      scenario.stop = .duration
      scenario.duration = .seconds(300)
      scenario.faults = [
        TimedFault(
          name: "off", at: .seconds(101), fault: .kubelet(NodeSelector(), .stop)),
        TimedFault(name: "kill", at: .seconds(120), fault: .manager(ManagerFault(.kill))),
      ]
    }.play()
    // Started at 130 s; its controllers begin 0.9 s later, and scan every 5 s.
    #expect(played.seconds(.nodeUnknown) == [180.9])
  }

  @Test
  func `M.2 a clock stepped back makes its node Unknown until a status report or the clock counts`()
  {
    let played = stepped(by: .seconds(-1_000)).play()
    // The least jitter: a report 5 min after the step, Unknown before it, and a patch 10 s after that.
    #expect(played.seconds(.nodeUnknown).prefix(2) == [155, 215])
    #expect(played.seconds(.nodeKnown).prefix(2) == [165, 225])
    #expect(played.seconds(.nodeKnown).allSatisfy { $0 <= 1_101 })
    #expect(played.ending == .duration)
    #expect(played.world.readyCount == 1)
  }

  @Test func `M.2 a step back of less than the grace does no harm`() {
    let played = stepped(by: .seconds(-40)).play()
    #expect(played.all(.nodeUnknown).isEmpty)
  }

  private func stopped(at instant: Duration, for length: Duration) -> Cluster {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.faults = [
        TimedFault(
          name: "stop", at: instant, length: length, fault: .kubelet(NodeSelector(), .stop))
      ]
    }
  }

  private func stepped(by offset: Duration) -> Cluster {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.stop = .duration
      scenario.duration = .seconds(2_000)
      scenario.faults = [
        TimedFault(
          name: "ntp", at: .seconds(101),
          fault: .nodeClock(NodeSelector(), ClockFault(offset: offset)))
      ]
    }
  }

  /// MODE-F without renewal: the certificate of one hour ends at 3600 s.
  private func expiring() -> Cluster {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.groups[0].kubelet.rotateCertificates = false
      scenario.controllerManager.clusterSigningDuration = .hours(1)
      scenario.stop = .duration
      scenario.duration = .hours(2)
    }
  }
}
