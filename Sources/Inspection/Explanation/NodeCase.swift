import Scenarios
import SimulationKernel
import TLSBootstrap

/// One node, as a rule looks at it: how it ended, and what the trace says of it.
///
/// A class, so that nobody who holds it copies its record.
final class NodeCase {
  let run: RunCase
  /// Its place among all nodes.
  let node: Int
  let record: NodeRecord
  let sightings: Sightings
  /// What sentences call it: its name, or another word where it stands for several.
  let called: String

  init(
    _ run: RunCase, node: Int, _ sightings: Sightings, called: String? = nil,
    settlement: Settlement? = nil
  ) {
    self.run = run
    self.node = node
    self.sightings = sightings
    var record = run.world.node(at: node)
    if let settlement { record.settlement = settlement }
    self.record = record
    self.called = called ?? record.name
  }

  convenience init(_ history: NodeHistory, given: LoadedScenario) {
    let run = RunCase(history.world, Sightings(history.clusterEvents), given: given)
    self.init(run, node: history.node, Sightings(history.events))
  }

  /// The same as one of so many of a cause.
  func asOne(of count: Int) -> NodeCase {
    count == 1 ? self : NodeCase(run, node: node, sightings, called: "each of them")
  }

  /// The same as it would have ended without what came last.
  func ending(_ settlement: Settlement) -> NodeCase {
    NodeCase(run, node: node, sightings, called: called, settlement: settlement)
  }

  // Read in place: each copy of them is thousands of bytes.
  var world: World { _read { yield run.world } }
  var given: Scenario { _read { yield run.given } }
  var cluster: Sightings { run.cluster }
  var name: String { record.name }
  /// With everything that faults make of it at the end.
  var scenario: Scenario { world.scenarioInForce }
  var group: NodeGroup { world.group(ofNode: node) }
  /// Where `--set` finds the node's group.
  var groupKey: String { "spec.nodes.\(group.name)" }
  var server: String { given.apiServer.url }
}

// MARK: What happened to it

extension NodeCase {
  /// Whether something of this kind is still the node's trouble; of one that is Ready, whether it ever was.
  ///
  /// So a rule judges by what holds at the end, and a trouble that is over hides no later one.
  ///
  /// - Parameter isMeant: whether it counts that somebody of this kind did it.
  func has(
    _ kind: TraceEvent.Kind, _ call: Call? = nil, _ answer: Answer? = nil,
    by isMeant: (Identity.Kind) -> Bool = { _ in true }
  ) -> Bool {
    sightings.all.contains {
      matches($0, kind, call, answer) && isMeant($0.last.actor.kind) && holds($0)
    }
  }

  /// Whether something of this kind ever happened.
  func had(_ kind: TraceEvent.Kind, _ call: Call? = nil, _ answer: Answer? = nil) -> Bool {
    sightings.has(kind, call, answer)
  }

  /// Whether the latest event of this kind says these words, and is still the node's trouble.
  func says(_ kind: TraceEvent.Kind, _ words: String, to call: Call? = nil) -> Bool {
    guard let last = sightings.last(kind, call), holds(last) else { return false }
    return world.message(of: last.last)?.contains(words) ?? false
  }

  /// Whether something of this kind ever said these words, by the first and the last of those that are alike.
  func said(_ kind: TraceEvent.Kind, _ words: String) -> Bool {
    sightings.all.filter { $0.kind == kind }.flatMap(\.ends)
      .contains { world.message(of: $0)?.contains(words) ?? false }
  }

  /// Whether it became Ready after a request of its own, whichever it was, got no answer for this reason.
  func wasHeldUp(by reasons: Set<Answer>) -> Bool {
    guard record.settlement == .ready, let ready = record.ready else { return false }
    return sightings.all.contains {
      $0.kind == .connectionFailed && reasons.contains($0.answer) && $0.first.time < ready
    }
  }

  func holds(_ sighting: Sighting) -> Bool {
    record.settlement == .ready || !sightings.isOver(sighting)
  }

  private func matches(
    _ sighting: Sighting, _ kind: TraceEvent.Kind, _ call: Call?, _ answer: Answer?
  ) -> Bool {
    sighting.kind == kind && (call == nil || sighting.call == call)
      && (answer == nil || sighting.answer == answer)
  }
}

// MARK: Faults

extension NodeCase {
  /// The first fault of this sort that began and may hit the node.
  func fault(_ isMeant: (Fault) -> Bool) -> TimedFault? {
    begunFaults.first { isMeant($0.fault) }
  }

