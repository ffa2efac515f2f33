import SimulationKernel
import TLSBootstrap

/// How many controller-managers there are, when they start, and who leads (protocol.md J.3, J.4).
extension ScenarioReader {
  func readStart(_ section: Section, _ settings: inout ControllerManagerSettings) {
    settings.startsAt = section.duration("startsAt")?.value
    if settings.startsAt != nil, !settings.running {
      reading.fail(
        section.place(of: "startsAt"),
        "`startsAt` says when it starts, `running: false` that it does not",
        cure: "remove one of them")
    }
    if let replicas = section.integer("replicas") {
      settings.replicas = Int(replicas.value)
    }
  }

  func readElection(
    _ section: Section?, _ flags: inout ExtraArguments, _ settings: inout ControllerManagerSettings
  ) {
    reading.set(
      &settings.leaderElect, "leaderElect", section?.bool("leaderElect"),
      flags.bool("leader-elect", reading))
    let periods: [(String, String, WritableKeyPath<ControllerManagerSettings, Duration>)] = [
      ("leaseDuration", "leader-elect-lease-duration", \.leaseDuration),
      ("renewDeadline", "leader-elect-renew-deadline", \.renewDeadline),
      ("retryPeriod", "leader-elect-retry-period", \.retryPeriod),
    ]
    for (key, flag, period) in periods {
      let given = flags.take(flag).flatMap {
        reading.duration($0, "--\(flag)", least: .milliseconds(1))
      }
      reading.set(
        &settings[keyPath: period], key, section?.duration(key, least: .milliseconds(1)), given,
        text: Quantity.text)
    }
    check(settings, section)
  }

  /// Source: client-go tools/leaderelection `NewLeaderElector`; its `JitterFactor` is 1.2.
  private func check(_ settings: ControllerManagerSettings, _ section: Section?) {
    guard settings.leaderElect, let section else { return }
    if settings.leaseDuration <= settings.renewDeadline {
      reading.fail(
        section.place(of: "leaseDuration"),
        "leaseDuration must be greater than renewDeadline, or no controller-manager starts",
        cure: "make `leaseDuration` longer or `renewDeadline` shorter")
    } else if settings.renewDeadline <= settings.retryPeriod.scaled(by: 6, over: 5) {
      reading.fail(
        section.place(of: "renewDeadline"),
        "renewDeadline must be greater than retryPeriod times 1.2, or no controller-manager starts",
        cure: "make `renewDeadline` longer or `retryPeriod` shorter")
    }
  }
}
