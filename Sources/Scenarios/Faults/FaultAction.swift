import SimulationKernel
import TLSBootstrap

/// One word of `spec.faults[].action`: what it does, which keys it takes, and how they are read.
public struct FaultAction: Sendable {
  public let name: String
  /// One sentence for docs/SCENARIO.md.
  public let text: String
  /// Keys beside `name`, `at`, `for` and `action`.
  public let keys: [String]
  /// What `on` may be.
  let hits: Target
  /// What `for` means; nil: the action has no duration.
  public let end: String?
  let read: @Sendable (FaultSection) -> Fault?

  enum Target: Hashable, Sendable { case nodes, component, nodesOrComponent }

  /// - Parameter hits: nil: a component where there are replicas of it, else nodes.
  init(
    _ name: String, _ text: String, keys: [String], hits: Target? = nil, end: String?,
    read: @escaping @Sendable (FaultSection) -> Fault?
  ) {
    self.name = name
    self.text = text
    self.keys = keys
    self.hits = hits ?? (keys.contains("replica") ? .component : .nodes)
    self.end = end
    self.read = read
  }

  /// Every action, in the order of docs/SCENARIO.md. Add a fault: a file with its actions, a line here.
  public static let all: [FaultAction] =
    tokenActions + bindingActions + clockActions + authorityActions + nodeActions + podActions
    + networkActions
}

/// A fault of the file, and the scenario that it must fit.
struct FaultSection {
  let section: Section
  let scenario: Scenario
  let action: String

  var reading: Reading { section.reading }

  /// The value of a key that the action cannot do without.
  func needed(_ key: String, cure: String) -> Located<String>? {
    if section[key] == nil {
      reading.fail(section.place, "`\(action)` lacks `\(key)`", cure: cure)
      return nil
    }
    return section.string(key)
  }
}

/// Reads `spec.faults`.
struct FaultReader {
  /// They are numbered in 16 bits.
  private static let mostFaults = 10_000

  let reading: Reading
  let scenario: Scenario

  func faults(_ spec: Section) -> [TimedFault] {
    var places: [String: Place] = [:]
    var clocks: [ClockFaultSums.Located] = []
    let faults = spec.sections("faults", most: Self.mostFaults).enumerated().compactMap {
      number, section -> TimedFault? in
      guard let fault = fault(section, number: number) else { return nil }
      if let clock = fault.fault.clock {
        let place = section.place(of: clock.driftPPB == 0 ? "timeOffset" : "drift")
        clocks.append(ClockFaultSums.Located(timed: fault, clock: clock, place: place))
      }
      reading.checkName(fault.name, of: "fault", at: section.place(of: "name"), &places)
      return fault
    }
    ClockFaultSums(reading: reading, scenario: scenario).check(clocks)
    return faults
  }

  private func fault(_ section: Section, number: Int) -> TimedFault? {
    let name = section.string("name")
    let at = section.duration("at")?.value ?? .zero
    let length = section.duration("for", least: Duration(nanoseconds: 1))
    guard section["action"] != nil else {
      section.lacks("action", cure: "give one of \(KeyTable.list(FaultAction.all.map(\.name)))")
      return nil
    }
    guard
      let action = section.choice("action", FaultAction.all.map { ($0.name, $0) })?.value
    else { return nil }
    rejectForeignKeys(section, action)
    if let length, action.end == nil {
      reading.fail(
        length.place, "`\(action.name)` is over at once: `for` has no meaning", cure: "remove it")
    }
    let read = FaultSection(section: section, scenario: scenario, action: action.name)
    let mistakes = reading.errors.count
    guard let fault = action.read(read) else { return nil }
    let timed = TimedFault(
      name: name?.value ?? "\(action.name)-\(number + 1)", at: at, length: length?.value,
      fault: fault)
    if reading.errors.count == mistakes, let shortfall = timed.shortfall(in: scenario) {
      reading.note(section.place(of: "on"), shortfall)
    }
    return timed
  }

  private func rejectForeignKeys(_ section: Section, _ action: FaultAction) {
    let own = ["name", "at", "for", "action"] + action.keys
    let known = KeyTable.children(of: section.path)
    for entry in section.value.entries ?? []
    where known.contains(entry.key) && !own.contains(entry.key) {
      reading.fail(
        entry.keyPlace, "`\(entry.key)` has no meaning for `\(action.name)`",
        cure: action.keys.isEmpty ? "remove it" : "use \(KeyTable.list(action.keys))")
    }
  }
}

