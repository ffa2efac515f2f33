import Scenarios
import SimulationKernel
import TLSBootstrap

/// One node, as a rule looks at it: how it ended, and what the trace says of it.
///
/// A class, so that nobody who holds it copies its world and its scenario.
final class NodeCase {
  /// At the end of the run.
  let world: World
  /// Its place among all nodes.
  let node: Int
  let record: NodeRecord
  let sightings: Sightings
  /// Of what concerns no node.
  let cluster: Sightings
  /// The scenario as its files say it, before the run changed its objects.
  let given: Scenario
  /// Who may do what at the end; one for all nodes, because it takes long to make.
  private let review: AccessReview

  init(_ history: RunHistory, node: Int, given: Scenario, _ review: AccessReview) {
    self.review = review
    world = history.world
    self.node = node
    record = history.world.node(at: node)
    sightings = history.nodes[node]
    cluster = history.cluster
    self.given = given
  }

  init(_ history: NodeHistory, given: Scenario) {
    review = AccessReview(history.world.scenarioInForce)
    world = history.world
    node = history.node
    record = history.record
    sightings = Sightings(history.events)
    cluster = Sightings(history.clusterEvents)
    self.given = given
  }

  var name: String { record.name }
  /// With everything that faults make of it at the end.
  var scenario: Scenario { world.scenarioInForce }
  var group: NodeGroup { world.group(ofNode: node) }
  /// Where `--set` finds the node's group.
  var groupKey: String { "spec.nodes.\(group.name)" }
  var server: String { given.apiServer.url }

  func has(_ kind: TraceEvent.Kind, _ call: Call? = nil, _ answer: Answer? = nil) -> Bool {
    sightings.has(kind, call, answer)
  }

  /// Whether the latest event of this kind says these words.
  func says(_ kind: TraceEvent.Kind, _ words: String, to call: Call? = nil) -> Bool {
    guard let last = sightings.last(kind, call)?.last else { return false }
    return world.message(of: last)?.contains(words) ?? false
  }

  /// The first fault of this sort that began.
  func fault(_ isMeant: (Fault) -> Bool) -> TimedFault? {
    begunFaults.first { isMeant($0.fault) }
  }

  /// Settings that cure it, unless such a fault brought it about: then the run goes without faults.
  func overrides(_ settings: [String], unless isMeant: (Fault) -> Bool) -> [String] {
    fault(isMeant) == nil ? settings : ["spec.faults=[]"]
  }

  /// In the order in which they began.
  var begunFaults: [TimedFault] {
    cluster.all.filter { $0.kind == .faultBegan }.map { given.faults[Int($0.first.value)] }
  }
}

extension NodeCase {
  /// Whether it gave up on a CSR while a fault kept a controller-manager from its work.
  var waitedForManager: Bool {
    guard says(.waitEnded, "timed out"), let end = instant(.waitEnded)?.time,
      let created = sightings.last(.requestAnswered, .createRequest, .created)?.first.time,
      let fault = fault(\.isManager)
    else { return false }
    return fault.holds(after: created, before: end)
  }
}

// MARK: Its token

extension NodeCase {
  /// As its bootstrap kubeconfig has it.
  var token: String { group.bootstrapKubeconfig.token ?? "" }
  var tokenID: String { String(token.prefix { $0 != "." }) }

  var givenSecret: BootstrapTokenSecret? {
    given.secrets.first { $0.name == "bootstrap-token-\(tokenID)" }
  }

  /// A token of the scenario that works, to write into a bootstrap kubeconfig.
  var goodToken: String? {
    given.secrets.lazy.compactMap { secret in
      guard let id = secret.tokenID, let value = secret.tokenSecret else { return nil }
      return "\(id).\(value)"
    }.first
  }

  /// `--set` finds a token by its place.
  var tokenKey: String? {
    given.secrets.firstIndex { $0.name == "bootstrap-token-\(tokenID)" }.map {
      "spec.tokens[\($0)]"
    }
  }

  /// The extra groups of its token, which bindings name.
  var bootstrapGroup: String {
    let groups = givenSecret?.authExtraGroups?.split(separator: ",").first.map(String.init)
    return groups ?? "system:bootstrappers"
  }

  /// Whether its CSR, if it could create one, would be approved by nobody for want of a binding.
  var lacksApproval: Bool {
    guard given.approvers.isEmpty, review.csrapprovingWorks,
      case .known(let user, _) = review.verdict(on: token)
    else { return false }
    return !review.allows(user, "create", requests: "nodeclient")
  }
}

// MARK: Clocks

extension NodeCase {
  /// The latest instant at which something of this kind happened.
  func instant(_ kind: TraceEvent.Kind, _ call: Call? = nil) -> TraceEvent? {
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
