import SimulationKernel
import TLSBootstrap
import Testing

@testable import Scenarios

/// Set-ups in which something once went wrong that no story shows.
struct PlayedCornerTests {
  private static let token = "  tokens: [{token: abcdef.0123456789abcdef}]\n"

  private func play(_ spec: String, into sink: KeptEvents = KeptEvents()) throws -> World {
    let loaded = try load("  preset: kubeadm\n" + spec)
    var world = World(loaded.scenario, inputs: loaded.canonicalInputs, level: .full)
    var target: (any TraceSink)? = sink
    _ = try world.run(into: &target)
    sink.world = world
    return world
  }

  @Test(arguments: ["timeOffset: -10m", "for: 1s, timeOffset: 10m"])
  func `M.2 a clock that is stepped back concerns no CSR client`(step: String) throws {
    let world = try play(
      "  nodes: [{name: w}, {name: c, kind: csrClient}]\n" + Self.token
        + "  faults: [{at: 5s, action: time-offset, \(step)}]\n")
    #expect(world.readyCount == 2)
  }

  /// By one clock: 60 s of a fast one are over sooner.
  @Test(arguments: ["0ppm", "1ppm", "100000ppm", "-100000ppm"])
  func `A.4 the wait for the server ends by the clock that measures its gaps`(
    drift: String
  ) throws {
    let world = try play(
      "  nodes: [{name: f, kubelet: {rotateCertificates: false}, clock: {drift: \(drift)}}]\n"
        + Self.token
        + "  faults: [{at: 0s, for: 90s, action: pod-failure, on: kube-apiserver}]\n")
    #expect(world.readyCount == 1)
    #expect(world.eventCount < 250)
  }

  /// Replica 0 goes on with a copy that replica 1 has approved and issued since.
  @Test func `F.1 E.2 an approval of a copy from before another's approval is a conflict`() throws {
    let world = try play(
      "  duration: 60s\n  nodes: [{name: w, start: {at: 6s}}]\n" + Self.token
        + "  controllerManager: {replicas: 2, leaseDuration: 3s, renewDeadline: 2s, "
        + "retryPeriod: 1s}\n  faults: [{at: 5s, for: 10s, action: pod-pause, "
        + "on: kube-controller-manager, replica: 0}]\n")
    #expect(world.readyCount == 1)
    #expect(world.statistics.approved.count == 1)
  }

  @Test func `B.7 a node of MODE-F that is lost stays so when its token is cleaned up`() throws {
    let world = try play(
      "  duration: 3h\n  nodes: [{name: f, kubelet: {rotateCertificates: false}}]\n"
        + "  tokens: [{token: abcdef.0123456789abcdef, ttl: 2h}]\n"
        + "  controllerManager: {clusterSigningDuration: 1h}\n")
    #expect(world.node(at: 0).settlement == .certificateExpired)
  }

