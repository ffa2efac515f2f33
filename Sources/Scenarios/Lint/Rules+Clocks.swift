import SimulationKernel
import TLSBootstrap

private typealias Violation = LintRule.Violation

let clockRules: [LintRule] = [
  LintRule(
    "clock-beyond-backdate", .warning,
    "The controller-manager's clock is more than 5 min ahead of the API server's: certificates are "
      + "backdated by no more, and refused until the API server's clock has caught up."
  ) { input in
    let ahead =
      input.scenario.controllerManager.clock.offset - input.scenario.apiServer.clock.offset
    guard ahead > CertificateValidity.backdate else { return [] }
    return [
      Violation(
        at: input.written("spec.controllerManager.clock") ?? input.place("spec.apiServer.clock"),
        "the controller-manager's clock is \(Quantity.text(ahead)) ahead of the API server's",
        cure: "bring the clocks within 5m of each other")
    ]
  },
  LintRule(
    "serving-certificate-not-valid", .error,
    "By a node's clock the API server's certificate is not valid yet, or has expired, when the node starts."
  ) { input in
    let server = input.scenario.apiServer
    let begin =
      server.servingCertificateNotBefore
      ?? input.scenario.start - CertificateValidity.backdate.nanoseconds
    let end =
      server.servingCertificateNotAfter
      ?? input.reading(.none, at: .days(365))
    return input.scenario.groups.compactMap { group in
      let offsets = group.clockOffset.bounds
      let early = input.scenario.start + offsets.lowerBound.nanoseconds < begin
      let late = input.scenario.start + offsets.upperBound.nanoseconds >= end
      guard early || late else { return nil }
      return Violation(
        at: input.written("spec.nodes[\(group.name)].clock")
          ?? input.place("spec.apiServer.servingCertificateNot\(early ? "Before" : "After")"),
        "by clocks of group \(group.name) the API server's certificate "
          + (early ? "is not valid yet" : "has expired"),
        cure: "set the clocks, or the certificate's validity")
    }
  },
  LintRule(
    "certificate-expired-on-arrival", .error,
    "By a node's clock its certificates have expired when they are issued."
  ) { input in
    let manager = input.scenario.controllerManager
    return input.scenario.groups.compactMap { group in
      let ahead = group.clockOffset.bounds.upperBound - manager.clock.offset
      guard ahead >= manager.clusterSigningDuration else { return nil }
      return Violation(
        at: input.place("spec.nodes[\(group.name)].clock"),
        "clocks of group \(group.name) are up to \(Quantity.text(ahead)) ahead of the "
          + "controller-manager's, and certificates "
          + "live \(Quantity.text(manager.clusterSigningDuration))",
        cure: "set the clocks, or lengthen `clusterSigningDuration`")
    }
  },
  LintRule(
    "renewed-at-once", .warning,
    "By a node's clock its certificates may be past 70 % of their life when they are issued: each is "
      + "renewed at once."
  ) { input in
    let manager = input.scenario.controllerManager
    let ttl = manager.clusterSigningDuration
    return input.scenario.groups.compactMap { group in
      let ahead = group.clockOffset.bounds.upperBound - manager.clock.offset
      guard group.csrClient == nil, group.kubelet.rotateCertificates, ahead < ttl,
        ahead + CertificateValidity.backdate >= life(of: ttl).scaled(by: 7, over: 10)
      else { return nil }
      return Violation(
        at: input.written("spec.nodes[\(group.name)].clock")
          ?? input.written("spec.controllerManager.clock")
          ?? input.place("spec.controllerManager.clusterSigningDuration"),
        "clocks of group \(group.name) are up to \(Quantity.text(ahead)) ahead of the "
          + "controller-manager's, and certificates that live \(Quantity.text(ttl)) are renewed from "
          + "70 % of that on",
        cure: "set the clocks, or lengthen `clusterSigningDuration`")
    }
  },
]

