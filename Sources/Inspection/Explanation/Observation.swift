import SimulationKernel
import TLSBootstrap

/// What somebody sees, and where: one link from the symptom to the root cause.
package struct Observation: Hashable, Sendable {
  /// `kubelet's log on worker-1`, `kube-apiserver's log`.
  package let place: String
  package let first: Instant
  package let last: Instant
  package let count: Int
  /// The words of the last time.
  package let text: String
}

/// Finds what the clues of a rule lead to.
struct Observer {
  let history: NodeHistory
  let node: NodeCase
  private let log: KubeletLog

  init(_ history: NodeHistory, _ node: NodeCase) {
    self.history = history
    self.node = node
    log = KubeletLog(history)
  }

  func observations(_ rule: Rule) -> [Observation] {
    rule.clues.compactMap(observation) + faults(rule)
  }

  private func observation(_ clue: Clue) -> Observation? {
    switch clue {
    case .kubeletLog(let source, let words): return logged(source, words)
    case .kubeadm:
      return seen(node.sightings.last(.joinFailed), "kubeadm join on \(node.name)") { $0 }
    case .kubeadmConnection(let call):
      return seen(
        node.sightings.last(.connectionFailed, call), "kubeadm join -v=5 on \(node.name)"
      ) { $0 }
    case .authentication(let call):
      return seen(
        node.sightings.last(.authenticationFailed, call), "kube-apiserver's log",
        Self.authenticationLine)
    case .answer(let call, let answer):
      return seen(
        node.sightings.last(.requestAnswered, call, answer),
        "kube-apiserver's answer to \(node.name)")
    case .answerToOthers(let call):
      let refused = node.sightings.all.filter {
        $0.kind == .requestAnswered && $0.call == call && !$0.answer.isSuccess
      }.last
      let asker = refused?.last.actor ?? .nobody
      let isApprover = asker.kind == .approver
      return seen(
        refused,
        "kube-apiserver's answer to "
          + (isApprover ? history.world.username(of: asker) : "kube-controller-manager"))
    case .controller(let kind): return controller(kind)
    case .request: return request
    }
  }

  /// C.5, C.6; what the authenticator of bootstrap tokens says at V(3) is a line of its own (C.3).
  private static func authenticationLine(_ message: String) -> String {
    if message.hasPrefix("x509: ") {
      return "\"Unable to authenticate the request\" err=\"verifying certificate SN=…, SKID=…, "
        + "AKID=… failed: \(message)\""
    }
    return message.lowercased().contains("bootstrap")
      ? message : "\"Unable to authenticate the request\" err=\(GoString.quoted("[\(message)]"))"
  }

  private func logged(_ source: String, _ words: String) -> Observation? {
    let all = log.lines.filter { $0.source == source }
    let telling = all.filter { $0.text.contains(words) }
    let lines = telling.isEmpty ? all : telling
    guard let first = lines.first, let last = lines.last else { return nil }
    return Observation(
      place: "kubelet's log on \(node.name)", first: first.instant, last: last.instant,
      count: lines.count, text: last.text)
  }

  /// - Parameter words: of the message of the last one; without it the answer with its code.
  private func seen(
    _ sighting: Sighting?, _ place: String, _ words: ((String) -> String)? = nil
  ) -> Observation? {
    guard let sighting else { return nil }
    let message = history.world.message(of: sighting.last)
    let text: String
    if let words {
      text = words(message ?? "")
    } else {
      let shape = sighting.call.shape
      let resource = [shape.resource, shape.subresource].filter { !$0.isEmpty }
      let object = shape.path.isEmpty ? resource.joined(separator: "/") : shape.path
      text =
        "\(sighting.answer.code) \(sighting.answer.reason) to \(shape.verb) \(object)"
        + (message.map { ": \($0)" } ?? "")
    }
    return Observation(
      place: place, first: sighting.first.time, last: sighting.last.time, count: sighting.count,
      text: text)
  }

  /// F.1, H.2: what a controller's log says at V(4), or as an error.
  private func controller(_ kind: TraceEvent.Kind) -> Observation? {
    if kind == .reviewRefused { return refusedReviews }
    guard let sighting = node.sightings.last(kind) else { return nil }
    let text =
      switch kind {
      case .notRecognized:
        "nothing: csr \"\(history.world.request(at: Int(sighting.last.request)).name)\" is not "
          + "recognized, and stays Pending"
      case .nodeUnknown: "Ready is Unknown: NodeStatusUnknown: Kubelet stopped posting node status."
      default: history.world.message(of: sighting.last) ?? kind.text
      }
    let owner = sighting.last.component.text
    return Observation(
      place: "kube-controller-manager's log (\(owner))", first: sighting.first.time,
      last: sighting.last.time, count: sighting.count, text: text)
  }

  /// F.1: a line for each turn, with every recognizer whose review was refused in it, one after the other.
  private var refusedReviews: Observation? {
    let all = history.events.filter { $0.kind == .reviewRefused }
    guard let latest = all.last else { return nil }
    let isRenewal = history.world.isRenewal(latest)
    let alike = all.filter { history.world.isRenewal($0) == isRenewal }
    let recognizers = isRenewal ? ["selfnodeclient", "nodeclient"] : ["nodeclient"]
    let name = history.world.request(at: Int(latest.request)).name
    return Observation(
      place: "kube-controller-manager's log (\(latest.component.text))",
      first: alike.first?.time ?? latest.time, last: latest.time,
      count: max(1, alike.count / recognizers.count),
      text: "recognized csr \"\(name)\" as [\(recognizers.joined(separator: " "))] but "
        + "subject access review was not approved")
  }

  private var request: Observation? {
    guard let request = node.latestRequest else { return nil }
    let why = request.reason.isEmpty ? "" : " (\(request.reason): \(request.message))"
    let made = node.sightings.last(.requestAnswered, .createRequest, .created)
    return Observation(
      place: "kubectl get csr", first: made?.first.time ?? request.created, last: request.created,
      count: made?.count ?? 1, text: "\(request.name)  \(request.condition)\(why)")
  }

  private func faults(_ rule: Rule) -> [Observation] {
    let begun = node.cluster.all.filter { $0.kind == .faultBegan }
    return begun.compactMap { sighting in
      let fault = node.given.faults[Int(sighting.first.value)]
      guard rule.faults(fault.fault), node.mayBeHit(by: fault.fault) else { return nil }
      let end = fault.length.map { ", for \(GoText.duration($0))" } ?? ""
      return Observation(
        place: "the scenario", first: sighting.first.time, last: sighting.last.time,
        count: sighting.count, text: "spec.faults: \(fault.name)\(end)")
    }
  }
}