  /// The certificate that it had then, not the one that it has at the end.
  @Test(arguments: ["75m", "2h", "3h"])
  func `C.5 a refusal names the certificate that was refused`(duration: String) throws {
    let sink = KeptEvents()
    _ = try play(
      "  duration: \(duration)\n  nodes: [{name: w, clock: {offset: -20m}}]\n" + Self.token
        + "  apiServer: {servingCertificateNotBefore: 2025-01-01T00:00:00Z}\n"
        + "  controllerManager: {clusterSigningDuration: 1h}\n", into: sink)
    #expect(
      sink.messages(.authenticationFailed).first
        == "x509: certificate has expired or is not yet valid: current time 2026-01-01T01:04:14Z "
        + "is after 2026-01-01T01:00:00Z")
  }

  @Test func `O6 a kubelet names the serving certificate that it saw`() throws {
    let sink = KeptEvents()
    _ = try play(
      "  nodes: [{name: w, start: {at: 10s}}]\n" + Self.token
        + "  faults: [{at: 5s, for: 60s, action: serving-certificate-expire}]\n", into: sink)
    let message = sink.messages(.connectionFailed).first ?? ""
    #expect(message.hasSuffix("is after 2026-01-01T00:00:05Z"), "\(message)")
  }

  @Test func `O25 a certificate of a CA that is replaced is signed by an unknown authority`() throws
  {
    let sink = KeptEvents()
    _ = try play(
      "  duration: 10h\n  nodes: [{name: w, kubelet: {heartbeats: Played}}]\n" + Self.token
        + "  controllerManager: {clusterSigningDuration: 1h}\n"
        + "  faults: [{at: 10m, for: 2m, action: client-ca-replace}]\n", into: sink)
    #expect(
      sink.messages(.authenticationFailed).first == "x509: certificate signed by unknown authority")
  }

  // MARK: Clocks

  /// The rest of a token's life, rounded down, once was no life at all, again and again.
  @Test(arguments: ["1ppm", "100ppm", "-100ppm", "100000ppm"])
  func `I.2 tokencleaner deletes by a clock that drifts, and is done`(drift: String) throws {
    let sink = KeptEvents()
    _ = try play(
      "  duration: 1m\n  nodes: [{name: w}]\n"
        + "  tokens: [{token: abcdef.0123456789abcdef, ttl: 30s}]\n"
        + "  controllerManager: {clock: {drift: \(drift)}}\n", into: sink)
    #expect(sink.seconds(.tokenRemoved).map { $0.rounded() } == [drift == "100000ppm" ? 27 : 30])
  }

  @Test func `M.2 a step across NotAfter asks for a certificate at once, with the token`() throws {
    let sink = KeptEvents()
    let world = try play(
      "  duration: 20m\n  nodes: [{name: w}]\n"
        + "  tokens: [{token: abcdef.0123456789abcdef, ttl: 0}]\n"
        + "  controllerManager: {clusterSigningDuration: 1h}\n"
        + "  faults: [{at: 10m, action: time-offset, timeOffset: 51m}]\n", into: sink)
    #expect(sink.seconds(.certificateExpired).first == 600)
    #expect(sink.seconds(.certificateStored)[1] < 600.1)
    #expect(sink.seconds(.kubeletExited).isEmpty)
    #expect(world.readyCount == 1)
  }

  /// It is cut off until its own clock passes NotAfter; then it bootstraps itself.
  @Test func `M.2 a node that is behind is not given up while others still start`() throws {
    let world = try play(
      "  nodes: [{name: w, clock: {offset: -30m}}, {name: x, start: {at: 3700s}}]\n"
        + "  tokens: [{token: abcdef.0123456789abcdef, ttl: 0}]\n  stopWhen: Settled\n"
        + "  apiServer: {servingCertificateNotBefore: 2025-01-01T00:00:00Z}\n"
        + "  controllerManager: {clusterSigningDuration: 1h}\n")
    #expect(world.readyCount == 2)
    #expect(world.now > .zero + .seconds(5_400))
  }

  @Test func `M.1 row 14 kubectl dates what it decides by its own host's clock`() throws {
    let world = try play(
      "  duration: 1m\n  nodes: [{name: w}]\n" + Self.token
        + "  administrator: {clock: {offset: 3h}}\n"
        + "  controllerManager: {controllers: {csrapproving: false}}\n"
        + "  requests: [{name: approve, at: 30s, approve: {of: node/w-1}}]\n")
    #expect(
      world.latestWrite(ofRequest: 0).dated == (1_767_225_600 + 3 * 3_600 + 30) * 1_000_000_000)
  }

  // MARK: Approvers

  /// An approver of its own kind leaves alone what is decided, and a copy that is old is a conflict.
  @Test func `E.2 an external approver and csrapproving decide each CSR once`() throws {
    for calls in 1...2 {
      let sink = KeptEvents()
      let world = try play(
        "  nodes: [{name: w, count: 10, start: {uniform: {to: 20s}}}]\n" + Self.token
          + "  approval: [{name: p, external: {callsPerRequest: \(calls)}}]\n", into: sink)
      #expect(world.statistics.approved.count == 10)
      #expect(world.statistics.issued.count == 10)
      #expect(sink.answers(.updateStatus) == Array(repeating: .ok, count: 10))
      #expect(sink.answers(.updateApproval).contains(.conflict))
    }
  }

  @Test func `G a key waits for one retry, the earliest`() throws {
    let sink = KeptEvents()
    _ = try play(
      "  duration: 60s\n  nodes: [{name: w}]\n" + Self.token
        + "  faults: [{at: 0s, action: binding-absent, "
        + "binding: kubeadm:node-autoapprove-bootstrap}]\n"
        + "  requests: [{name: u, at: 13s, update: {of: node/w-1, add: Failed, "
        + "subresource: Status}}]\n", into: sink)
    // Planned for 25.6 s when the change of 13 s, which fails at once, would plan one for 38.6 s.
    #expect(
      sink.seconds(.reviewRefused, of: 0).filter { $0 > 12 }.map { $0.rounded() } == [13, 13, 26])
  }

  @Test func `K.2 seats that were waited for go back to their own level`() throws {
    let world = try play(
      "  seed: 2\n  duration: 200s\n"
        + "  nodes: [{name: c, kind: csrClient, count: 300, csrClient: {patience: 10s}}]\n"
        + "  tokens: [{token: abcdef.0123456789abcdef, ttl: 0}]\n"
        + "  apiServer: {maxRequestsInFlight: 4, maxMutatingRequestsInFlight: 2}\n")
    // csrapproving approves to the end; without its seat it stopped at 130 s.
    #expect(world.statistics.approved.last > .zero + .seconds(198))
  }

  // MARK: The network

  @Test(arguments: ["Derived", "Played"])
  func `L.6 a node behind a partition is Unknown until it is over`(heartbeats: String) throws {
    for action in ["partition", "loss, loss: 100"] {
      let sink = KeptEvents()
      let world = try play(
        "  duration: 12m\n  nodes: [{name: w, kubelet: {heartbeats: \(heartbeats)}}]\n"
          + "  tokens: [{token: abcdef.0123456789abcdef, ttl: 0}]\n"
          + "  faults: [{at: 5m, for: 3m, action: \(action)}]\n", into: sink)
      #expect(sink.seconds(.nodeUnknown).allSatisfy { (340...356).contains($0) })
      #expect(sink.seconds(.nodeKnown).allSatisfy { (480...490).contains($0) })
      #expect(sink.seconds(.nodeUnknown).count == 1 && sink.seconds(.nodeKnown).count == 1)
      #expect(world.readyCount == 1)
    }
  }

  @Test func `A.4 a try to reach the server's healthz takes a second at most`() throws {
    let sink = KeptEvents()
    let world = try play(
      "  nodes: [{name: f, kubelet: {rotateCertificates: false}}]\n" + Self.token
        + "  faults: [{at: 0s, for: 70s, action: partition}]\n", into: sink)
    let tries = sink.seconds(.connectionFailed).filter { $0 < 60 }
    #expect((18...20).contains(tries.count))
    #expect(zip(tries, tries.dropFirst()).allSatisfy { (3.0...3.4).contains($1 - $0) })
    #expect(sink.seconds(.serverAwaited).first.map { $0 < 60.5 } == true)
    #expect(world.readyCount == 1)
  }

  @Test func `L.1 a heartbeat takes ten seconds at most`() throws {
    let sink = KeptEvents()
    _ = try play(
      "  duration: 8m\n  nodes: [{name: w, kubelet: {heartbeats: Played}}]\n"
        + "  tokens: [{token: abcdef.0123456789abcdef, ttl: 0}]\n"
        + "  faults: [{at: 5m, for: 2m, action: partition}]\n", into: sink)
    let failed = sink.seconds(.connectionFailed)
    #expect(failed.count >= 10)
    #expect(zip(failed, failed.dropFirst()).allSatisfy { $1 - $0 < 10.5 })
  }

  @Test func `N.2 a join that failed stays failed when the token comes`() throws {
    let world = try play(
      "  nodes: [{name: w, join: Kubeadm}]\n" + Self.token
        + "  faults: [{at: 0s, for: 6m, action: token-delete}]\n")
    #expect(world.failedCount == 1)
    #expect(world.now < .zero + .minutes(10))
  }
}

/// The events of a run, with what the world says of them at its end.
private final class KeptEvents: TraceSink {
  private var events: [TraceEvent] = []
  var world: World?

  func record(_ events: UnsafeBufferPointer<TraceEvent>) { self.events += events }
  func record(_ requests: WaitingRequests) {}
  func record(_ requests: [WaitingRequest]) {}

  func messages(_ kind: TraceEvent.Kind) -> [String] {
    events.filter { $0.kind == kind }.compactMap { world?.message(of: $0) }
  }

  /// - Parameter request: nil: whatever CSR they are about.
  func seconds(_ kind: TraceEvent.Kind, of request: UInt32? = nil) -> [Double] {
    events.filter { $0.kind == kind && (request ?? $0.request) == $0.request }.map {
      Double($0.time.nanoseconds) / 1e9
    }
  }

  func answers(_ call: Call) -> [Answer] {
    events.filter { $0.kind == .requestAnswered && $0.call == call }.map(\.answer)
  }
}
