import SimulationKernel
import TLSBootstrap
import Testing

@testable import Scenarios

/// `spec.controllerManager` and kubeadm's extraArgs: replicas, election, start, controllers.
struct ControllerManagerTests {
  private func settings(_ text: String) throws -> ControllerManagerSettings {
    try load(nodesAndToken + text).scenario.controllerManager
  }

  @Test func `replicas, start and election are read`() throws {
    let settings = try settings(
      """
        controllerManager:
          replicas: 3
          startsAt: 10s
          leaseDuration: 60s
          renewDeadline: 40s
          retryPeriod: 5s

      """)
    #expect(settings.replicas == 3)
    #expect(settings.startsAt == .seconds(10))
    #expect(settings.leaderElect)
    #expect(settings.leaseDuration == .seconds(60))
    #expect(settings.renewDeadline == .seconds(40))
    #expect(settings.retryPeriod == .seconds(5))
  }

  @Test func `J.5 the flags are read from extraArgs`() throws {
    let settings = try settings(
      """
      ---
      apiVersion: kubeadm.k8s.io/v1beta4
      kind: ClusterConfiguration
      controllerManager:
        extraArgs:
        - {name: leader-elect, value: "false"}
        - {name: leader-elect-lease-duration, value: 30s}
        - {name: leader-elect-renew-deadline, value: 20s}
        - {name: leader-elect-retry-period, value: 4s}
        - {name: node-monitor-period, value: 2s}
        - {name: node-monitor-grace-period, value: 20s}
        - {name: controllers, value: "*,tokencleaner,-csrcleaner,-node-lifecycle-controller"}

      """)
    #expect(!settings.leaderElect)
    #expect(settings.leaseDuration == .seconds(30))
    #expect(settings.renewDeadline == .seconds(20))
    #expect(settings.retryPeriod == .seconds(4))
    #expect(settings.nodeMonitorPeriod == .seconds(2))
    #expect(settings.nodeMonitorGracePeriod == .seconds(20))
    #expect(!settings.csrcleaner)
    #expect(!settings.nodelifecycle)
    #expect(settings.tokencleaner)
    #expect(!settings.bootstrapsigner)
  }

  @Test(arguments: [
    ("*", true), ("*,bootstrapsigner,tokencleaner", true), ("csrsigning", true),
    ("certificatesigningrequest-signing-controller", true), ("*,-csrsigning", false),
    ("*,-certificatesigningrequest-signing-controller", false), ("csrapproving", false),
    ("csrsigning,-csrsigning", true), ("-csrsigning,csrsigning", false),
  ])
  func `J.5 the first entry of --controllers that names one decides, else the star`(
    list: String, isEnabled: Bool
  ) throws {
    let settings = try settings(
      """
      ---
      apiVersion: kubeadm.k8s.io/v1beta4
      kind: ClusterConfiguration
      controllerManager: {extraArgs: [{name: controllers, value: "\(list)"}]}

      """)
    #expect(settings.csrsigning == isEnabled)
  }

  @Test func `I.2 I.3 kubeadm enables tokencleaner and bootstrapsigner`() throws {
    let plain = try settings("")
    #expect(!plain.tokencleaner && !plain.bootstrapsigner)
    let preset = try settings("  preset: kubeadm\n")
    #expect(preset.tokencleaner && preset.bootstrapsigner)
    let off = try settings(
      "  preset: kubeadm\n  controllerManager: {controllers: {tokencleaner: false}}\n")
    #expect(!off.tokencleaner && off.bootstrapsigner)
  }

  @Test(arguments: [
    ("{replicas: 0}", "`replicas`"),
    ("{running: false, startsAt: 10s}", "`startsAt`"),
    (
      "{leaseDuration: 10s}", "leaseDuration must be greater than renewDeadline"
    ),
    (
      "{retryPeriod: 9s}", "renewDeadline must be greater than retryPeriod times 1.2"
    ),
    ("{nodeMonitorPeriod: 0s}", "`nodeMonitorPeriod`"),
  ])
  func `a mistake is named`(_ text: String, _ mistake: String) {
    let found = mistakes(nodesAndToken + "  controllerManager: \(text)\n")
    #expect(found.count == 1)
    #expect(found.first?.contains(mistake) == true, "\(found)")
  }
}
