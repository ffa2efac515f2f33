import Foundation
import SimulationKernel
import TLSBootstrap

/// kube-controller-manager: keys of the scenario and kubeadm's extraArgs.
extension ScenarioReader {
  func readControllerManager(
    _ section: Section?, _ flags: inout ExtraArguments, _ clocks: ClockReader,
    _ settings: inout ControllerManagerSettings
  ) {
    readLimits(section, &flags, &settings)
    readControllers(section, &flags, &settings)
    readElection(section, &flags, &settings)
    readNodeMonitor(section, &flags, &settings)
    guard let section else { return }
    settings.running = section.bool("running")?.value ?? settings.running
    readStart(section, &settings)
    if let workers = section.integer("concurrentCSRSyncs") {
      settings.concurrentCSRSyncs = Int(workers.value)
    }
    settings.signingCANotAfter = section.time("signingCANotAfter")?.value
    settings.clock = clocks.clock(section, "controllerManager")
  }

  private func readLimits(
    _ section: Section?, _ flags: inout ExtraArguments, _ settings: inout ControllerManagerSettings
  ) {
    let limits = ClientLimits(&flags, reading)
    reading.set(
      &settings.kubeAPIMilliQPS, "kubeAPIQPS", section?.clientRate("kubeAPIQPS"), limits.milliQPS,
      text: Quantity.text(milli:))
    reading.set(
      &settings.kubeAPIBurst, "kubeAPIBurst",
      section?.integer("kubeAPIBurst"), limits.burst)
    let duration = flags.duration("cluster-signing-duration", reading).flatMap {
      reading.duration($0, "--cluster-signing-duration", least: .seconds(1))
    }
    reading.set(
      &settings.clusterSigningDuration, "clusterSigningDuration",
      section?.duration("clusterSigningDuration", least: .seconds(1)), duration,
      text: Quantity.text)
  }

  private func readControllers(
    _ section: Section?, _ flags: inout ExtraArguments, _ settings: inout ControllerManagerSettings
  ) {
    reading.set(
      &settings.useServiceAccountCredentials, "useServiceAccountCredentials",
      section?.bool("useServiceAccountCredentials"),
      flags.bool("use-service-account-credentials", reading))
    reading.set(
      &settings.hasSigningKey, "signingKey", section?.bool("signingKey"), signingKey(&flags))
    let controllers = section?.section("controllers")
    let enabled = flags.text("controllers")
    if let enabled { noteUnknownControllers(enabled) }
    for controller in PlayedController.all {
      reading.set(
        &settings[keyPath: controller.setting], controller.alias,
        controllers?.bool(controller.alias), enabled?.map(controller.isEnabled))
    }
  }

  /// kube-controller-manager does not start with a name that it does not know; it knows many more than are
  /// played.
  private func noteUnknownControllers(_ list: Located<String>) {
    let played = PlayedController.all.flatMap { [$0.alias, $0.name] }
    for entry in list.value.split(separator: ",") {
      let name = entry.trimmingCharacters(in: .whitespaces).drop { $0 == "-" }
      guard let meant = NearestKey.nearMiss(String(name), of: played) else { continue }
      reading.fail(
        list.place, "--controllers names “\(name)”, so kube-controller-manager would not start",
        cure: "did you mean `\(meant)`?")
    }
  }

  private func readNodeMonitor(
    _ section: Section?, _ flags: inout ExtraArguments, _ settings: inout ControllerManagerSettings
  ) {
    let least = Duration.milliseconds(100)
    let period = flags.duration("node-monitor-period", reading).flatMap {
      reading.duration($0, "--node-monitor-period", least: least)
    }
    reading.set(
      &settings.nodeMonitorPeriod, "nodeMonitorPeriod",
      section?.duration("nodeMonitorPeriod", least: least), period, text: Quantity.text)
    let grace = flags.duration("node-monitor-grace-period", reading).flatMap {
      reading.duration($0, "--node-monitor-grace-period", least: least)
    }
    reading.set(
      &settings.nodeMonitorGracePeriod, "nodeMonitorGracePeriod",
      section?.duration("nodeMonitorGracePeriod", least: least), grace, text: Quantity.text)
  }

  /// An empty file name turns the signers off (protocol.md H.1).
  private func signingKey(_ flags: inout ExtraArguments) -> Located<Bool>? {
    let certificate = flags.text("cluster-signing-cert-file")
    let key = flags.text("cluster-signing-key-file")
    guard let first = certificate ?? key else { return nil }
    let isComplete = certificate?.value.isEmpty != true && key?.value.isEmpty != true
    return Located(isComplete, at: first.place)
  }
}