  /// Those that may hit the node, in the order in which they began.
  var begunFaults: [TimedFault] { begunPlaces.map { given.faults[$0] } }

  /// `--set` that leaves out the faults of this sort that have begun, and no others; nil: there are none.
  func leavingOut(_ isMeant: (Fault) -> Bool) -> [String]? {
    let places = begunPlaces.filter { isMeant(given.faults[$0].fault) }
    return places.isEmpty ? nil : places.map { "\(faultKey($0))=" }
  }

  /// `--set` that puts another action, which takes no `for`, in the place of the faults of this sort that have
  /// begun; nil: there are none.
  func replacing(_ isMeant: (Fault) -> Bool, by action: String) -> [String]? {
    let places = begunPlaces.filter { isMeant(given.faults[$0].fault) }
    return places.isEmpty
      ? nil
      : places.map { place in
        let fault = given.faults[place]
        guard fault.length != nil else { return "\(faultKey(place)).action=\(action)" }
        let nodes = fault.fault.nodes.map { ", on: {\($0.keys)}" } ?? ""
        return "\(faultKey(place))={at: \(Quantity.text(fault.at)), action: \(action)\(nodes)}"
      }
  }

  private func faultKey(_ place: Int) -> String { "spec.faults[\(run.places.fault(place))]" }

  private var begunPlaces: [Int] {
    cluster.all.filter { $0.kind == .faultBegan }.map { Int($0.first.value) }
      .filter { mayBeHit(by: given.faults[$0].fault) }
  }

  /// Whether it is for the node, its token, or what all nodes share.
  func mayBeHit(by fault: Fault) -> Bool {
    switch fault {
    case .token(let fault): fault.tokenID == tokenID
    default: fault.mayHit(node: name, of: group.name)
    }
  }
}

extension NodeCase {
  /// Whether the latest CSR on which it gave up was still pending then.
  var gaveUp: Bool {
    guard let ended = latest(.waitEnded) else { return false }
    return world.message(of: ended)?.contains("timed out") ?? false
  }

  /// Whether no controller-manager looks after CSRs at the end.
  var lacksManager: Bool {
    world.statistics.absences.spans(at: world.now).last?.to == world.now
  }

  /// Whether it gave up on a CSR while a fault kept a controller-manager from its work.
  var waitedForManager: Bool {
    guard says(.waitEnded, "timed out"), let end = latest(.waitEnded)?.time,
      let created = sightings.last(.requestAnswered, .createRequest, .created)?.first.time,
      let fault = fault(\.stopsManager)
    else { return false }
    return fault.holds(after: created, before: end)
  }
}

// MARK: Who approves

extension NodeCase {
  /// Whether its latest CSR has neither been approved nor denied.
  var isPending: Bool {
    latestRequest.map { $0.approved == nil && $0.denied == nil } ?? false
  }

  /// Whether its latest CSR was approved when it had given up on it.
  var wasApprovedTooLate: Bool {
    guard let approved = latestRequest?.approved, let ended = latest(.waitEnded) else {
      return false
    }
    return ended.time < approved
  }

  /// Whether its latest CSR is approved, and nobody has signed it or refused to.
  var isUnsigned: Bool {
    latestRequest.map { $0.approved != nil && $0.issued == nil && $0.failed == nil } ?? false
  }

  /// The same, and nobody will.
  var lacksSigner: Bool {
    let manager = scenario.controllerManager
    return isUnsigned
      && (!manager.running || lacksManager || !manager.csrsigning || !manager.hasSigningKey)
  }

  /// The name of its CSR for a serving certificate that nobody has decided on; nil: there is none.
  var servingRequest: String? { run.servingRequests[NodeID(node)] }

  /// The first policy that would approve its latest CSR.
  var approver: ApproverSettings? { given.approvers.first(where: approves) }

  /// Whether csrapproving would, were its turn to come.
  var csrapprovingMayApprove: Bool {
    guard let requestor = latestRequest?.requestor else { return false }
    let user = User(name: world.username(of: requestor), groups: world.groups(of: requestor))
    return run.review.csrapprovingApproves(user, isRenewal: false)
  }

  /// The first human who would, and how that one works.
  var manualApprover: (name: String, ApproverSettings.Manual)? {
    given.approvers.lazy.filter(approves).compactMap { approver in
      if case .manual(let manual) = approver.kind { (approver.name, manual) } else { nil }
    }.first
  }

