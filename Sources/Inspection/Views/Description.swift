import Scenarios
import SimulationKernel
import TLSBootstrap

/// One object as `kubectl describe` prints it, as far as the model has it.
///
/// Source: k8s.io/kubectl `pkg/describe/describe.go`.
struct Description {
  private let snapshot: ClusterSnapshot
  private let object: ClusterObject
  private let relatives: Relatives
  private let showsEvents: Bool
  private var document: KubernetesDocument { object.document }

  init(
    _ snapshot: ClusterSnapshot, _ object: ClusterObject, _ relatives: Relatives,
    showsEvents: Bool
  ) {
    self.snapshot = snapshot
    self.object = object
    self.relatives = relatives
    self.showsEvents = showsEvents
  }

  /// What the descriptions of nodes show of other objects, found once for all of them.
  final class Relatives {
    private let snapshot: ClusterSnapshot

    init(_ snapshot: ClusterSnapshot) { self.snapshot = snapshot }

    /// By the names of their nodes.
    fileprivate lazy var leases = Dictionary(
      snapshot.objects(.leases).filter { $0.namespace == "kube-node-lease" }
        .map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    /// Places of the CSRs that are there, by their names.
    fileprivate lazy var requests = Dictionary(
      (0..<snapshot.world.requestCount).filter { !snapshot.world.isDeleted(request: $0) }
        .map { (snapshot.world.request(at: $0).name, $0) }, uniquingKeysWith: { first, _ in first })
    /// By what they are about, such as `node/NAME`.
    fileprivate lazy var events = Dictionary(grouping: snapshot.objects(.events)) { $0.cells[3] }
  }

  var text: String {
    let lines =
      switch object.resource {
      case .requests: request
      case .nodes: node
      case .secrets: secret
      case .leases, .events: anything
      }
    return Self.aligned(lines)
  }

  /// The writer is flushed before tables of events, and before each line that says so.
  private static func aligned(_ lines: [String]) -> String {
    lines.split(separator: flush, omittingEmptySubsequences: false)
      .map { TextTable.description.text(Array($0)) }.filter { !$0.isEmpty }
      .joined(separator: "\n")
  }

  private static let flush = "\u{0}"
}

// MARK: CertificateSigningRequests

extension Description {
  private var request: [String] {
    let spec = document["spec"]
    let requested = spec?["expirationSeconds"].map { _ in
      "Requested Duration:\t\(object.cells[4])"
    }
    let subject = relatives.requests[object.name].flatMap {
      snapshot.world.shape(ofRequest: $0).request
    }
    return [
      "Name:\t\(object.name)", "Labels:\t<none>", "Annotations:\t<none>",
      "CreationTimestamp:\t\(date(document["metadata"]?["creationTimestamp"]))",
      "Requesting User:\t\(Self.word(spec?["username"]))",
      "Signer:\t\(Self.word(spec?["signerName"]))",
    ] + [requested].compactMap { $0 }
      + ["Status:\t\(object.cells[5])", "Subject:"]
      + (subject.map(Self.subject) ?? []) + noEvents
  }

  private static func subject(_ subject: CertificateRequest) -> [String] {
    let names =
      list("DNS Names", subject.dnsNames) + list("Email Addresses", subject.emailAddresses)
      + list("URIs", subject.uris) + list("IP Addresses", subject.ipAddresses)
    return ["\tCommon Name:\t\(subject.commonName)", "\tSerial Number:\t"]
      + list("Organization", subject.organizations)
      + list("Organizational Unit", subject.organizationalUnits)
      + (names.isEmpty ? [] : ["Subject Alternative Names:"] + names)
  }

  private static func list(_ name: String, _ values: [String]) -> [String] {
    values.enumerated().map { $0 == 0 ? "\t\(name):\t\($1)" : "\t\t\($1)" }
  }
}

// MARK: Secrets

extension Description {
  private var secret: [String] {
    var sizes: [(String, Int)] = []
    if case .object(let data) = document["data"] {
      sizes = data.sorted { $0.key < $1.key }.map { ($0.key, Self.size(Self.word($0.value))) }
    }
    return [
      "Name:\t\(object.name)", "Namespace:\t\(object.namespace ?? "")", "Labels:\t<none>",
      "Annotations:\t<none>", "", "Type:\t\(Self.word(document["type"]))", "", "Data", "====",
    ] + sizes.map { "\($0):\t\($1) bytes" }
  }

