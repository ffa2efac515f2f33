import SimulationKernel

/// What kubeadm's configuration says about the control plane.
struct ClusterSettings {
  /// From `controlPlaneEndpoint`.
  var url: Located<String>?
  /// From `localAPIEndpoint`, which yields to it.
  var localURL: Located<String>?
  var certificateValidity: Located<Duration>?
  var authorityValidity: Located<Duration>?
  var apiServer = ExtraArguments(component: "kube-apiserver")
  var controllerManager = ExtraArguments(component: "kube-controller-manager")
}

/// `extraArgs` of one component.
struct ExtraArguments {
  let component: String
  private var values: [String: YAMLValue] = [:]
  /// Where each name is written.
  private var places: [String: Place] = [:]
  /// The flags that have a reader here.
  private var known: Set<String> = []

  init(component: String) { self.component = component }

  /// Takes over `extraArgs` as v1beta3 writes them, a mapping, or as v1beta4 does, a list.
  mutating func add(_ section: YAMLValue?, _ object: KubernetesObject) {
    guard let arguments = section?["extraArgs"] else { return }
    if let entries = arguments.entries {
      for entry in entries { add(Located(entry.key, at: entry.keyPlace), entry.value, object) }
      return
    }
    for element in object.list("extraArgs", in: section ?? arguments) {
      guard let name = object.string("name", in: element), let place = element["name"]?.place else {
        object.reading.fail(
          element.place, "an extraArg without name", cure: "give `name` and `value`")
        continue
      }
      let empty = YAMLValue(content: .scalar("", isText: true), place: element.place)
      add(Located(name, at: place), element["value"] ?? empty, object)
    }
  }

  private mutating func add(
    _ flag: Located<String>, _ value: YAMLValue, _ object: KubernetesObject
  ) {
    let name = flag.value.hasPrefix("--") ? String(flag.value.dropFirst(2)) : flag.value
    // kubeadm hands both to the process, which takes null for an empty text.
    let text = value.text ?? ""
    if let other = values[name], other.text ?? "" != text {
      object.reading.conflict(
        "\(component) --\(name)", Located("“\(text)”", at: value.place),
        Located("“\(other.text ?? "")”", at: other.place))
    }
    values[name] = value
    places[name] = flag.place
  }

  /// The value of a flag, whose reader is here: no note is made about it.
  mutating func take(_ name: String) -> YAMLValue? {
    known.insert(name)
    return values.removeValue(forKey: name)
  }

  mutating func text(_ name: String) -> Located<String>? {
    take(name).map { Located($0.text ?? "", at: $0.place) }
  }

  /// A flag that Go's `time.ParseDuration` reads, to which a day is no unit.
  mutating func duration(_ name: String, _ reading: Reading) -> YAMLValue? {
    guard let value = take(name) else { return nil }
    guard value.text?.contains("d") == true else { return value }
    reading.fail(
      value.place,
      "--\(name) is “\((value.text ?? "").prefix(60))”, so \(component) would not start",
      cure: "Go knows no days: write hours, such as 720h")
    return nil
  }

  /// A flag that Go's `strconv.ParseBool` reads.
  mutating func bool(_ name: String, _ reading: Reading) -> Located<Bool>? {
    guard let value = text(name) else { return nil }
    switch value.value {
    case "1", "t", "T", "true", "TRUE", "True": return Located(true, at: value.place)
    case "0", "f", "F", "false", "FALSE", "False": return Located(false, at: value.place)
    default:
      reading.fail(
        value.place, "--\(name) is “\(value.value.prefix(60))”, so \(component) would not start",
        cure: "write \"true\" or \"false\"")
      return nil
    }
  }

  /// Names every flag that nobody took and that may matter, or is a slip.
  func noteTheRest(_ reading: Reading) {
    let known = known.sorted()
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      if let meant = NearestKey.nearMiss(name, of: known) {
        reading.note(
          places[name] ?? value.place,
          "\(component) --\(name) is unknown; did you mean `\(meant)`?")
        continue
      }
      guard !Self.isHarmless(name) else { continue }
      let effect = Self.effects[name].map { ": \($0)" } ?? ""
      reading.note(value.place, "\(component) --\(name) is not modelled\(effect)")
    }
  }

  /// Flags that change nothing of bootstrapping.
  static func isHarmless(_ name: String) -> Bool {
    let prefixes = ["audit-", "log", "etcd-", "service-", "tracing-", "cloud-", "bind-", "port-"]
    let names = [
      "v", "vmodule", "profiling", "cluster-name", "cluster-cidr", "allocate-node-cidrs",
      "node-cidr-mask-size", "allow-privileged", "secure-port", "advertise-address",
      "runtime-config",
      "kubelet-preferred-address-types", "default-not-ready-toleration-seconds",
      "default-unreachable-toleration-seconds", "terminated-pod-gc-threshold",
    ]
    return names.contains(name) || prefixes.contains { name.hasPrefix($0) }
  }

  private static let effects = [
    "authentication-token-webhook-config-file": "no webhook accepts tokens",
    "authentication-config": "only certificates, bootstrap tokens and anonymous requests are known",
    "authorization-config": "the modes are those of --authorization-mode",
    "authorization-webhook-config-file": "no webhook authorizes",
    "token-auth-file": "its tokens are unknown",
    "request-timeout": "60 s is used",
    "goaway-chance": "no connection is closed",
    "client-ca-file": "see spec.apiServer.trustsSigningCA",
    "feature-gates": "every gate has its default",
    "min-resync-period": "12 h is used",
    "root-ca-file": "no Pods run",
  ]
}
