import SimulationKernel

@testable import TLSBootstrap

/// What tests of a node's disk share.
enum Disks {
  /// Ended an hour before the run.
  static var expired: ClientCertificate {
    var certificate = ClientCertificate()
    certificate.notBefore = Scenario().start - Duration.days(30).nanoseconds
    certificate.notAfter = Scenario().start - Duration.hours(1).nanoseconds
    return certificate
  }

  static func played(
    _ rotates: Bool, seconds: Int64 = 20, _ disk: (inout NodeDisk) -> Void,
    scenario change: (inout Scenario) -> Void = { _ in }
  ) -> Played {
    Cluster.kubeadm(nodes: 1) { scenario in
      scenario.groups[0].kubelet.rotateCertificates = rotates
      disk(&scenario.groups[0].disk)
      scenario.stop = .duration
      scenario.duration = .seconds(seconds)
      change(&scenario)
    }.play()
  }
}