/// From NotBefore to NotAfter: the backdate comes on top of what lives less than 8 h. Source: H.3.
private func life(of ttl: Duration) -> Duration {
  ttl < .hours(8) ? ttl + CertificateValidity.backdate : ttl
}

extension SignedDistribution {
  /// The least and the greatest value that a scenario can give.
  fileprivate var bounds: ClosedRange<Duration> {
    switch spread {
    case .constant(let length): (shift + length)...(shift + length)
    case .uniform(let from, let to): (shift + from)...(shift + to)
    case .exponential, .quantiles: shift...shift
    }
  }
}

let nodeRules: [LintRule] = [
  LintRule(
    "nothing-to-bootstrap-with", .error,
    "Kubelets have no certificate and no readable bootstrap kubeconfig: they exit at each start."
  ) { input in
    input.groups.filter { outlook in
      let group = outlook.group
      return group.csrClient == nil && outlook.needsCertificate && !group.joinsByKubeadm
        && group.bootstrapKubeconfig.state != .present
    }.map { outlook in
      let path = "spec.nodes[\(outlook.group.name)].bootstrapKubeconfig"
      return Violation(
        at: input.place("\(path).state"),
        "kubelets of group \(outlook.group.name) have nothing to bootstrap with",
        cure: "set `state: Present`, or give them a kubeconfig with a certificate that is valid")
    }
  },
  LintRule(
    "server-not-trusted", .error,
    "The CA of the kubeconfig with which nodes begin is not that of the API server: no TLS handshake "
      + "succeeds."
  ) { input in
    input.groups.filter { !$0.firstKubeconfig.trustsServer }.map { outlook in
      let path = "spec.nodes[\(outlook.group.name)].\(outlook.firstKubeconfig.key)"
      return Violation(
        at: input.written("\(path).certificateAuthority") ?? input.place("\(path).file"),
        "nodes of group \(outlook.group.name) do not trust the API server's certificate",
        cure: "give them the cluster's CA")
    }
  },
  LintRule(
    "server-elsewhere", .error,
    "The server of the kubeconfig with which nodes begin is not the API server's URL: nothing listens there."
  ) { input in
    input.groups.compactMap { outlook in
      let server = input.scenario.apiServer.url
      guard let asked = outlook.firstKubeconfig.server, asked != server else { return nil }
      let path = "spec.nodes[\(outlook.group.name)].\(outlook.firstKubeconfig.key)"
      return Violation(
        at: input.written("\(path).server") ?? input.place("\(path).file"),
        "nodes of group \(outlook.group.name) ask \(asked), where no API server is",
        cure: "give them \(server), or set `spec.apiServer.url`")
    }
  },
  LintRule(
    "file-corrupt", .error,
    "A certificate or key on nodes' disks cannot be loaded: kubelets exit at each start."
  ) { input in
    input.scenario.groups.compactMap { group in
      let path = "spec.nodes[\(group.name)]"
      let isForeground = !group.kubelet.rotateCertificates
      let key: String? =
        if group.disk.certificate.state == .corrupt {
          "currentCertificate"
        } else if group.disk.temporaryKey == .corrupt, isForeground {
          "temporaryKey"
        } else {
          nil
        }
      return key.map { key in
        Violation(
          at: input.place("\(path).\(key)"),
          "kubelets of group \(group.name) exit at each start: `\(key)` is corrupt",
          cure: "remove the file: `Absent`")
      }
    }
  },
  LintRule(
    "duplicate-node-name", .warning,
    "Several nodes have one name: each renewal or restart of one takes the Node from the other."
  ) { input in
    var known: Set<String> = []
    return input.scenario.groups.compactMap { group in
      guard let name = group.nodeNames.first(where: { !known.insert($0).inserted }) else {
        return nil
      }
      return Violation(
        at: input.place("spec.nodes[\(group.name)].names"), "a second node is called \(name)",
        cure: "give each node a name of its own")
    }
  },
]
