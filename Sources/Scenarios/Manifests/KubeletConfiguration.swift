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
    let bool = { (key: String) in value[key].flatMap { reading.bool($0, key) } }
    rotateCertificates = bool("rotateCertificates")
    serverTLSBootstrap = bool("serverTLSBootstrap")
    registerNode = bool("registerNode")
    // Zero means the default.
    let frequency = { (key: String) in
      value[key].flatMap { reading.duration($0, key) }.flatMap { $0.value == .zero ? nil : $0 }
    }
    nodeStatusUpdateFrequency = frequency("nodeStatusUpdateFrequency")
    nodeStatusReportFrequency = frequency("nodeStatusReportFrequency")
    noteWhatIsNotModelled(value, reading)
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
