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
        == "x509: certificate has expired or is not yet valid: current time 2026-01-01T01:11:26Z "
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
}

/// Failures of a run, with what the world says of them at its end.
private final class KeptEvents: TraceSink {
  private var events: [TraceEvent] = []
  var world: World?

  func record(_ events: UnsafeBufferPointer<TraceEvent>) {
    self.events += events.filter {
      $0.kind == .authenticationFailed || $0.kind == .connectionFailed
    }
  }
  func record(_ requests: WaitingRequests) {}
  func record(_ requests: [WaitingRequest]) {}

  func messages(_ kind: TraceEvent.Kind) -> [String] {
    events.filter { $0.kind == kind }.compactMap { world?.message(of: $0) }
  }
}
