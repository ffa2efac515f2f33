import SimulationKernel
import TLSBootstrap

private typealias Violation = LintRule.Violation

let requestRules: [LintRule] = [
  LintRule(
    "request-too-early", .warning,
    "A request of `spec.requests` is about the CSR of a node, or uses its certificate, and is sent before "
      + "the node can have one; or about what a later request makes."
  ) { input in
    input.scenario.requests.flatMap { request in
      input.needs(of: request).filter { request.last < $0.from }.map { need in
        Violation(
          at: input.place("spec.requests[\(request.name)].at"),
          "\(request.name) is sent at \(LintInput.about(request.last)), before \(need.what), at about "
            + LintInput.about(need.from),
          cure: "let it come later, or again and again with `every` and `count`")
      }
    }
  }
]

extension ClientRequest {
  /// When it is sent for the last time, in seconds.
  var last: Double {
    at.seconds + every.seconds * Double(count - 1)
  }
}

extension LintInput {
  /// What must be there for a request, and from when on it can be, in seconds.
  fileprivate func needs(of request: ClientRequest) -> [(what: String, from: Double)] {
    let boot = GroupOutlook.boot(scenario)
    var needs: [(what: String, from: Double)] = []
    switch request.act.reference {
    case .ofNode(let name):
      if let outlook = outlook(ofNode: name) {
        needs.append(("\(name) has created its CSR", (outlook.arrivals.first ?? 0) + boot))
      }
    case .ofRequest(let name): needs += creation(by: name)
    case .name, nil: break
    }
    switch request.credentials.certificate {
    case .ofNode(let name):
      if let outlook = outlook(ofNode: name), outlook.needsCertificate,
        let first = outlook.readyTimes(scenario).min(), first.isFinite
      {
        needs.append(("\(name) has a certificate", first))
      }
    case .ofRequest(let name): needs += creation(by: name)
    case .handmade, nil: break
    }
    return needs
  }

  private func creation(by name: String) -> [(what: String, from: Double)] {
    scenario.requests.filter { $0.name == name }.map {
      ("\(name) has created its CSR", $0.at.seconds)
    }
  }

  private func outlook(ofNode name: String) -> GroupOutlook? {
    groups.first { $0.group.nodeNames.contains(name) }
  }
}