  /// Of what base64 stands for.
  private static func size(_ base64: String) -> Int {
    base64.count / 4 * 3 - base64.suffix(2).count { $0 == "=" }
  }
}

// MARK: Nodes

extension Description {
  private var node: [String] {
    let labels = Self.pairs(document["metadata"]?["labels"]).map { "\($0)=\($1)" }
    let annotations = Self.pairs(document["metadata"]?["annotations"]).map { "\($0): \($1)" }
    let none = ["<none>"]
    return [
      "Name:\t\(object.name)", "Roles:\t\(object.cells[2])",
    ] + Self.rows("Labels", labels.isEmpty ? none : labels)
      + Self.rows("Annotations", annotations.isEmpty ? none : annotations)
      + ["CreationTimestamp:\t\(date(document["metadata"]?["creationTimestamp"]))"]
      + Self.rows("Taints", taints.isEmpty ? none : taints)
      + ["Unschedulable:\t\(document["spec"]?["unschedulable"] == .boolean(true))"] + lease
      + conditions + addresses + systemInfo + Self.pods + events
  }

  private static func rows(_ name: String, _ values: [String]) -> [String] {
    values.enumerated().map { $0 == 0 ? "\(name):\t\($1)" : "\t\($1)" }
  }

  private var taints: [String] {
    Self.items(document["spec"]?["taints"]).map {
      "\(Self.word($0["key"])):\(Self.word($0["effect"]))"
    }
  }

  private var lease: [String] {
    guard let spec = relatives.leases[object.name]?.document["spec"] else {
      return [
        "Lease:\tFailed to get lease: leases.coordination.k8s.io \"\(object.name)\" not found"
      ]
    }
    return [
      "Lease:", "  HolderIdentity:\t\(Self.word(spec["holderIdentity"]))",
      "  AcquireTime:\t<unset>", "  RenewTime:\t\(date(spec["renewTime"]))",
    ]
  }

  private var conditions: [String] {
    let rows = Self.items(document["status"]?["conditions"]).map { condition in
      "  "
        + [
          Self.word(condition["type"]), Self.word(condition["status"]),
          date(condition["lastHeartbeatTime"]), date(condition["lastTransitionTime"]),
          Self.word(condition["reason"]), Self.word(condition["message"]),
        ].joined(separator: " \t")
    }
    return [
      "Conditions:", "  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage",
      "  ----\t------\t-----------------\t------------------\t------\t-------",
    ] + rows
  }

  private var addresses: [String] {
    ["Addresses:"]
      + Self.items(document["status"]?["addresses"]).map {
        "  \(Self.word($0["type"])):\t\(Self.word($0["address"]))"
      }
  }

  private var systemInfo: [String] {
    let info = document["status"]?["nodeInfo"]
    let rows = [
      ("Machine ID", "machineID"), ("System UUID", "systemUUID"), ("Boot ID", "bootID"),
      ("Kernel Version", "kernelVersion"), ("OS Image", "osImage"),
      ("Operating System", "operatingSystem"), ("Architecture", "architecture"),
      ("Container Runtime Version", "containerRuntimeVersion"),
      ("Kubelet Version", "kubeletVersion"),
    ]
    return ["System Info:"] + rows.map { "  \($0):\t\(Self.word(info?[$1]))" }
  }

  /// The model has none.
  private static let pods = [
    "Non-terminated Pods:\t(0 in total)",
    "  Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge",
    "  ---------\t----\t\t------------\t----------\t---------------\t-------------\t---",
    "Allocated resources:", "  (Total limits may be over 100 percent, i.e., overcommitted.)",
    "  Resource\tRequests\tLimits", "  --------\t--------\t------",
    "  cpu\t0 (0%)\t0 (0%)", "  memory\t0 (0%)\t0 (0%)",
    "  ephemeral-storage\t0 (0%)\t0 (0%)",
  ]

  /// Of what the model has none about.
  private var noEvents: [String] { showsEvents ? ["Events:\t<none>"] : [] }

