import SimulationKernel
import TLSBootstrap

/// A renewal right after the other (M.2).
extension Rule {
  static let hotLoopRules = [
    Rule(
      number: "M.2", title: "by its clock each certificate is past its renewal when it is issued",
      settlements: [.ready, .waiting],
      holds: { $0.hotLoopVerdict != nil },
      clues: [.kubeletLog("certificate_manager.go:715"), .request],
      faults: { $0.isNodeClock || $0.isManagerClock },
      clock: { $0.hotLoopVerdict },
      needed: { node in
        guard let verdict = node.hotLoopVerdict, verdict.isDecisive else {
          return "certificates that live longer: NotBefore is five minutes back already"
        }
        return "a clock of \(verdict.owner) that is right: each certificate is renewed a second "
          + "after it came"
      },
      remedy: { node in
        let isOfNode = node.hotLoopVerdict?.owner == node.name
        guard node.hotLoopVerdict?.isDecisive == true else {
          return Remedy(
            [
              .settingFlags(
                ["--cluster-signing-duration=8760h"], of: "kube-controller-manager")
            ], overrides: ["spec.controllerManager.clusterSigningDuration=8760h"])
        }
        return Remedy(
          [isOfNode ? .on(node, "chronyc makestep") : .onEveryControlPlane("chronyc makestep")],
          overrides: isOfNode ? rightClock(node) : rightManagerClock(node))
      })
  ]
}

extension NodeCase {
  /// How many renewals at once are no chance.
  ///
  /// 3. Assumption: one may follow a step of a clock.
  private static let severalRenewals = 3

  /// M.2: its earliest renewal by its clock, where several certificates were past that when they were signed; the
  /// clock is the one that errs more, its own or the signer's.
  var hotLoopVerdict: ClockVerdict? {
    guard group.kubelet.rotateCertificates, let made = sightings.last(.certificateSigned),
      made.count >= Self.severalRenewals
    else { return nil }
    return [made.last, made.first].lazy.compactMap(hotLoop).first
  }

  /// By the clocks of that certificate's time.
  private func hotLoop(at made: TraceEvent) -> ClockVerdict? {
    let (own, signer) = (world.clock(ofNode: node, at: made), world.managerClock(at: made))
    let isLate = { (certificate: CertificateRecord) in
      own.reading(at: certificate.signed)
        >= Self.earliestRenewal(certificate.notBefore...certificate.notAfter)
    }
    let late = (run.certificates[NodeID(node)] ?? []).count(where: isLate)
    guard late >= Self.severalRenewals, let validity = certificate(before: made) else { return nil }
    let isOwn =
      offset(of: own, at: made).nanoseconds.magnitude
      >= offset(of: signer, at: made).nanoseconds.magnitude
    return verdict(
      isOwn ? name : "kube-controller-manager", isOwn ? own : signer, made,
      "70 % of the life of its certificate", Self.earliestRenewal(validity), isOver: >=)
  }

  /// B.3: after 70 % of its life, in nanoseconds since 1970.
  private static func earliestRenewal(_ validity: ClosedRange<Int64>) -> Int64 {
    validity.lowerBound + (validity.upperBound - validity.lowerBound) / 10 * 7
  }
}
