import SimulationKernel
import TLSBootstrap

/// How one root cause is recognised, told and cured.
struct Rule: Sendable {
  /// Row of protocol.md section O, or another section's.
  let number: String
  /// What is the matter, as a clause.
  let title: String
  /// The ends that it may explain; with `.ready` what held up a node that became Ready.
  let settlements: Set<Settlement>
  let holds: @Sendable (NodeCase) -> Bool
  /// Where it is seen, from the symptom to the root cause.
  let clues: [Clue]
  /// The faults of the scenario that bring it about.
  var faults: @Sendable (Fault) -> Bool = { _ in false }
  /// The comparison of times that decided, where one did.
  var clock: @Sendable (NodeCase) -> ClockVerdict? = { _ in nil }
  /// What would have had to be different.
  let needed: @Sendable (NodeCase) -> String
  let remedy: @Sendable (NodeCase) -> Remedy

  /// Every rule, in the order in which they are tried: the first that holds is the cause of a node that
  /// is not Ready, and those that hold are what held up one that is.
  static let all =
    absenceRules + runtimeRules + diskRules + kubeadmRules + spaceRules + renewalRules
    + hotLoopRules + connectionRules
    + tokenRules + joinRules + permissionRules + approvalRules + signingRules + storageRules
    + lastRules

  /// `O15: no binding lets its token create CSRs`; a cause that has no row is its title alone.
  package static func name(_ number: String, _ title: String) -> String {
    number == "-" ? title : "\(number): \(title)"
  }

  static func cause(of node: NodeCase) -> Rule? {
    let last = refusingToken(node) ?? firstThatHolds(node)
    return last.flatMap { beforeTokenEnded(node, $0) } ?? last
  }

  static func firstThatHolds(_ node: NodeCase) -> Rule? {
    all.first { $0.settlements.contains(node.record.settlement) && $0.holds(node) }
  }

  /// What held up a node that became Ready.
  static func delays(of node: NodeCase) -> [Rule] {
    all.filter { $0.settlements.contains(.ready) && $0.holds(node) }
  }
}

/// A place at which a cause can be seen.
enum Clue: Hashable, Sendable {
  /// Lines of the kubelet's log that come from here, `transport.go:120`; of several troubles that are logged there
  /// those with these words, where there are such.
  case kubeletLog(String, saying: String = "")
  /// What kubeadm prints, and why it got no connection for its call.
  case kubeadm, kubeadmConnection(Call)
  /// The API server's log: why it does not know who asks.
  case authentication(Call?)
  /// An answer that the kubelet reads.
  case answer(Call, Answer?)
  /// The log of a controller of kube-controller-manager.
  case controller(TraceEvent.Kind)
  /// An answer to a controller or to another client.
  case answerToOthers(Call)
  /// `kubectl get csr`: how its latest CSR stands at the end.
  case request
}

extension Clue {
  /// Whether what the other one leads to is seen by this one, too.
  func covers(_ other: Clue) -> Bool {
    if case .kubeletLog(let source, "") = self, case .kubeletLog(source, _) = other { return true }
    return self == other
  }
}

/// A comparison of times that decided what happened, and whose clock it was made by.
package struct ClockVerdict: Hashable, Sendable {
  /// `worker-1`, `kube-apiserver`, `kube-controller-manager`.
  package let owner: String
  package let instant: Instant
  /// How far it was ahead of the true time; negative: behind.
  package let offset: Duration
  /// What it showed, in nanoseconds since 1970.
  package let reading: Int64
  /// What it was compared with: `NotAfter of the API server's certificate`.
  package let limit: String
  /// The limit, in nanoseconds since 1970.
  package let limitTime: Int64
  /// Whether the right time would have decided otherwise.
  package let isDecisive: Bool
}

/// What cures a cause: on a real cluster, and in the scenario.
package struct Remedy: Hashable, Sendable {
  /// In order.
  package var commands: [Command]
  /// A manifest for `kubectl apply -f -`; empty: none.
  package var manifest: String
  /// For `--set`, and enough without the manifest; empty: nothing of the scenario says it.
  package var overrides: [String]

  init(_ commands: [Command] = [], manifest: String = "", overrides: [String] = []) {
    self.commands = commands
    self.manifest = manifest
    self.overrides = overrides
  }

  /// Without settings that the scenario does not take, such as those of a token that a manifest defines.
  func playable(in run: RecordedRun) -> Remedy {
    var remedy = self
    if !overrides.isEmpty, !run.takes(overrides) { remedy.overrides = [] }
    return remedy
  }

  /// Whether the scenario can be played with it.
  var isPlayable: Bool { !overrides.isEmpty || !manifest.isEmpty }

  /// Where a fault of the scenario did it, that one is left undone; else settings mend it.
  init(
    _ commands: [Command], of node: NodeCase, undoing isMeant: (Fault) -> Bool,
    or overrides: [String] = []
  ) {
    self.init(commands, overrides: node.leavingOut(isMeant) ?? overrides)
  }
}