extension FaultSection {
  /// `on:`, which nodes.
  func nodes() -> NodeSelector? {
    var selector = NodeSelector()
    guard section["on"] != nil else { return selector }
    guard let on = section.section("on") else { return nil }
    if let group = on.string("group") {
      let names = scenario.groups.map(\.name)
      if !names.contains(group.value) {
        reading.fail(
          group.place, "no group is called “\(group.value)”", cure: cure(group.value, names))
      }
      selector.group = group.value
    }
    if let name = on.string("node") {
      let pattern = name.value
      if !pattern.contains("*"),
        !scenario.groups.contains(where: { $0.nodeNames.contains(pattern) })
      {
        reading.fail(
          name.place, "no node is called “\(pattern)”",
          cure: "name a node, or use `*` for any text")
      }
      selector.name = pattern
    }
    switch on.one(of: ["fixed", "percent"], needed: false) {
    case "fixed":
      if let count = on.integer("fixed") {
        selector.mode = .fixed(Int(count.value))
      }
    case "percent":
      if let share = on.integer("percent") {
        selector.mode = .percent(Int(share.value))
      }
    default: break
    }
    return selector
  }

  func cure(_ word: String, _ known: [String]) -> String {
    if let nearest = NearestKey.nearest(to: word, among: known) {
      return "did you mean “\(nearest)”?"
    }
    return known.isEmpty ? "define it" : "use one of \(KeyTable.list(Array(known.prefix(20))))"
  }
}

private typealias Key = KeyDocumentation

let faultKeys: [KeyDocumentation] = [
  Key(
    "spec.faults", "list of mappings", default: "none",
    "What is done to the cluster during the run, at most 10000 faults; the table of actions is above."
  ),
  Key(
    "spec.faults[].name", "string", default: "action and number",
    "Name of the fault; the trace and `--set` find it by it."),
  Key("spec.faults[].at", "duration", default: "0s", "When it begins, after the start."),
  Key(
    "spec.faults[].for", "duration", default: "to the end of the run",
    "How long it lasts, for actions that last."),
  Key("spec.faults[].action", "a word of the table of actions", default: "", "What is done."),
  Key(
    "spec.faults[].on", "mapping, or a component", default: "every node",
    "Whom it hits: `kube-apiserver`, `kube-controller-manager`, or nodes."),
  Key("spec.faults[].on.group", "string", default: "all groups", "Nodes of this group."),
  Key(
    "spec.faults[].on.node", "string", default: "all names",
    "Nodes of this name; `*` stands for any text."),
  Key(
    "spec.faults[].on.fixed", "integer", in: 1...Int64(NodeGroupReader.mostNodes), unit: "nodes",
    default: "all",
    "So many of them, drawn by the seed."),
  Key(
    "spec.faults[].on.percent", "integer", in: 1...100, unit: "of 100 nodes", default: "100",
    "This share of them, rounded up, drawn by the seed."),
  Key(
    "spec.faults[].tokenID", "string", default: "the only token",
    "The token: Secret `kube-system/bootstrap-token-<tokenID>`."),
  Key(
    "spec.faults[].data", "mapping", default: "",
    "New values of the Secret's keys, as text, not base64."),
  Key("spec.faults[].data.token-id", "string", default: "as it was", "Key `token-id`."),
  Key("spec.faults[].data.token-secret", "string", default: "as it was", "Key `token-secret`."),
  Key(
    "spec.faults[].data.expiration", "string", default: "as it was",
    "Key `expiration`: RFC 3339, or any text, which counts as expired."),
  Key(
    "spec.faults[].data.usage-bootstrap-authentication", "string", default: "as it was",
    "Key `usage-bootstrap-authentication`."),
  Key(
    "spec.faults[].data.usage-bootstrap-signing", "string", default: "as it was",
    "Key `usage-bootstrap-signing`."),
  Key(
    "spec.faults[].data.auth-extra-groups", "string", default: "as it was",
    "Key `auth-extra-groups`."),
  Key(
    "spec.faults[].replica", "integer", in: 0...14, default: "all",
    "Which replica of `spec.controllerManager.replicas`, or of `spec.apiServer.replicas`, from 0; the "
      + "controller-manager that leads at first is 0."),
  Key(
    "spec.faults[].gracePeriod", "duration", default: "0s, which is SIGKILL",
    "How long kube-apiserver may finish the requests that it has; it takes no new ones."),
  Key("spec.faults[].binding", "string", default: "", "Name of a binding."),
  Key(
    "spec.faults[].namespace", "string", default: "none: a ClusterRoleBinding",
    "Namespace of a RoleBinding."),
  Key(
    "spec.faults[].timeOffset", "duration, may be negative", default: "",
    "How far the clock is stepped, at most 20 years either way; with its own error and all that is done to "
      + "it at a time no more than that."),
  Key(
    "spec.faults[].latency", "Distribution", default: "",
    "How much longer each way takes, at most 24h."),
  Key(
    "spec.faults[].loss", "integer", in: 1...100, unit: "of 100 packets", default: "",
    "How many are lost."),
  Key(
    "spec.faults[].drift", "number with unit", unit: "ppm or ppb", default: "",
    "How much the clock gains from then on, in addition; in sum no more than 100000ppm."),
]
