import SimulationKernel
import Testing

@testable import TLSBootstrap

/// Every order in which the simultaneous events of two nodes may come, where nothing takes time.
///
/// All orders of the whole bootstrap are millions, so windows of it are explored: the first events
/// come in their own order, of the next ones every order is followed, and each world that results is
/// played to its end.
struct InterleavingTests {
  /// How many events each window has.
  private static let depth = 10

  @Test(arguments: [
    Window(from: 0, states: 289, ends: 0),
    Window(from: 10, states: 1_034, ends: 0),
    Window(from: 20, states: 692, ends: 10),
    Window(from: 30, states: 7, ends: 6),
  ])
  func `MODE-B bootstraps two nodes alike whatever the order of simultaneous events`(
    window: Window
  ) {
    let found = explore(rotates: true, from: window.from)
    #expect(found.violations == [])
    #expect(found.window == window)
  }

  @Test(arguments: [
    Window(from: 0, states: 176, ends: 0),
    Window(from: 10, states: 931, ends: 0),
    Window(from: 20, states: 1_909, ends: 0),
    Window(from: 30, states: 4, ends: 1),
  ])
  func `MODE-F bootstraps two nodes alike whatever the order of simultaneous events`(
    window: Window
  ) {
    let found = explore(rotates: false, from: window.from)
    #expect(found.violations == [])
    #expect(found.window == window)
  }

  @Test func `two worlds with one future are one state, and other futures are others`() {
    var world = start(rotates: true)
    let state = World.State(world)
    #expect(World.State(world) == state)
    let branches = world.branches().map(World.State.init)
    // The starts of two nodes, in either order: after both the worlds differ in nothing.
    #expect(Set(branches).count == 2)
    let joined = world.branches().flatMap { $0.branches() }.map(World.State.init)
    #expect(Set(joined).count < joined.count)
    _ = world.step()
    #expect(World.State(world) == branches[0])
  }

  struct Window: Hashable, Sendable {
    /// How many events came in their own order before.
    var from: Int
    /// Distinct worlds.
    var states = 0
    /// Those in which nothing of the first instant is left.
    var ends = 0
  }

  private func explore(
    rotates: Bool, from first: Int
  ) -> (window: Window, violations: Set<String>) {
    var world = start(rotates: rotates)
    for _ in 0..<first where world.queue.nextInstant == .zero { _ = world.step() }
    var violations: Set<String> = []
    var known: Set<World.State> = [World.State(world)]
    var open = [world]
    var ends: [World] = []
    for _ in 0..<Self.depth {
      var next: [World] = []
      for world in open {
        for branch in world.branches() where known.insert(World.State(branch)).inserted {
          violations.formUnion(self.violations(of: branch))
          if branch.queue.nextInstant == .zero { next.append(branch) } else { ends.append(branch) }
        }
      }
      open = next
    }
    for world in ends + open { violations.formUnion(violationsAtEnd(of: world)) }
    return (Window(from: first, states: known.count, ends: ends.count), violations)
  }

  /// Two nodes; the loops of a working kubelet begin a second after all else.
  private func start(rotates: Bool) -> World {
    let cluster = Cluster.kubeadm(nodes: 2) { scenario in
      scenario.groups[0].kubelet.rotateCertificates = rotates
      scenario.latency.kubeletInitialization = .constant(.seconds(1))
    }
    var world = World(cluster.scenario, jitter: .lowest)
    world.silence()
    return world
  }

  /// What must hold always.
  private func violations(of world: World) -> [String] {
    var violations: [String] = []
    for kubelet in world.kubelets {
      let name = "node \(kubelet.node.index)"
      for certificate in [kubelet.disk.certificate, kubelet.memory.certificate]
      where certificate != TraceEvent.none {
        if world.turn.certificates[Int(certificate)].node != kubelet.node {
          violations.append("\(name) has another node's certificate")
        }
      }
      guard kubelet.memory.certificate == TraceEvent.none else { continue }
      if kubelet.settlement == .ready {
        violations.append("\(name) is Ready without a certificate")
      }
      if world.server.objects[Int(kubelet.node.index)].contains(.node) {
        violations.append("\(name) is registered without a certificate")
      }
    }
    for (index, request) in world.server.requests.enumerated() {
      let certificate = world.turn.certificateOfRequest[index]
      guard certificate != TraceEvent.none else { continue }
      if world.turn.certificates[Int(certificate)].node != request.node {
        violations.append("CSR \(index) carries another node's certificate")
      }
    }
    return violations
  }

  /// What must hold in the end.
  private func violationsAtEnd(of world: World) -> [String] {
    var world = world
    let ending = world.run()
    var found = violations(of: world)
    if ending != .allReady { found.append("ended as \(ending)") }
    if world.requestCount != 2 { found.append("\(world.requestCount) CSRs") }
    return found
  }
}
