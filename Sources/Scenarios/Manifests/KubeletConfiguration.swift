import SimulationKernel
import TLSBootstrap

/// kubelet.config.k8s.io KubeletConfiguration: what it sets, each with its place.
struct KubeletConfiguration {
  let place: Place
  var rotateCertificates: Located<Bool>?
  var serverTLSBootstrap: Located<Bool>?
  var registerNode: Located<Bool>?
  var nodeStatusUpdateFrequency: Located<Duration>?
  var nodeStatusReportFrequency: Located<Duration>?

  init(_ object: KubernetesObject) {
    place = object.place
    let value = object.value
    let reading = object.reading
    let bool = { (key: String) in value[key].flatMap { Self.bool($0, key, reading) } }
    rotateCertificates = bool("rotateCertificates")
    serverTLSBootstrap = bool("serverTLSBootstrap")
    registerNode = bool("registerNode")
    // Zero means the default.
    let frequency = { (key: String) in
      value[key].flatMap { Self.duration($0, key, reading) }
        .flatMap { $0.value == .zero ? nil : $0 }
    }
    nodeStatusUpdateFrequency = frequency("nodeStatusUpdateFrequency")
    nodeStatusReportFrequency = frequency("nodeStatusReportFrequency")
    noteWhatIsNotModelled(value, reading)
  }

  /// A string is no boolean.
  private static func bool(
    _ field: YAMLValue, _ key: String, _ reading: Reading
  ) -> Located<Bool>? {
    if let boolean = field.boolean { return Located(boolean, at: field.place) }
    let isString = field.text != nil && !field.isPlainNonString
    let what = (isString ? "the string " : "") + field.kindName
    reading.fail(
      field.place, "`\(key)` is \(what): no kubelet can load it",
      cure: "write `true` or `false`, without quotes")
    return nil
  }

  /// A number is no duration, and neither is what has days.
  ///
  /// Source: apimachinery pkg/apis/meta/v1/duration.go, `UnmarshalJSON`; Go `time.ParseDuration`.
  private static func duration(
    _ field: YAMLValue, _ key: String, _ reading: Reading
  ) -> Located<Duration>? {
    if let text = field.text, !field.isPlainNonString, !text.contains("d") {
      return reading.duration(field, key)
    }
    let hasDays = field.text?.contains("d") == true
    let cure = hasDays ? "hours, minutes and seconds" : "a string such as `10s`"
    reading.fail(
      field.place, "`\(key)` is \(field.kindName): no kubelet can load it", cure: "write \(cure)")
    return nil
  }

  private func noteWhatIsNotModelled(_ value: YAMLValue, _ reading: Reading) {
    for (key, effect) in Self.notModelled {
      guard let field = value[key], field.elements?.isEmpty != true,
        field.entries?.isEmpty != true
      else { continue }
      reading.note(field.place, "KubeletConfiguration.\(key) is not modelled: \(effect)")
    }
    for (key, played, effect) in Self.fixed {
      guard let field = value[key], let text = field.text, !played.contains(text) else { continue }
      reading.note(field.place, "KubeletConfiguration.\(key) is not modelled: \(effect)")
    }
  }

  /// Fields of which only one value is played, how it is written, and what that comes to.
  private static let fixed = [
    ("nodeLeaseDurationSeconds", ["40", "0"], "40 is used"),
    ("kubeAPIQPS", ["50"], "the kubelet's main client has no limit"),
    ("kubeAPIBurst", ["100"], "the kubelet's main client has no limit"),
  ]

  private static let notModelled = [
    ("featureGates", "every gate has its default"),
    ("tlsCertFile", "a kubelet with its own serving certificate requests none"),
    ("tlsPrivateKeyFile", "a kubelet with its own serving certificate requests none"),
    ("providerID", "the Node has none"),
    ("registerWithTaints", "the Node has none"),
    ("staticPodURL", "no static Pods run"),
    ("shutdownGracePeriod", "kubelets stop at once"),
  ]
}