  private func approves(_ approver: ApproverSettings) -> Bool {
    let matching = approver.matching
    let user = latestRequest.map { world.username(of: $0.requestor) } ?? ""
    return approver.isForNodeClients
      && matching.requestor.map { Pattern($0).matches(user) } ?? true
      && matching.nodeName.map { Pattern($0).matches(name) } ?? true
  }
}

// MARK: Its token

extension NodeCase {
  /// As its bootstrap kubeconfig has it.
  var token: String { group.bootstrapKubeconfig.token ?? "" }
  var tokenID: String { String(token.prefix { $0 != "." }) }

  /// Whether the API server sees none, so that the node is anonymous.
  var lacksToken: Bool { run.review.verdict(on: token) == .absent }

  var givenSecret: BootstrapTokenSecret? { given.secrets.secret(ofToken: tokenID) }

  /// The same at the end.
  var secretInForce: BootstrapTokenSecret? { scenario.secrets.secret(ofToken: tokenID) }

  /// Whether its Secret has an `expiration` that nobody can read, as given or by a fault.
  var hasUnreadableExpiration: Bool {
    let patched = fault {
      guard case .token(let fault) = $0, case .patch(let patch) = fault.action,
        case .unparsable = patch.expiration
      else { return false }
      return true
    }
    if case .unparsable = givenSecret?.expiration { return true }
    return patched != nil
  }

  /// Another token of the scenario that the API server knows, to write into a bootstrap kubeconfig.
  var goodToken: String? {
    given.secrets.lazy.compactMap(\.token).first { [token, run] candidate in
      guard candidate != token, case .known = run.givenReview.verdict(on: candidate) else {
        return false
      }
      return true
    }
  }

  /// Whether kubeadm found no signature of its token in cluster-info until it gave up.
  var lacksSignature: Bool {
    record.settlement == .joinFailed && says(.joinFailed, "could not find a JWS signature")
  }

  /// Where `--set` finds its token; nil: a manifest has its Secret, or nothing has.
  var tokenKey: String? { run.places.token(id: tokenID).map { "spec.tokens[\($0)]" } }

  /// Whether its Secret comes from a manifest, which `--set` does not reach.
  var hasGivenManifest: Bool { tokenKey == nil && givenSecret != nil }

  /// The extra group of its token, which bindings name; of one that is Ready, while it was not.
  var bootstrapGroup: String {
    let patched =
      record.settlement == .ready ? begunFaults.compactMap(\.fault.tokenGroups).last : nil
    return Self.group(of: patched ?? (secretInForce ?? givenSecret)?.authExtraGroups)
  }

  private static func group(of groups: String?) -> String {
    groups?.split(separator: ",").first.map(String.init) ?? "system:bootstrappers"
  }

  /// Whether all nodes come with tokens of one group.
  var hasOneBootstrapGroup: Bool {
    let ids = given.groups.compactMap(\.bootstrapKubeconfig.token).map {
      String($0.prefix { $0 != "." })
    }
    let groups = ids.map { Self.group(of: given.secrets.secret(ofToken: $0)?.authExtraGroups) }
    return Set(groups).count == 1
  }

  /// What the API server makes of its token at the end, apart from times.
  var tokenText: String? {
    guard case .refused(let text) = run.review.verdict(on: token) else { return nil }
    return text
  }

  /// Whether its CSR, if it could create one, would be approved by nobody for want of a binding.
  var lacksApproval: Bool {
    guard given.approvers.isEmpty, run.review.csrapprovingWorks,
      case .known(let user, _) = run.review.verdict(on: token)
    else { return false }
    return !run.review.allows(user, "create", requests: "nodeclient")
  }
}

// MARK: Other clients' requests

extension NodeCase {
  /// `--set` that leaves out the entries of `spec.requests` that do this, and no others.
  func leavingOutRequests(_ isMeant: (ClientRequest.Act) -> Bool) -> [String] {
    given.requests.indices.filter { isMeant(given.requests[$0].act) }.map {
      "spec.requests[\(run.places.request($0))]="
    }
  }
}

// MARK: Clocks

extension NodeCase {
  /// The latest event of this kind.
  func latest(_ kind: TraceEvent.Kind, _ call: Call? = nil) -> TraceEvent? {
    sightings.last(kind, call)?.last
  }

  func offset(of clock: Clock, at event: TraceEvent) -> Duration {
    clock.offset(at: event.time, start: given.start)
  }

  /// How far the node's own clock is ahead at the end of the run.
  var ownOffset: Duration {
    world.clock(ofNode: node).offset(at: world.now, start: given.start)
  }
}
