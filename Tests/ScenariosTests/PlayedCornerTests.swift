import TLSBootstrap
import Testing

@testable import Scenarios

/// Set-ups in which something once went wrong that no story shows.
struct PlayedCornerTests {
  private static let token = "  tokens: [{token: abcdef.0123456789abcdef}]\n"

  private func play(_ spec: String) throws -> World {
    let loaded = try load("  preset: kubeadm\n" + spec)
    var world = World(loaded.scenario, inputs: loaded.canonicalInputs)
    world.run()
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
}