  private var events: [String] {
    guard showsEvents else { return [] }
    let events = Self.inOrder(
      relatives.events["node/\(object.name)"] ?? [], uid: document["metadata"]?["uid"])
    if events.isEmpty { return noEvents }
    return [
      Self.flush, "Events:", "  Type\tReason\tAge\tFrom\tMessage",
      "  ----\t------\t----\t----\t-------",
    ]
      + events.map { event in
        let cells = event.cells
        return "  \(cells[1])\t\(cells[2])\t\(cells[0])\t"
          + "\(Self.word(event.document["source"]?["component"]))\t\(cells[4])"
      }
  }
}

extension Description {
  /// By their latest times; of one second first those of the Node's own UID, which kubectl lists before those
  /// of the kubelet, whose UID is the name.
  private static func inOrder(
    _ events: [ClusterObject], uid: KubernetesDocument?
  ) -> [ClusterObject] {
    let own = events.filter { $0.document["involvedObject"]?["uid"] == uid }
    let listed = own + events.filter { $0.document["involvedObject"]?["uid"] != uid }
    return listed.enumerated().sorted { first, second in
      let times = [first, second].map { word($0.element.document["lastTimestamp"]) }
      return times[0] == times[1] ? first.offset < second.offset : times[0] < times[1]
    }.map(\.element)
  }
}

// MARK: Anything else

extension Description {
  /// The generic form: the keys as words, in the order of the keys.
  private var anything: [String] {
    let head = [
      "Name:\t\(object.name)", "Namespace:\t\(object.namespace ?? "")", "Labels:\t<none>",
      "Annotations:\t<none>",
    ]
    guard case .object(var fields) = document, case .object(var meta) = fields["metadata"] else {
      return head
    }
    for key in ["name", "namespace", "labels", "annotations"] { meta[key] = nil }
    fields["metadata"] = .object(meta)
    return head + Self.content(.object(fields), level: 0) + noEvents
  }

  private static func content(_ value: KubernetesDocument, level: Int) -> [String] {
    let indent = String(repeating: "  ", count: level)
    return pairs(of: value).flatMap { key, value in
      let label = "\(indent)\(words(key)):"
      switch value {
      case .object: return [label] + content(value, level: level + 1)
      case .list(let items): return [label] + items.flatMap { content($0, level: level + 1) }
      default: return ["\(label)\t\(word(value))"]
      }
    }
  }

  /// `leaseDurationSeconds` as `Lease Duration Seconds`, `apiVersion` as `API Version`.
  ///
  /// Source: k8s.io/kubectl `smartLabelFor`.
  private static func words(_ key: String) -> String {
    var words: [String] = []
    for character in key {
      if character.isUppercase || words.isEmpty { words.append("") }
      words[words.count - 1].append(character)
    }
    let acronyms = ["API", "URL", "UID", "OSB", "GUID"]
    return words.map { word in
      let upper = word.uppercased()
      return acronyms.contains(upper) ? upper : "\(upper.prefix(1))\(word.dropFirst())"
    }.joined(separator: " ")
  }

  private static func pairs(of value: KubernetesDocument) -> [(
    key: String, value: KubernetesDocument
  )] {
    guard case .object(let fields) = value else { return [] }
    return fields.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
  }

  private static func pairs(_ value: KubernetesDocument?) -> [(String, String)] {
    pairs(of: value ?? .object([:])).map { ($0.key, word($0.value)) }
  }

  private static func items(_ value: KubernetesDocument?) -> [KubernetesDocument] {
    if case .list(let items) = value { items } else { [] }
  }

  private static func word(_ value: KubernetesDocument?) -> String {
    switch value {
    case .string(let text): text
    case .integer(let number): "\(number)"
    case .boolean(let flag): "\(flag)"
    case .null: "<nil>"
    case .list, .object, nil: ""
    }
  }

  private func date(_ value: KubernetesDocument?) -> String {
    Self.longDate(Self.word(value))
  }

  /// From RFC 3339 to RFC 1123.
  private static func longDate(_ text: String) -> String {
    guard case .at(let time) = Timestamp.parse(text) else { return text }
    return GoText.longDate(time)
  }
}
